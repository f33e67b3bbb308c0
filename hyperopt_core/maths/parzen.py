"""A density of points on a mixed, conditional space: a kernel around each point that is known, and the prior."""

from __future__ import annotations

import math

import numpy as np


class Parzen:
    """The mixture of the prior and of one kernel a point (Bergstra et al. 2011, section 4).

    points: (m, d) in [0, 1], NaN where inactive. categories: (d,) the number of categories, 0 for a numeric column.
    width: (d,) the standard deviation of the kernels before they are truncated. prior: the weight of the prior; what is
    left is shared evenly by the points.

    A kernel is a product over columns: a normal density truncated to [0, 1] for a number; for a category, itself, or
    with a small probability any of them. So columns count together inside a branch of the space, and a column that is
    inactive on either side counts as uniform: branches share what they have in common. Densities are relative to the
    uniform one.

    >>> density = Parzen(np.array([[0.2]]), np.array([0]), np.array([0.1]), 0.5)
    >>> near, far = density.log_density(np.array([[0.2], [0.9]]), np.zeros(2))
    >>> bool(near > 0 > far)
    True
    """

    def __init__(self, points: np.ndarray, categories: np.ndarray, width: np.ndarray, prior: float) -> None:
        from scipy.special import ndtr

        self._points, self._categories = points, categories
        self._weights = np.append(np.full(len(points), (1.0 - prior) / max(len(points), 1)), prior)
        self._weights /= self._weights.sum()  # without points, the prior alone
        self._numeric = np.flatnonzero(categories == 0)
        self._choice: list[int] = np.flatnonzero(categories).tolist()
        numbers = points[:, self._numeric]
        self._known = ~np.isnan(numbers)
        x = np.where(self._known, numbers, 0.0)
        self._width = w = width[self._numeric]
        self._low, self._high = ndtr(-x / w), ndtr((1.0 - x) / w)
        mass = (self._high - self._low) * w * math.sqrt(2.0 * math.pi)
        rows = [self._known / (-2.0 * w**2), x / w**2, np.where(self._known, -0.5 * (x / w) ** 2 - np.log(mass), 0.0)]
        # The log of every kernel is linear in `_features`: one product of matrices for all points and arguments.
        self._rows = np.concatenate(rows + [self._log_choice(j) for j in self._choice], axis=1)

    def log_density(self, U: np.ndarray, log_prior: np.ndarray) -> np.ndarray:
        """Log density (n,) at points `U` (n, d), where the prior has `log_prior` (n,)."""
        logs = np.concatenate((self._features(U) @ self._rows.T, log_prior[:, None]), axis=1)
        top = logs.max(axis=1)
        return top + np.log(np.exp(logs - top[:, None]) @ self._weights)

    def sample(self, prior: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """As many draws (n, d) as there are draws of the prior in `prior` (n, d), without NaN."""
        from scipy.special import ndtri

        out = np.where(np.isnan(prior), rng.random(prior.shape), prior)
        kernel = rng.choice(len(self._points) + 1, size=len(out), p=self._weights)
        rows = np.flatnonzero(kernel < len(self._points))
        kernel = kernel[rows]
        low, high = self._low[kernel], self._high[kernel]
        share = low + rng.random(low.shape) * (high - low)
        numbers = self._points[kernel][:, self._numeric] + self._width * ndtri(share)
        at = np.ix_(rows, self._numeric)
        out[at] = np.where(self._known[kernel], np.clip(numbers, 0.0, 1.0), out[at])
        for j in self._choice:
            own = self._points[kernel, j]
            kept = ~np.isnan(own) & (rng.random(len(own)) >= self._any(j))
            out[rows[kept], j] = own[kept]
        return out

    def _any(self, j: int) -> float:
        """The probability that a kernel draws any category instead of its own."""
        K = float(self._categories[j])
        return K / (len(self._points) + 1.0 + K)

    def _log_choice(self, j: int) -> np.ndarray:
        """Log density (m, K) of each kernel at each category of column `j`."""
        own = _one_hot(self._points[:, j], int(self._categories[j]))
        share = self._any(j)
        known = own.sum(axis=1, keepdims=True) > 0
        return np.where(known, np.log(own * own.shape[1] * (1.0 - share) + share), 0.0)

    def _features(self, U: np.ndarray) -> np.ndarray:
        x, active = np.nan_to_num(U[:, self._numeric]), ~np.isnan(U[:, self._numeric])
        choices = [_one_hot(U[:, j], int(self._categories[j])) for j in self._choice]
        return np.concatenate([x**2, x, active, *choices], axis=1)


def _one_hot(u: np.ndarray, K: int) -> np.ndarray:
    """Which of `K` categories coordinates `u` (n,) stand for: (n, K); a row of zeros for NaN."""
    out = np.zeros((len(u), K))
    rows = np.flatnonzero(~np.isnan(u))
    out[rows, np.minimum(u[rows] * K, K - 1).astype(int)] = 1.0
    return out
