import numpy as np
import pytest

from hyperopt_core.maths.acquisition import log_expected_improvement
from hyperopt_core.maths.embedding import Embedding
from hyperopt_core.maths.gp import MEAN_VARIANCE, Hyperparameters, Posterior, stable_cholesky

EMBEDDING = Embedding([0, 3, 0])
THETA = Hyperparameters(np.array([0.4, 1.2, 0.7]), signal=0.8, noise=0.01)


def points(n: int, seed: int = 0) -> np.ndarray:
    U = np.random.default_rng(seed).random((n, 3))
    U[:, 1] = (np.floor(3 * U[:, 1]) + 0.5) / 3
    U[U[:, 1] > 0.7, 2] = np.nan
    return U


def covariance(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """The kernel written out, pair by pair."""
    K = np.empty((len(A), len(B)))
    for i, a in enumerate(A):
        for j, b in enumerate(B):
            third = np.nan_to_num(a[2], nan=0.5) - np.nan_to_num(b[2], nan=0.5)
            r2 = ((a[0] - b[0]) / 0.4) ** 2 + (abs(a[1] - b[1]) > 0.1) / 1.2**2 + (third / 0.7) ** 2
            s = np.sqrt(5 * r2)
            K[i, j] = MEAN_VARIANCE + 0.8 * (1 + s + s * s / 3) * np.exp(-s)
    return K


def test_predictions_are_those_of_the_textbook() -> None:
    U, Q = points(12), points(5, seed=1)
    y = np.random.default_rng(2).standard_normal((12, 2))
    posterior = Posterior(EMBEDDING, THETA, U, y)
    inverse = np.linalg.inv(covariance(U, U) + 0.01 * np.eye(12))
    k = covariance(Q, U)
    C = covariance(Q, Q) - k @ inverse @ k.T
    mean, deviation = posterior.predict(Q)
    np.testing.assert_allclose(mean, (k @ inverse @ y).T, atol=1e-9)
    np.testing.assert_allclose(deviation, np.sqrt(np.diag(C)), atol=1e-7)
    mean, factor = posterior.joint(Q)
    np.testing.assert_allclose(mean, (k @ inverse @ y).T, atol=1e-9)
    np.testing.assert_allclose(factor @ factor.T, C, atol=1e-7)


def test_gradients_follow_the_predictions() -> None:
    posterior = Posterior(EMBEDDING, THETA, points(12), np.random.default_rng(2).standard_normal((12, 3)))
    acquisition = log_expected_improvement(np.array([-0.5, 0.0, 0.2]), noise=0.01)

    def value(Q: np.ndarray) -> np.ndarray:
        return acquisition(*posterior.predict(Q))[0]

    Q = points(6, seed=1)
    at = posterior.linearise(Q)
    _, by_mean, by_deviation = acquisition(at.mean, at.deviation)
    gradient = at.gradient(by_mean, by_deviation)
    for column in (0, 2):
        step = 1e-5 * (np.arange(3) == column)
        rise = (value(Q + step) - value(Q - step)) / 2e-5
        np.testing.assert_allclose(gradient[:, column], rise, rtol=1e-3, atol=1e-3)
    assert (gradient[:, 1] == 0).all()
    assert (gradient[np.isnan(Q)] == 0).all()


def test_far_from_the_data_the_mean_is_that_of_the_clusters_not_of_the_points() -> None:
    embedding = Embedding([0])
    theta = Hyperparameters(np.array([0.03]), signal=1.0, noise=1e-4)
    U = np.append(np.full(20, 0.1) + 1e-3 * np.arange(20), 0.9)[:, None]
    y = np.append(np.zeros(20), 2.0)
    mean, _ = Posterior(embedding, theta, U, y).predict(np.array([[0.5]]))
    assert y.mean() < 0.1
    assert mean[0, 0] == pytest.approx(2.0 / 3.0, abs=0.1)  # two clusters and the prior's 0


def test_equal_points_and_no_noise_are_no_trouble() -> None:
    theta = Hyperparameters(np.array([0.5]), signal=1.0, noise=1e-6)
    posterior = Posterior(Embedding([0]), theta, np.full((500, 1), 0.3), np.zeros(500))
    mean, deviation = posterior.predict(np.array([[0.3], [0.9]]))
    assert np.isfinite(mean).all()
    assert deviation[0] < 0.01 < deviation[1]


def test_a_matrix_that_is_not_positive_definite_still_gets_a_factor() -> None:
    L = stable_cholesky(np.ones((4, 4)))
    np.testing.assert_allclose(L @ L.T, np.ones((4, 4)), atol=1e-6)
