"""Which parameters matter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hyperopt_core.maths.ped_anova import ped_anova
from hyperopt_core.space import SearchSpace
from hyperopt_core.trial import State, Trial

_VALUED = (State.COMPLETED, State.STOPPED)
_LEAST_TRIALS = 10
_GOOD = 0.1  # the part of the trials that counts as good
_LEAST_GOOD = 5
_MOST_TRIALS = 2000  # the newest; more take longer and tell no more
_RESAMPLES = 100


@dataclass(frozen=True, slots=True)
class Importance:
    """How much a parameter decides whether a trial is among the best: a share of all parameters' together."""

    name: str
    share: float  # 0..1
    low: float  # a 90 % interval of a bootstrap over trials
    high: float


def importance(trials: Sequence[Trial], space: SearchSpace, goal: str = "minimize") -> list[Importance]:
    """Each parameter's importance, the largest first; an empty list below 10 trials with a value.

    By PED-ANOVA (Watanabe, Bansal & Hutter 2023): where are the best tenth of the trials, compared with all of them?
    Those stopped early count with what they had reached: seldom among the best.
    Parameters of a branch count by the share of the trials that have them.

    >>> from hyperopt_core import Float
    >>> space = SearchSpace({"lr": Float(0, 1), "wd": Float(0, 1)})
    >>> points = space.sample(np.random.default_rng(0), 60)
    >>> trials = [Trial(n, p, State.COMPLETED, values=(p["lr"],)) for n, p in enumerate(points)]
    >>> importance(trials, space)[0].name
    'lr'
    """
    done = [t for t in trials if t.state in _VALUED and t.value is not None and math.isfinite(t.value)]
    done = done[-_MOST_TRIALS:]
    if len(done) < _LEAST_TRIALS or not space.d:
        return []
    U = space.encode([t.params for t in done])
    values = np.array([t.value for t in done], dtype=float) * (1.0 if goal == "minimize" else -1.0)
    categories = np.array([c.levels or 1 if c.kind == "categorical" else 0 for c in space.columns])
    rng = np.random.default_rng(0)
    found = _shares(U, categories, values, np.ones(len(done)))
    draws = rng.multinomial(len(done), np.full(len(done), 1.0 / len(done)), size=_RESAMPLES)
    resampled = np.array([_shares(U, categories, values, weights.astype(float)) for weights in draws])
    low, high = np.quantile(resampled, [0.05, 0.95], axis=0)
    rows = [
        Importance(column.name, float(found[i]), float(min(low[i], found[i])), float(max(high[i], found[i])))
        for i, column in enumerate(space.columns)
    ]
    return sorted(rows, key=lambda row: -row.share)


def _shares(U: np.ndarray, categories: np.ndarray, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Importances (d,) that sum to 1; all alike where nothing matters."""
    order = np.argsort(values, kind="stable")
    wanted = max(_GOOD * weights.sum(), _LEAST_GOOD)
    cut = values[order][min(int(np.searchsorted(np.cumsum(weights[order]), wanted)), len(order) - 1)]
    good = values <= cut
    if good.all():  # most are tied at the worst value: the others are the good ones
        good = values < cut
    found = ped_anova(U, categories, good, weights)
    total = found.sum()
    return np.asarray(found / total) if total > 1e-12 else np.full(len(found), 1.0 / len(found))
