"""The model of values at several rungs."""

from __future__ import annotations

import numpy as np
import pytest

from hyperopt_core.maths.cokriging import CoKriging, Scale, learn, log_probability_below
from hyperopt_core.maths.embedding import Embedding
from hyperopt_core.maths.ranks import spearman
from hyperopt_core.maths.worth import ModelWorth

SPACE = Embedding([0, 0])


def data(n: int = 40, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Short trainings see a slope in the first column; long ones, for the best third, a bowl in the second too."""
    rng = np.random.default_rng(seed)
    U = rng.random((n, 2))
    Z = np.column_stack((2 * U[:, 0] - 1, 2 * U[:, 0] - 1 + 8 * (U[:, 1] - 0.3) ** 2))
    Z[np.argsort(Z[:, 0])[n // 3 :], 1] = np.nan
    return U, Z


def model(U: np.ndarray, Z: np.ndarray, running: np.ndarray | None = None, order: float = np.nan) -> CoKriging:
    going = np.zeros(len(U), dtype=bool) if running is None else running
    return learn(SPACE, U, Z, going, np.array([order, np.nan]), 8, np.random.default_rng(1))


def test_long_values_are_predicted_from_short_ones_and_a_few_long_ones() -> None:
    U, Z = data()
    grid = np.random.default_rng(2).random((200, 2)) * [0.35, 1.0]
    truth = 2 * grid[:, 0] - 1 + 8 * (grid[:, 1] - 0.3) ** 2
    mean, deviation = model(U, Z).predict(grid)
    assert np.sqrt(np.mean((mean[0] - truth) ** 2)) < 0.3
    assert np.mean(np.abs(mean[0] - truth) < 2 * deviation) > 0.9
    first, _ = model(U, Z).upto(0).predict(grid)
    assert np.abs(first[0] - (2 * grid[:, 0] - 1)).max() < 0.2


def test_where_nobody_trained_far_it_is_not_sure() -> None:
    U, Z = data()
    _, deviation = model(U, Z).predict(np.array([[0.1, 0.3], [0.95, 0.5]]))
    assert deviation[1] > 1.5 * deviation[0]


def test_the_longer_the_order_lasts_the_less_a_rung_may_change() -> None:
    U, Z = data()
    Z[:, 1] = np.where(np.isfinite(Z[:, 1]), Z[:, 0] + 0.01 * Z[:, 1], np.nan)
    far = np.array([[0.95, 0.5]])
    unsure, fair, sure = (model(U, Z, order=order).predict(far)[1][0] for order in (np.nan, 0.6, 1.0))
    assert sure < 0.5 * unsure
    assert 0.7 * unsure < fair < 0.9 * unsure
    assert model(U, Z, order=-1.0).predict(far)[1][0] == unsure


@pytest.mark.parametrize("reached", [0, 1])
def test_outcomes_of_running_trials_are_drawn(reached: int) -> None:
    U, Z = data()
    point = np.array([[0.95, 0.95]])
    both, values = np.concatenate((U, point)), np.concatenate((Z, [[0.9 if reached else np.nan, np.nan]]))
    mean, deviation = model(both, values, np.arange(len(both)) == len(U)).predict(point)
    assert mean.shape == (8, 1)
    assert deviation[0] < 0.8 * model(U, Z).predict(point)[1][0]
    assert np.ptp(mean) > 0


@pytest.mark.parametrize("fantasies", [False, True])
def test_gradients(fantasies: bool) -> None:
    U, Z = data()
    running = (Z[:, 0] > 0.5) & fantasies
    worth = ModelWorth(model(U, Z, running), log_probability_below(-0.4))
    points = np.random.default_rng(3).random((6, 2))
    value, gradient = worth.value_and_gradient(points)
    assert np.allclose(value, worth.value(points))
    for column in range(2):
        step = np.zeros(2)
        step[column] = 1e-5
        slope = (worth.value(points + step) - worth.value(points - step)) / 2e-5
        assert np.allclose(gradient[:, column], slope, rtol=1e-3, atol=1e-4)


def test_probabilities_far_out_stay_finite() -> None:
    value, by_mean, by_deviation = log_probability_below(0.0)(np.array([[1e3], [2e3]]), np.array([1.0]))
    assert np.isfinite([value, by_mean[0], by_mean[1], by_deviation]).all()
    assert value[0] < -1e5


@pytest.mark.parametrize("y", [[1.0] * 5, [1e300, -1e300, 0.0], [0.0], [1e-300, 2e-300, 3e-300]])
def test_a_scale_takes_any_finite_values(y: list[float]) -> None:
    scale = Scale(np.array(y[:2]), np.array(y))
    assert np.isfinite(scale.z).all()
    assert min(y) <= scale.restore(0.0) <= max(y)


def test_a_scale_keeps_the_order_and_can_be_undone() -> None:
    latest, values = np.random.default_rng(0).random((2, 30))
    scale = Scale(latest, values)
    assert (np.argsort(scale.z) == np.argsort(values)).all()
    assert [scale.restore(z) for z in scale.z] == pytest.approx(values)


def test_rank_correlation() -> None:
    assert spearman([1, 2, 3], [3, 2, 1]) == -1.0
    assert spearman([1, 1, 1], [1, 2, 3]) == 0.0
    assert spearman([1, 2, 2, 3], [1, 2, 2, 3]) == 1.0
    assert 0.7 < spearman([1, 2, 3, 4], [1, 3, 2, 4]) < 0.9
