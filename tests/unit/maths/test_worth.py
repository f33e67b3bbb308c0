import numpy as np
import pytest

from hyperopt_core.maths.acquisition import confidence_bound
from hyperopt_core.maths.embedding import Embedding
from hyperopt_core.maths.gp import Hyperparameters, Posterior
from hyperopt_core.maths.worth import BeliefWorth, InsideWorth, ModelWorth, Sum, Worth

BELIEF = BeliefWorth(lambda U: -np.nansum((U - 0.3) ** 2, axis=1), 2.0, np.array([0, 2]))
INSIDE = InsideWorth(np.array([0.1, 0.0, 0.02]), np.array([0.9, 1.0, 0.9]), unit=0.1, weight=0.7)
THETA = Hyperparameters(np.array([0.4, 1.0, 0.7]), signal=1.0, noise=0.01)
POINTS = np.random.default_rng(1).random((9, 3))
MODEL = ModelWorth(Posterior(Embedding([0, 2, 0]), THETA, POINTS, np.sin(9 * POINTS[:, 0])), confidence_bound(1.0))


@pytest.mark.parametrize("worth", [BELIEF, MODEL, INSIDE, Sum([BELIEF, MODEL, INSIDE])])
def test_gradients(worth: Worth) -> None:
    U = np.random.default_rng(0).random((20, 3))
    U[0, 0], U[1, 2] = np.nan, np.nan
    value, gradient = worth.value_and_gradient(U)
    np.testing.assert_allclose(value, worth.value(U))
    for column in (0, 2):
        step = 1e-6 * (np.arange(3) == column)
        rise = (worth.value(U + step) - worth.value(U - step)) / 2e-6
        np.testing.assert_allclose(gradient[:, column], np.nan_to_num(rise), atol=1e-3)
    assert (gradient[:, 1] == 0).all()
    assert (gradient[np.isnan(U)] == 0).all()


def test_a_sum_is_a_sum() -> None:
    U = np.random.default_rng(2).random((5, 3))
    np.testing.assert_allclose(Sum([BELIEF, MODEL]).value(U), BELIEF.value(U) + MODEL.value(U))


def test_the_box_costs_nothing_and_its_outside_grows_with_the_square() -> None:
    U = np.array([[0.5, 0.0, 0.02], [0.0, 0.5, 0.5], [1.0, 0.5, 0.95], [np.nan, 1.0, 0.5]])
    np.testing.assert_allclose(INSIDE.value(U), [0.0, -0.7, -0.7 * 1.25, 0.0])
