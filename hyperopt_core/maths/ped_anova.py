"""How much each column decides whether a point is among the best, from samples that need not be spread evenly."""

from __future__ import annotations

import numpy as np

_GRID = 64  # places at which densities of numbers are compared


def ped_anova(U: np.ndarray, categories: np.ndarray, good: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Importance (d,) of each column of `U` (n, d) for being among the `good` (n,), 0 or more, not normalised.

    Pearson divergence of the density of good points from that of all points, column by column (Watanabe, Bansal &
    Hutter 2023, eq. 8). A sampler that learns leaves more points where they are good; that is in both densities, and
    so does not count by itself. `categories` (d,): how many a column has, 0 for a number. `weights` (n,): how often
    each point counts, as in a bootstrap. Where a column is inactive (NaN) it says nothing, and its importance is that
    among the points where it is active, times their share.

    >>> U = np.linspace(0.01, 0.99, 99)[:, None] * np.ones((1, 2))
    >>> U[:, 1] = np.tile([0.25, 0.75, 0.25], 33)
    >>> share = ped_anova(U, np.array([0, 2]), U[:, 0] < 0.2, np.ones(99))
    >>> bool(share[0] > 10 * share[1])
    True
    """
    found = np.zeros(U.shape[1])
    for column, count in enumerate(categories):
        active = ~np.isnan(U[:, column])
        w, w_good = weights[active], (weights * good)[active]
        if not w_good.sum():
            continue
        cells = _categories(U[active, column], int(count)) if count else _kernels(U[active, column])
        everywhere, best = (_density(cells, some, 1.0 / len(cells)) for some in (w, w_good))
        divergence = float(np.sum((best / everywhere - 1.0) ** 2 * everywhere))
        found[column] = divergence * w.sum() / max(weights.sum(), 1e-300)
    return found


def _density(cells: np.ndarray, weights: np.ndarray, even: float) -> np.ndarray:
    """Weighted mean of the points' densities (cells, n), with one more point that is spread evenly."""
    return np.asarray((cells @ weights + even) / (weights.sum() + 1.0))


def _categories(u: np.ndarray, count: int) -> np.ndarray:
    return np.equal(np.minimum((u * count).astype(int), count - 1), np.arange(count)[:, None]).astype(float)


def _kernels(u: np.ndarray) -> np.ndarray:
    """Gaussians cut at the ends of [0, 1]; by Scott's rule as wide as for points spread evenly, at least a cell."""
    width = max(0.29 * max(len(u), 1) ** -0.2, 1.0 / _GRID)
    grid = (np.arange(_GRID) + 0.5) / _GRID
    cells = np.exp(-0.5 * ((grid[:, None] - u) / width) ** 2)
    return np.asarray(cells / cells.sum(axis=0))
