import numpy as np
import pytest

from hyperopt_core.maths.acquisition import (
    Acquisition,
    confidence_bound,
    log_expected_improvement,
    log_improvement,
    log_probability_above,
)

CASES = [
    (log_expected_improvement(np.array([-0.5, 0.2])), 2),
    (log_expected_improvement(np.array([-0.5, 0.2]), noise=0.1), 2),
    (confidence_bound(1.8), 2),
    (log_probability_above(0.3), 1),
]


def test_log_expected_improvement_agrees_with_sampling() -> None:
    mean, deviation = np.array([[0.3, -0.2, 1.0]]), np.array([0.5, 0.1, 0.8])
    draws = mean + deviation * np.random.default_rng(0).standard_normal((200_000, 3))
    expected = np.log(np.maximum(-0.1 - draws, 0.0).mean(axis=0))
    value, _, _ = log_expected_improvement(np.array([-0.1]))(mean, deviation)
    np.testing.assert_allclose(value, expected, atol=0.02)


def test_futures_are_averaged_before_the_logarithm() -> None:
    goal, deviation = np.array([0.0, -1.0]), np.array([0.7])
    both, _, _ = log_expected_improvement(goal)(np.array([[0.1], [0.4]]), deviation)
    first, _, _ = log_expected_improvement(goal[:1])(np.array([[0.1]]), deviation)
    second, _, _ = log_expected_improvement(goal[1:])(np.array([[0.4]]), deviation)
    np.testing.assert_allclose(np.exp(both), (np.exp(first) + np.exp(second)) / 2)


def test_the_tail_neither_underflows_nor_jumps() -> None:
    z = -np.logspace(-2, 8, 400)
    value, slope = log_improvement(z)
    assert np.isfinite(value).all()
    assert (np.diff(value) < 0).all()
    # Far out ln h(z) = -z^2 / 2 - ln(sqrt(2 pi) z^2), so the slope tends to -z.
    np.testing.assert_allclose(slope[z < -50], -z[z < -50], rtol=2e-3)
    for edge in (-1.0, -1e3):
        left, right = log_improvement(np.array([edge - 1e-9, edge + 1e-9]))[0]
        assert left == pytest.approx(right, abs=1e-4)


def test_noise_makes_what_is_known_well_worth_less() -> None:
    mean, deviation = np.zeros((1, 2)), np.array([0.01, 1.0])
    plain, _, _ = log_expected_improvement(np.array([0.1]))(mean, deviation)
    augmented, _, _ = log_expected_improvement(np.array([0.1]), noise=0.04)(mean, deviation)
    np.testing.assert_allclose(augmented - plain, np.log(1 - 0.2 / np.sqrt(0.04 + deviation**2)), atol=1e-9)


@pytest.mark.parametrize(("acquisition", "futures"), CASES)
def test_derivatives(acquisition: Acquisition, futures: int) -> None:
    rng = np.random.default_rng(1)
    mean, deviation = rng.standard_normal((futures, 5)), rng.uniform(0.05, 1.0, 5)
    _, by_mean, by_deviation = acquisition(mean, deviation)
    h = 1e-6
    for future in range(futures):
        step = h * (np.arange(futures) == future)[:, None]
        up, down = acquisition(mean + step, deviation)[0], acquisition(mean - step, deviation)[0]
        np.testing.assert_allclose((up - down) / (2 * h), by_mean[future], rtol=1e-4, atol=1e-6)
    up, down = acquisition(mean, deviation + h)[0], acquisition(mean, deviation - h)[0]
    np.testing.assert_allclose((up - down) / (2 * h), by_deviation, rtol=1e-4, atol=1e-6)


def test_the_odds_of_success() -> None:
    value, _, _ = log_probability_above(0.5)(np.array([[0.5, 9.0, -60.0]]), np.ones(3))
    np.testing.assert_allclose(value[:2], np.log([0.5, 1.0]), atol=1e-9)
    assert -2000 < value[2] < -1500
