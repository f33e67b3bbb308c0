"""Where to look before there is a model: points far from all others in every column."""

from __future__ import annotations

import numpy as np

from hyperopt_core.maths.embedding import Embedding


def spread_out(candidates: np.ndarray, taken: np.ndarray, embedding: Embedding) -> np.ndarray:
    """Indices of `candidates` (c, d), those that fill the space best beside the points `taken` (t, d) first.

    A greedy maximum-projection design (Joseph, Gul & Ba 2015, eq. 5): the distance of two points is the product of
    their distances in each column, so that no value of a column is tried twice before others are tried once. Two equal
    categories, or two inactive parameters, count as near.
    """
    Z, T = candidates[:, None, :], taken[None, :, :]
    both = np.isnan(Z) & np.isnan(T)
    gap = np.abs(Z - T)
    choice = embedding.choice
    gap[:, :, choice] = gap[:, :, choice] > 1e-9
    gap = np.where(both, 0.0, np.where(np.isnan(gap), 1.0, gap))
    closeness = np.exp(-np.log(gap + 1.0 / (1.0 + len(taken))).sum(axis=2))
    return np.argsort(closeness.sum(axis=1), kind="stable")
