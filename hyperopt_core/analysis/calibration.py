"""Whether predictions keep their word: what the strategy predicted of each trial against what was seen."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from hyperopt_core.trial import State, Trial

LEVELS = (0.5, 0.68, 0.8, 0.9, 0.95)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What was predicted when the trial was proposed, and what it became."""

    number: int
    mean: float
    sd: float
    value: float

    @property
    def residual(self) -> float:
        """How many standard deviations the value lies above the mean."""
        return (self.value - self.mean) / self.sd


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many values fell into the intervals that should hold a share `level` of them."""

    level: float
    seen: float  # share, 0..1
    low: float  # where the share of so many trials lies nine times in ten if the intervals are right
    high: float


def predictions(trials: Iterable[Trial]) -> list[Prediction]:
    """The completed trials with a finite value, mean and standard deviation, in their order.

    >>> from hyperopt_core.trial import Origin
    >>> origin = Origin("gp", "explore", {"mean": 0.5, "sd": 0.1})
    >>> [one.residual for one in predictions([Trial(0, {}, State.COMPLETED, origin, values=(0.75,))])]
    [2.5]
    """
    found = []
    for trial in trials:
        mean, sd = (trial.origin.details.get(name, math.nan) for name in ("mean", "sd"))
        value = math.nan if trial.value is None else trial.value
        if trial.state is State.COMPLETED and all(map(math.isfinite, (mean, sd, value))) and sd > 0:
            found.append(Prediction(trial.number, mean, sd, value))
    return found


def coverage(predicted: Sequence[Prediction], levels: Sequence[float] = LEVELS) -> list[Coverage]:
    """How often central normal intervals of each level held the value; an empty list for no predictions.

    A strategy predicts the function, not one noisy observation of it: with noise, fewer values fall inside.
    """
    if not predicted:
        return []
    z = np.abs([one.residual for one in predicted])
    out = []
    for level in levels:
        share = float(np.mean(z <= NormalDist().inv_cdf(0.5 + level / 2)))
        out.append(Coverage(level, share, *_range(len(z), level)))
    return out


def _range(n: int, p: float) -> tuple[float, float]:
    """The central 90 % of a binomial share."""
    logs = [math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(n + 1)]
    k = np.arange(n + 1)
    mass = np.cumsum(np.exp(np.array(logs) + k * math.log(p) + (n - k) * math.log1p(-p)))
    low, high = np.searchsorted(mass, [0.05, 0.95])
    return float(low / n), float(min(high, n) / n)
