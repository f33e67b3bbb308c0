"""Hyperparameters of a Gaussian process by maximum a posteriori, with analytic gradients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hyperopt_core.maths.embedding import Embedding
from hyperopt_core.maths.gp import MEAN_VARIANCE, Hyperparameters
from hyperopt_core.maths.kernels import matern52, squared_distances


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed before data, as medians and log standard deviations of log-normal distributions.

    Twice the variance and twice the noise of the normalised values that one would expect at first: the best points are
    further out than a sample shows, and a maximum a posteriori is too sure of itself.
    """

    lengthscale: tuple[float, float] = (
        0.5 * float(np.exp(np.sqrt(2.0))),
        float(np.sqrt(3.0)),
    )  # the median is times sqrt(d)
    noise: tuple[float, float] = (float(np.exp(-3.0)), 1.0)
    signal: tuple[float, float] = (2.0, 0.3)


LENGTHSCALES = (0.025, 30.0)
NOISE = (1e-6, 1.0)
SIGNAL = (0.05, 20.0)
_HOPELESS = 1e10  # value where the covariance is singular


class LogPosterior:
    """Negative log posterior density of theta = (ln lengthscales (d,), ln noise, ln signal), and its gradient.

    The prior on lengthscales widens with the number of columns, which keeps the model from being either flat or noise
    in many dimensions (Hvarfner et al. 2024, eq. 8); its density is taken in the lengthscale itself, so the mode is at
    .1 sqrt(d).
    """

    def __init__(self, embedding: Embedding, U: np.ndarray, y: np.ndarray, prior: Prior) -> None:
        # A column of ones beside the features and the values makes row sums part of the same products.
        ones = np.ones((len(y), 1))
        self._Z1 = np.concatenate((embedding(U), ones), axis=1)
        self._y, self._y1, self._owner = y, np.asfortranarray(np.column_stack((y, ones))), embedding.owner
        self._d = d = embedding.categories.size
        median, width = prior.lengthscale
        self._centre = np.full(d + 2, np.log(median * np.sqrt(d)))
        self._width = np.full(d + 2, width)
        self._slope = np.ones(d + 2)  # of -ln p from the change of variable to logs
        for index, (median, width) in ((d, prior.noise), (d + 1, prior.signal)):
            self._centre[index], self._width[index], self._slope[index] = np.log(median), width, 0.0
        self.bounds = [tuple(np.log(LENGTHSCALES))] * d + [tuple(np.log(NOISE)), tuple(np.log(SIGNAL))]
        self.mode = self._centre - self._slope * self._width**2

    def __call__(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and gradient at `theta` (d + 2,)."""
        from scipy.linalg.blas import dsymm
        from scipy.linalg.lapack import dpotrf, dpotri, dpotrs

        d, n = self._d, len(self._y)
        noise, signal = np.exp(theta[d]), np.exp(theta[d + 1])
        Z1 = self._Z1.copy()
        Z1[:, :-1] *= np.exp(-theta[:d])[self._owner]
        Z = Z1[:, :-1]
        k, slope = matern52(squared_distances(Z, Z))
        k *= signal
        k += MEAN_VARIANCE
        k.flat[:: n + 1] += noise
        # Only lower halves are computed and read from here on.
        L, failed = dpotrf(k.T, lower=1, overwrite_a=1, clean=0)
        if failed:
            return _HOPELESS, np.zeros_like(theta)
        log_determinant = 2.0 * float(np.log(L.diagonal()).sum())
        solved = dpotrs(L, self._y1, lower=1)[0]
        alpha = solved[:, 0]
        fit = float(self._y @ alpha)
        inverse = dpotri(L, lower=1, overwrite_c=1)[0]
        # W = alpha alpha' - K^-1 is twice the slope by K. Its diagonal belongs to distance 0 and drops out.
        trace = float(alpha @ alpha) - float(inverse.diagonal().sum())
        total = float(alpha.sum()) ** 2 - float(solved[:, 1].sum())
        P = alpha[:, None] * alpha
        P -= inverse
        P *= slope
        PZ1 = dsymm(1.0, P.T, Z1, lower=0)
        by_feature = PZ1[:, -1] @ (Z * Z) - np.einsum("ij,ij->j", Z, PZ1[:, :-1])
        gradient = np.empty_like(theta)
        gradient[:d] = -signal * np.bincount(self._owner, by_feature, d)
        gradient[d] = -0.5 * noise * trace
        gradient[d + 1] = -0.5 * (fit - n - MEAN_VARIANCE * total - noise * trace)
        off = (theta - self._centre) / self._width
        value = 0.5 * (fit + log_determinant + float(off @ off)) + float(self._slope @ theta)
        gradient += off / self._width + self._slope
        return value, gradient


def fit(
    embedding: Embedding, U: np.ndarray, y: np.ndarray, prior: Prior | None = None, evaluations: int = 40
) -> Hyperparameters:
    """The most probable hyperparameters for normalised values `y` (n,) at encoded points `U` (n, d).

    One climb from the best of four fixed starts: with these priors the posterior has next to always one maximum, so the
    answer depends on the data alone.
    """
    from scipy.optimize import fmin_l_bfgs_b

    objective = LogPosterior(embedding, U, y, prior or Prior())
    d = embedding.categories.size
    low, high = np.array(objective.bounds).T
    starts = []
    for lengthscale in (0.15, 0.3):
        for noise in (0.01, 0.1):
            start = objective.mode.copy()
            start[:d], start[d] = np.log(lengthscale * np.sqrt(d)), np.log(noise)
            starts.append(np.clip(start, low, high))
    values = [objective(start)[0] for start in starts]
    start = starts[int(np.argmin(values))]
    theta, value, _ = fmin_l_bfgs_b(
        objective, start, bounds=objective.bounds, maxfun=evaluations, factr=1e10, pgtol=1e-2
    )
    if not value <= min(values):
        theta = start
    return Hyperparameters(np.exp(theta[:d]), signal=float(np.exp(theta[d + 1])), noise=float(np.exp(theta[d])))
