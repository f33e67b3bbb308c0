"""Points that model-based strategies consider: what is left of a small space, random ones of another, neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyperopt_core.errors import SpaceExhausted
from hyperopt_core.maths.embedding import Embedding

if TYPE_CHECKING:
    from hyperopt_core.history import History
    from hyperopt_core.space import SearchSpace

_RANDOM = 512
_LISTED = 2048  # a space of at most so many points is searched point by point


def embedding_of(space: SearchSpace) -> Embedding:
    """How the columns of a space enter a kernel."""
    return Embedding([(c.levels or 1) if c.kind == "categorical" else 0 for c in space.columns])


def untried(history: History, rng: np.random.Generator) -> np.ndarray:
    """Points that have not been trials: all of a small space, random ones of another. Raises `SpaceExhausted`."""
    space = history.space
    if space.size is not None and space.size <= _LISTED:
        points = space.encode([space.nest(point) for point in space.grid])
        points = points[space.feasible(points)]
        new = np.array([not history.seen(u) for u in points], dtype=bool)
        if not new.any():
            raise SpaceExhausted(f"all {len(points)} points of the space have been trials")
        return points[new][rng.permutation(int(new.sum()))]
    points = space.sample_unit(rng, _RANDOM)
    if not space.has_priors:
        return points
    anywhere = space.snap(rng.random((_RANDOM, space.d)))
    return np.concatenate((points, anywhere[space.feasible(anywhere)]))


def neighbours(best: np.ndarray, embedding: Embedding, space: SearchSpace, rng: np.random.Generator) -> np.ndarray:
    """Points near each of `best` (b, d): a few columns move, by little or by more; categories are drawn anew."""
    base = np.repeat(best, 16, axis=0)
    base = np.where(np.isnan(base), rng.random(base.shape), base)
    sd = rng.choice([0.1, 0.03, 0.01], size=(len(base), 1))
    moved = base + sd * rng.standard_normal(base.shape)
    moved[:, embedding.choice] = rng.random((len(base), embedding.choice.size))
    moves = rng.random(base.shape) < 2.0 / max(space.d, 2)
    points = space.snap(np.where(moves, moved, base))
    return points[space.feasible(points)]


def first_new(history: History, points: np.ndarray) -> int:
    """The first of `points` (best first) that has not been a trial and meets the constraints."""
    for place, u in enumerate(points):
        if history.space.feasible(u[None])[0] and not history.seen(u):
            return place
    return 0  # all of a large space that were looked at: trying the best again is the least waste
