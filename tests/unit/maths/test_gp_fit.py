import numpy as np
import pytest
from scipy.optimize import check_grad

from hyperopt_core.maths.embedding import Embedding
from hyperopt_core.maths.gp_fit import LENGTHSCALES, LogPosterior, Prior, fit


def sample(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    U = np.random.default_rng(seed).random((n, 3))
    U[:, 1] = (np.floor(3 * U[:, 1]) + 0.5) / 3
    U[U[:, 1] > 0.7, 2] = np.nan
    y = np.sin(6 * U[:, 0]) + (U[:, 1] > 0.5)
    return U, (y - y.mean()) / y.std()


@pytest.mark.parametrize("seed", range(3))
def test_the_gradient_is_that_of_the_value(seed: int) -> None:
    U, y = sample(25)
    objective = LogPosterior(Embedding([0, 3, 0]), U, y, Prior())
    theta = np.random.default_rng(seed).normal(-1.0, 0.5, 5)

    def value(theta: np.ndarray) -> float:
        return objective(theta)[0]

    def gradient(theta: np.ndarray) -> np.ndarray:
        return objective(theta)[1]

    error = check_grad(value, gradient, theta)
    assert error < 1e-4 * np.linalg.norm(gradient(theta))


def test_lengthscales_tell_columns_that_matter_from_those_that_do_not() -> None:
    U, y = sample(40)
    theta = fit(Embedding([0, 3, 0]), U, y)
    assert theta.lengthscales[0] < 1.0 < theta.lengthscales[2]
    assert theta.noise < 0.01


def test_noise_is_recognised() -> None:
    U, y = sample(60)
    noisy = y + np.random.default_rng(1).normal(0, 0.5, 60)
    assert fit(Embedding([0, 3, 0]), U, noisy).noise > 10 * fit(Embedding([0, 3, 0]), U, y).noise


@pytest.mark.parametrize("y", [np.zeros(10), np.r_[np.zeros(9), 3.0]])
def test_constant_values_and_equal_points_give_usable_hyperparameters(y: np.ndarray) -> None:
    theta = fit(Embedding([0]), np.full((10, 1), 0.5), y)
    assert np.isfinite([theta.signal, theta.noise]).all()
    assert ((theta.lengthscales >= LENGTHSCALES[0]) & (theta.lengthscales <= LENGTHSCALES[1])).all()
