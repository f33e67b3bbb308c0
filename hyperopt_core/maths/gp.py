"""Exact Gaussian-process regression with a Matern 5/2 kernel, one lengthscale a column, and an unknown constant mean.

The mean has a normal prior of variance 1, which adds 1 to every covariance: predictions then use the generalised
least-squares mean, which counts a cluster of near-equal points once (Rasmussen & Williams 2006, section 2.7).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hyperopt_core.maths.embedding import Embedding
from hyperopt_core.maths.kernels import matern52, squared_distances

MEAN_VARIANCE = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Hyperparameters:
    """What a fit finds. Values are in the units of the normalised observations."""

    lengthscales: np.ndarray  # (d,) one a column, in units of the unit cube
    signal: float  # variance of the function
    noise: float  # variance of an observation around it


class Posterior:
    """The function given observations `y` (n,) or (n, S) at encoded points `U` (n, d).

    With S columns the same points carry S vectors of values, for example draws of outcomes not known yet: there are S
    means, and one variance, since that does not depend on values.
    """

    def __init__(self, embedding: Embedding, theta: Hyperparameters, U: np.ndarray, y: np.ndarray) -> None:
        from scipy.linalg.lapack import dtrtri

        self.embedding, self.theta = embedding, theta
        self._scale = (1.0 / theta.lengthscales)[embedding.owner]
        self._Z = embedding(U) * self._scale
        K = self._covariance(self._Z)
        K[np.diag_indices_from(K)] += theta.noise
        self._L = stable_cholesky(K)
        self._inverse = np.ascontiguousarray(dtrtri(self._L, lower=1)[0])
        whitened = self._inverse @ (y if y.ndim == 2 else y[:, None])
        self._alpha = self._inverse.T @ whitened  # (n, S)

    def predict(self, U: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Means (S, m) and standard deviations (m,) of the function at encoded points (m, d)."""
        k = self._covariance(self.embedding(U) * self._scale)
        v = self._inverse @ k
        return self._alpha.T @ k, self._deviation(v)

    def joint(self, U: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Means (S, m) and a Cholesky factor (m, m) of the joint covariance at encoded points (m, d)."""
        Z = self.embedding(U) * self._scale
        k = self._covariance(Z)
        v = self._inverse @ k
        C = self.theta.signal * matern52(squared_distances(Z, Z))[0] + MEAN_VARIANCE - v.T @ v
        return self._alpha.T @ k, stable_cholesky(C)

    def linearise(self, U: np.ndarray) -> Linearised:
        """Predictions at encoded points (m, d) that can also be differentiated with regard to the points."""
        return Linearised(self, U)

    def _covariance(self, Z: np.ndarray) -> np.ndarray:
        k, _ = matern52(squared_distances(self._Z, Z))
        k *= self.theta.signal
        k += MEAN_VARIANCE
        return k

    def _deviation(self, v: np.ndarray) -> np.ndarray:
        variance = self.theta.signal + MEAN_VARIANCE - np.einsum("ij,ij->j", v, v)
        return np.asarray(np.sqrt(np.maximum(variance, 1e-12)))


class Linearised:
    """Means (S, m) and deviations (m,) at `U`, and the gradient of any function of them."""

    def __init__(self, posterior: Posterior, U: np.ndarray) -> None:
        self._posterior, self._U = posterior, U
        self._Z = posterior.embedding(U) * posterior._scale
        k, self._slope = matern52(squared_distances(posterior._Z, self._Z))
        k *= posterior.theta.signal
        k += MEAN_VARIANCE
        self._v = posterior._inverse @ k
        self.mean = posterior._alpha.T @ k
        self.deviation = posterior._deviation(self._v)

    def gradient(self, by_mean: np.ndarray, by_deviation: np.ndarray) -> np.ndarray:
        """Gradient (m, d) of f(mean, deviation) at each point, from df/dmean (S, m) and df/ddeviation (m,).

        Zero for categories and inactive parameters.
        """
        p = self._posterior
        weights = p._alpha @ by_mean
        weights -= (p._inverse.T @ self._v) * (by_deviation / self.deviation)
        weights *= self._slope
        weights *= p.theta.signal
        G = np.zeros(self._U.shape)
        numeric = p.embedding.numeric
        m = numeric.size
        pull = weights.T @ p._Z[:, :m] - self._Z[:, :m] * weights.sum(axis=0)[:, None]
        G[:, numeric] = pull * p._scale[:m]
        G[np.isnan(self._U)] = 0.0
        return G


def stable_cholesky(K: np.ndarray) -> np.ndarray:
    """Lower Cholesky factor of a symmetric matrix, with as much jitter on the diagonal as it takes."""
    from scipy.linalg.lapack import dpotrf

    jitter = 1e-10 * max(float(np.mean(np.diag(K))), 1e-300)
    for _ in range(12):
        L, failed = dpotrf(K, lower=1, clean=1)
        if not failed:
            return np.asarray(L)
        K = K.copy()
        K[np.diag_indices_from(K)] += jitter
        jitter *= 10.0
    return np.sqrt(np.diag(np.abs(np.diag(K))))
