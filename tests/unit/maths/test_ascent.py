import numpy as np

from hyperopt_core.maths.ascent import ascend

CENTRE = np.array([0.3, 0.8, 1.4])  # the last one lies outside: the best is at the bound
WEIGHT = np.array([1.0, 30.0, 5.0])


def hill(X: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    off = X - CENTRE
    return -(WEIGHT * off**2).sum(axis=1), -2.0 * WEIGHT * off


def test_all_starts_reach_the_top_inside_the_box() -> None:
    X, values = ascend(hill, np.random.default_rng(0).random((20, 3)), np.ones((20, 3), dtype=bool), gain=1e-12)
    np.testing.assert_allclose(X, np.tile([0.3, 0.8, 1.0], (20, 1)), atol=1e-4)
    np.testing.assert_allclose(values, -5.0 * 0.4**2, atol=1e-6)


def test_columns_that_are_not_free_stay() -> None:
    start = np.random.default_rng(0).random((5, 3))
    free = np.array([True, False, True]) & np.ones((5, 1), dtype=bool)
    X, _ = ascend(hill, start, free, gain=1e-12)
    np.testing.assert_array_equal(X[:, 1], start[:, 1])
    np.testing.assert_allclose(X[:, 0], 0.3, atol=1e-4)


def test_a_curved_ridge_is_followed() -> None:
    def banana(X: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x, y = X[:, 0], X[:, 1]
        value = -((0.7 - x) ** 2) - 20.0 * (y - x**2) ** 2
        return value, np.column_stack((2 * (0.7 - x) + 80.0 * x * (y - x**2), -40.0 * (y - x**2)))

    X, _ = ascend(banana, np.array([[0.1, 0.9], [0.9, 0.1]]), np.ones((2, 2), dtype=bool), iterations=60, gain=1e-12)
    np.testing.assert_allclose(X, np.tile([0.7, 0.49], (2, 1)), atol=1e-2)


def test_values_that_are_not_finite_do_not_spread() -> None:
    def broken(X: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        value, gradient = hill(X, rows)
        return np.where(rows == 0, -np.inf, value), gradient

    start = np.full((2, 3), 0.5)
    X, _ = ascend(broken, start, np.ones((2, 3), dtype=bool), gain=1e-12)
    np.testing.assert_array_equal(X[0], start[0])
    np.testing.assert_allclose(X[1], [0.3, 0.8, 1.0], atol=1e-4)
