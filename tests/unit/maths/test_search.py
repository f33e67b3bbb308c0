import numpy as np

from hyperopt_core.maths.search import maximise

LEVELS = np.array([2, 0, 40])


def snap(U: np.ndarray) -> np.ndarray:
    """Two categories, a number that only the second one has, and an integer of 40 levels."""
    U = np.where(np.isnan(U), 0.5, U)
    U[:, 0] = np.where(U[:, 0] < 0.5, 0.25, 0.75)
    U[:, 2] = (np.clip(np.floor(U[:, 2] * 40), 0, 39) + 0.5) / 40
    U[U[:, 0] < 0.5, 1] = np.nan
    return U


class Hill:
    """Best in the second category at (.75, .37, 30.5 / 40)."""

    def value(self, U: np.ndarray) -> np.ndarray:
        return self.value_and_gradient(U)[0]

    def value_and_gradient(self, U: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        off = U[:, 1:] - [0.37, 30.5 / 40]
        second = U[:, 0] > 0.5
        off[:, 0] = np.where(second, off[:, 0], 0.4)
        gradient = np.zeros(U.shape)
        gradient[:, 1:] = -2.0 * off
        gradient[~second, 1] = 0.0
        return -(off**2).sum(axis=1), gradient


def test_categories_conditions_and_integers_are_searched_together() -> None:
    rng = np.random.default_rng(0)
    candidates = snap(rng.random((30, 3)))
    points, values = maximise(Hill(), candidates, LEVELS, snap, rng)
    np.testing.assert_allclose(points[0], [0.75, 0.37, 30.5 / 40], atol=5e-3)
    assert (np.diff(values) <= 0).all()
    np.testing.assert_array_equal(points, snap(points))


def test_another_category_is_tried_though_every_candidate_has_the_first() -> None:
    rng = np.random.default_rng(1)
    candidates = snap(rng.random((20, 3)) * [0.4, 1, 1])
    points, _ = maximise(Hill(), candidates, LEVELS, snap, rng)
    np.testing.assert_allclose(points[0], [0.75, 0.37, 30.5 / 40], atol=5e-3)
