import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperopt_core.maths.transform import normalise, yeo_johnson


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=40))
def test_any_finite_values_keep_their_order_without_a_warning(values: list[float]) -> None:
    y = np.array(values)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        t = normalise(y)
    assert t.shape == y.shape
    assert np.isfinite(t).all()
    assert (np.diff(t[np.argsort(y, kind="stable")]) >= -1e-9).all()


@pytest.mark.parametrize("n", [3, 30])
def test_one_diverged_trial_does_not_flatten_the_others(n: int) -> None:
    y = np.append(np.linspace(0.1, 0.2, n), 1e300)
    t = normalise(y)
    assert np.ptp(t[:-1]) > 0.3 * np.ptp(t)


def test_other_basins_stay_visible_when_most_values_have_gathered_in_one() -> None:
    first = np.linspace(0.2, 1.0, 15)
    y = np.concatenate((first, np.full(60, 0.15) + 1e-4 * np.arange(60)))
    t = normalise(y)
    assert (np.diff(t[:15]) > 0).all()
    assert np.ptp(t[:15]) > 0.1 * np.ptp(t)


def test_a_skewed_sample_comes_out_nearly_symmetric() -> None:
    y = np.exp(2.0 * np.random.default_rng(0).standard_normal(200))
    t = normalise(y)
    assert abs(t.mean()) < 1e-9
    assert abs(t.std() - 1.0) < 1e-9
    assert abs(np.mean(t**3)) < 0.5 < 2.0 < np.mean(((y - y.mean()) / y.std()) ** 3)


def test_ties_stay_ties_and_a_constant_carries_no_information() -> None:
    assert normalise(np.full(9, 0.7)).tolist() == [0.0] * 9
    t = normalise(np.array([0.5, 0.5, 0.9, 0.9, 0.9, 0.7, 0.7, 0.5, 0.9]))
    assert np.unique(t).size == 3


@pytest.mark.parametrize("power", [-2.0, 0.0, 0.7, 1.0, 2.0])
def test_yeo_johnson_is_smooth_at_zero_and_rises(power: float) -> None:
    t = np.linspace(-3, 3, 301)
    slope = np.gradient(yeo_johnson(t, power), t)
    assert (slope > 0).all()
    assert slope[150] == pytest.approx(1.0, abs=0.05)
