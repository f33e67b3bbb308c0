"""A tree-structured Parzen estimator: where good trials are dense and bad ones are not. For thousands of trials."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from hyperopt_core.errors import ConfigError
from hyperopt_core.maths.blas import single_thread
from hyperopt_core.maths.design import spread_out
from hyperopt_core.maths.parzen import Parzen
from hyperopt_core.strategies.candidates import embedding_of, first_new, untried
from hyperopt_core.strategies.protocol import Point

if TYPE_CHECKING:
    from hyperopt_core.history import History
    from hyperopt_core.space import SearchSpace

SHARE, MOST_GOOD = 0.1, 25  # of all trials, the best of which count as good
_MOST_BAD = 500  # others that are looked at, evenly over the order of values; and pending ones
_STARTS = 10
_WIDTH = 0.5  # of kernels, in spreads of the good trials; more of them in fewer dimensions, narrower (Scott 1992)
_LEAST_WIDTH = 0.5  # of kernels, in levels of the column
_EXPLORE = 0.25  # of the proposals look where there are few trials
_EVEN_VARIANCE = 1.0 / 12.0  # of numbers spread evenly over [0, 1]


class TreeParzen:
    """Proposes the candidate with the highest ratio of two densities: of the good trials, and of all others.

    The best tenth of the trials is good, at most 25 of them; the others are those behind them, stopped, failed and
    pending ones. The prior weighs the same in both densities, except for a quarter of the proposals: those go where
    there are few trials. candidates: draws from the density of the good ones among which the best is taken. starts:
    trials spread over the space before that.

    After Bergstra et al. (2011) and, for the products of kernels, Falkner et al. (2018). The time of an ask hardly
    depends on the number of trials. Raises `ConfigError` for options that cannot be.

    >>> TreeParzen(candidates=64).name
    'tpe'
    """

    name = "tpe"

    def __init__(self, *, candidates: int = 256, starts: int = _STARTS) -> None:
        for key, value in (("candidates", candidates), ("starts", starts)):
            if value < 1:
                raise ConfigError(f"{key} is {value}: a whole number of 1 or more is needed")
        self.candidates, self.starts = candidates, starts

    def ask(self, history: History, number: int, rng: np.random.Generator, budget: int | None = None) -> Point:
        """The point for trial `number`. Raises `SpaceExhausted` where every point of the space has been a trial."""
        others = np.concatenate((history.stopped, history.failed))
        if len(history.y) + len(others) < self.starts or len(history.y) < 2:
            return self._start(history, np.concatenate((history.X, others, history.pending)), rng)
        with single_thread():
            return self._propose(history, others, rng)

    def _start(self, history: History, taken: np.ndarray, rng: np.random.Generator) -> Point:
        points = untried(history, rng)
        if history.space.has_priors:  # where the user believes in a region, it counts more than even cover
            points = points[:8]
        place = spread_out(points, taken, embedding_of(history.space))[0] if len(taken) else 0
        return Point(points[place], f"start {len(taken) + 1} of {max(self.starts, len(taken) + 1)}")

    def _propose(self, history: History, others: np.ndarray, rng: np.random.Generator) -> Point:
        space = history.space
        order = np.argsort(history.y, kind="stable")
        count = min(math.ceil(SHARE * (len(order) + len(others))), MOST_GOOD, len(order) - 1)
        behind = _thinned(np.concatenate((history.X[order[count:]], others)), _MOST_BAD)
        others = np.concatenate((behind, _thinned(history.pending, _MOST_BAD)))
        # With a prior that weighs as little as one of many trials, the ratio is highest where no trial is.
        explores = bool(rng.random() < _EXPLORE)
        kernels = _kernels(history.X[order[:count]], space)
        good = Parzen(history.X[order[:count]], *kernels, prior=1.0 / (count + 1.0))
        bad = Parzen(others, *kernels, prior=1.0 / (len(others) + 1.0 if explores else count + 1.0))
        points = space.snap(good.sample(space.sample_unit(rng, self.candidates), rng))
        points = points[space.feasible(points)]
        if not len(points) or history.seen(points[first_new(history, points)]):
            points = untried(history, rng)
        prior = space.log_prior(points)
        worth = good.log_density(points, prior) - bad.log_density(points, prior)
        best = np.argsort(-worth, kind="stable")
        place = best[first_new(history, points[best])]
        return Point(points[place], "explore" if explores else "exploit", {"acquisition": float(worth[place])})


def _kernels(good: np.ndarray, space: SearchSpace) -> tuple[np.ndarray, np.ndarray]:
    """How kernels look in each column of the space: categories (d,), 0 for a number, and widths (d,).

    Both densities have the widths that fit the good trials (m, d). With widths of their own, the narrow kernels of the
    good ones would stand out from the wide ones of the others, and the ratio would hold the search where they are.
    """
    levels = np.array([column.levels or math.inf for column in space.columns])
    ordered = np.array([column.ordered for column in space.columns], dtype=bool)
    width = _WIDTH * _spread(good) * len(good) ** (-1.0 / (space.d + 4.0))
    return np.where(ordered, 0, levels).astype(int), np.maximum(width, _LEAST_WIDTH / levels)


def _spread(points: np.ndarray) -> np.ndarray:
    """Standard deviation (d,) of `points` (m, d) in each column, as if there were one more, spread evenly."""
    active = ~np.isnan(points)
    count = active.sum(axis=0)
    mean = np.where(active, points, 0.0).sum(axis=0) / np.maximum(count, 1)
    squares = np.where(active, (points - mean) ** 2, 0.0).sum(axis=0)
    return np.sqrt(np.minimum((squares + _EVEN_VARIANCE) / (count + 1), _EVEN_VARIANCE))


def _thinned(points: np.ndarray, most: int) -> np.ndarray:
    """At most so many of `points` (n, d), evenly over their order."""
    return points if len(points) <= most else points[np.linspace(0, len(points) - 1, most).astype(int)]
