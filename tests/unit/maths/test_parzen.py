import numpy as np
import pytest

from hyperopt_core.maths.parzen import Parzen

WIDTH = np.array([0.1, 0.02, np.inf])
CATEGORIES = np.array([0, 0, 3])
POINTS = np.array([[0.0, 0.5, 1 / 6], [0.98, np.nan, 0.5], [0.3, 0.99, np.nan]])


def density(points: np.ndarray = POINTS, prior: float = 0.25) -> Parzen:
    return Parzen(points, CATEGORIES, WIDTH, prior)


def test_it_is_a_density_relative_to_the_uniform_one() -> None:
    """The mean over the cube is 1, also with kernels at its faces and with inactive columns."""
    middle = (np.arange(400) + 0.5) / 400
    x, y, c = np.meshgrid(middle[::4], middle, (np.arange(3) + 0.5) / 3, indexing="ij")
    U = np.stack([x.ravel(), y.ravel(), c.ravel()], axis=1)
    assert np.exp(density().log_density(U, np.zeros(len(U)))).mean() == pytest.approx(1.0, abs=2e-3)


def test_draws_have_that_density() -> None:
    rng = np.random.default_rng(0)
    uniform, drawn = rng.random((40_000, 3)), density().sample(rng.random((40_000, 3)), rng)
    assert drawn.min() >= 0
    assert drawn.max() <= 1
    weight = np.exp(density().log_density(uniform, np.zeros(len(uniform))))
    weight /= weight.sum()
    edges = np.linspace(0, 1, 4)  # a bin a category
    for column in range(3):
        expected = np.histogram(uniform[:, column], edges, weights=weight)[0]
        found = np.histogram(drawn[:, column], edges)[0] / len(drawn)
        np.testing.assert_allclose(found, expected, atol=0.015)


def test_columns_count_together() -> None:
    U = np.array([[0.0, 0.5, 1 / 6], [0.98, 0.5, 1 / 6]])  # the second mixes two points that are known
    together, mixed = density(POINTS[:2]).log_density(U, np.zeros(2))
    assert together > mixed + 1


def test_an_inactive_column_counts_as_uniform() -> None:
    one = Parzen(np.array([[0.4, np.nan]]), np.array([0, 0]), np.array([0.1, 0.1]), 0.5)
    U = np.array([[0.4, 0.1], [0.4, 0.9], [0.4, np.nan]])
    values = one.log_density(U, np.zeros(3))
    assert values == pytest.approx(values[0])


def test_without_points_the_prior_is_left() -> None:
    prior = np.array([0.3, -2.0])
    np.testing.assert_allclose(density(POINTS[:0]).log_density(POINTS[:2], prior), prior)


def test_a_draw_of_the_prior_that_is_inactive_gets_a_place() -> None:
    drawn = density(POINTS[:0]).sample(np.array([[0.2, np.nan, 0.5]]), np.random.default_rng(0))
    assert drawn[0, 0] == 0.2
    assert 0 <= drawn[0, 1] <= 1


def test_densities_stay_finite_far_from_all_points() -> None:
    one = Parzen(np.array([[0.0, 0.0]]), np.array([0, 0]), np.array([1e-4, 1e-4]), 0.5)
    assert np.isfinite(one.log_density(np.array([[1.0, 1.0]]), np.array([-1e4]))).all()
