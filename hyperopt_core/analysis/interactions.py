"""Which parameters matter together: what a pair explains beyond what each explains by itself."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from hyperopt_core.analysis.model import Model

if TYPE_CHECKING:
    from hyperopt_core.history import History
    from hyperopt_core.space import SearchSpace

_POINTS = 4096  # at which draws of the model are looked at
_DRAWS = 32
_BINS = 8  # of a number
_LEAST_SHARED = 256  # points with both parameters


@dataclass(frozen=True, slots=True)
class Interaction:
    """How much of the metric's variance over the space two parameters explain only together."""

    names: tuple[str, str]
    share: float  # of the whole variance, 0..1; the median over draws of the model
    low: float  # a 90 % interval
    high: float


def interactions(history: History, model: Model | None = None) -> list[Interaction]:
    """Every pair of parameters, the strongest interaction first; an empty list where there is no model.

    Second-order Sobol' indices of the model, as a two-way analysis of variance of draws of it over the space (Oakley &
    O'Hagan 2004; intervals as in Le Gratiet, Cannamela & Iooss 2014): what is not known for want of trials widens the
    intervals. The values are those that the model learns from, with outliers on the bad side cut. A pair counts by the
    share of the space in which both are active; those that never are do not come up.

    >>> from hyperopt_core import Optimizer, Float
    >>> opt = Optimizer({"a": Float(-1, 1), "b": Float(-1, 1), "c": Float(-1, 1)}, strategy="random", seed=0)
    >>> for _ in range(60):
    ...     trial = opt.ask()
    ...     opt.tell(trial, trial.params["a"] * trial.params["b"] + trial.params["c"])
    >>> interactions(opt.history)[0].names
    ('a', 'b')
    """
    space = history.space
    model = model or Model.of(history)
    if model is None or space.d < 2:
        return []
    rng = np.random.default_rng(0)
    U = space.sample_unit(rng, _POINTS)
    f = model.draws(U, _DRAWS, rng)
    total = f.var(axis=1)
    bins, active = _bins(space, U), ~np.isnan(U)
    found = []
    for i, j in combinations(range(space.d), 2):
        both = active[:, i] & active[:, j]
        if both.sum() < _LEAST_SHARED:
            continue
        some = f[:, both]
        a, b = bins[both, i], bins[both, j]
        joint = _explained(some, a * (b.max() + 1) + b) - _explained(some, a) - _explained(some, b)
        shares = np.clip(joint, 0.0, None) * both.mean() / np.maximum(total, 1e-300)
        low, middle, high = np.quantile(shares, [0.05, 0.5, 0.95])
        names = (space.columns[i].name, space.columns[j].name)
        found.append(Interaction(names, float(middle), float(low), float(min(high, 1.0))))
    return sorted(found, key=lambda pair: -pair.share)


def _bins(space: SearchSpace, U: np.ndarray) -> np.ndarray:
    """The bin (n, d) of every coordinate; inactive ones are not looked at."""
    counts = np.array([min(c.levels or _BINS, 2 * _BINS if c.kind == "categorical" else _BINS) for c in space.columns])
    return np.minimum(np.nan_to_num(U) * counts, counts - 1).astype(int)


def _explained(f: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """The variance (S,) of the cells' means of `f` (S, n), less what chance alone gives means of so few points."""
    order = np.argsort(cells, kind="stable")
    starts = np.flatnonzero(np.diff(cells[order], prepend=-1))
    sizes = np.diff(np.append(starts, len(cells)))
    means = np.add.reduceat(f[:, order], starts, axis=1) / sizes
    squares = np.add.reduceat(f[:, order] ** 2, starts, axis=1)
    inside = np.maximum(squares - sizes * means**2, 0.0) / np.maximum(sizes - 1, 1)
    n = len(cells)
    between = (sizes * (means - f.mean(axis=1, keepdims=True)) ** 2).sum(axis=1) / n
    return np.asarray(between - (inside * (1 - sizes / n)).sum(axis=1) / n)
