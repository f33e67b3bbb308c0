"""Maximising an acquisition over a mixed, conditional space: screen, climb, round, try neighbours, climb again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hyperopt_core.maths.ascent import ascend
from hyperopt_core.maths.worth import Worth

#: Numbers with more levels than this move as if they were continuous and are rounded after each climb.
FEW_LEVELS = 16
STARTS = 10
ROUNDS = 3


def maximise(
    worth: Worth,
    candidates: np.ndarray,
    levels: np.ndarray,
    snap: Callable[[np.ndarray], np.ndarray],
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Points (m, d) of high worth with their values (m,), best first; all of them come out of `snap`.

    `candidates` (c, d) are valid points with NaN where inactive. `levels` (d,) says how many values each column can
    take, 0 for any number. `snap` rounds points and sets NaN where the conditions make a column inactive.

    Inside the search a point has a value in every column; those of inactive columns wait until a neighbouring category
    wakes them.
    """
    screened = worth.value(candidates)
    chosen = _starts(candidates, screened, rng)
    full = np.where(np.isnan(candidates[chosen]), rng.random((chosen.size, candidates.shape[1])), candidates[chosen])
    discrete = levels > 0
    fixed = discrete & (levels <= FEW_LEVELS)
    full, points, values = _climb(worth, full, ~fixed, snap)
    if discrete.any():
        for _ in range(ROUNDS):
            best = np.argsort(-values, kind="stable")[:4]
            moved = _best_neighbours(worth, full[best], points[best], values[best], levels, snap)
            if moved is None:
                break
            more_full, more_points, more_values = _climb(worth, moved, ~fixed, snap)
            full, points = np.concatenate((full, more_full)), np.concatenate((points, more_points))
            values = np.concatenate((values, more_values))
    points, values = np.concatenate((points, candidates)), np.concatenate((values, screened))
    order = np.argsort(-values, kind="stable")
    return points[order], values[order]


def _starts(candidates: np.ndarray, values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Indices: the best ones, the best of each branch, and a draw weighted by exp(value)."""
    order = np.argsort(-values, kind="stable")
    chosen = list(order[:4])
    branches, first = np.unique(np.isnan(candidates[order]), axis=0, return_index=True)
    if len(branches) > 1:
        chosen += list(order[np.sort(first)[:STARTS]])
    weights = np.exp(values - values[order[0]])
    weights[chosen] = 0.0
    spare = min(max(STARTS - len(set(chosen)), 2), int(np.count_nonzero(weights)))
    if spare:
        chosen += list(rng.choice(len(candidates), spare, replace=False, p=weights / weights.sum()))
    return np.array(list(dict.fromkeys(chosen)), dtype=int)


def _climb(
    worth: Worth, full: np.ndarray, movable: np.ndarray, snap: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Climb from `full` (b, d) in the columns `movable` (d,); returns full points, snapped points, their values.

    Rounding may undo a climb: a start that is worth more stays.
    """
    points = snap(full)
    asleep = np.isnan(points)
    values = worth.value(points)
    free = movable & ~asleep
    if not free.any():
        return full, points, values

    def objective(X: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return worth.value_and_gradient(np.where(asleep[rows], np.nan, X))

    climbed, _ = ascend(objective, np.where(asleep, full, points), free)
    landed = snap(climbed)
    landed_values = worth.value(landed)
    better = (landed_values > values)[:, None]
    full = np.where(better, climbed, full)
    return full, np.where(better, landed, points), np.where(better[:, 0], landed_values, values)


def _best_neighbours(
    worth: Worth,
    full: np.ndarray,
    points: np.ndarray,
    values: np.ndarray,
    levels: np.ndarray,
    snap: Callable[[np.ndarray], np.ndarray],
) -> np.ndarray | None:
    """The best exchange of one discrete value of each point, where it is worth more than the point."""
    moved, origin = [], []
    for row in range(len(full)):
        for column in np.flatnonzero((levels > 1) & ~np.isnan(points[row])):
            for level in _other_levels(points[row, column], int(levels[column])):
                neighbour = full[row].copy()
                neighbour[column] = level
                moved.append(neighbour)
                origin.append(row)
    if not moved:
        return None
    neighbours, origins = np.array(moved), np.array(origin)
    worths = worth.value(snap(neighbours))
    keep = []
    for row in range(len(full)):
        mine = np.flatnonzero(origins == row)
        if mine.size:
            top = mine[np.argmax(worths[mine])]
            if worths[top] > values[row] + 1e-9:
                keep.append(top)
    return neighbours[keep] if keep else None


def _other_levels(u: float, levels: int) -> np.ndarray:
    """Coordinates to try beside `u`: the middle of every one of a few cells, and steps of all sizes both ways.

    The steps are for numbers of many levels and for logarithmic ones, whose cells are not equally wide.
    """
    grid = (np.arange(levels) + 0.5) / levels
    if levels <= 4 * FEW_LEVELS and np.min(np.abs(grid - u)) < 1e-9:
        return grid[np.abs(grid - u) > 1e-9]
    steps = 0.5 ** np.arange(1, 11)
    others = np.concatenate((u - steps, u + steps))
    return others[(others > 0.0) & (others < 1.0)]
