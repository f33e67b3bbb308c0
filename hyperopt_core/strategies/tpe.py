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
_MOST_BAD = 500  # others that are looked at, evenly over the order of values
_STARTS = 10
_WIDTH = 0.1  # of a kernel, where there is one point; more points in fewer dimensions, narrower ones (Scott 1992)
_LEAST_WIDTH = 0.5  # of a kernel, in levels of the column


class TreeParzen:
    """Proposes the candidate with the highest ratio of two densities: of the good trials, and of all others.

    The best tenth of the trials is good, at most 25 of them; the others are those behind them, stopped, failed and
    pending ones. candidates: draws from the density of the good ones among which the best is taken. starts: trials
    spread over the space before that.

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
        good = _density(history.X[order[:count]], space)
        bad = _density(np.concatenate((behind, history.pending)), space)
        points = space.snap(good.sample(space.sample_unit(rng, self.candidates), rng))
        points = points[space.feasible(points)]
        place = first_new(history, points) if len(points) else 0
        if not len(points) or history.seen(points[place]):
            points = untried(history, rng)
        prior = space.log_prior(points)
        dense = good.log_density(points, prior)
        worth = dense - bad.log_density(points, prior)
        best = np.argsort(-worth, kind="stable")
        place = best[first_new(history, points[best])]
        # Which part of the mixture the point owes most of its density to.
        explores = prior[place] - math.log(count + 1) > dense[place] - math.log(2.0)
        return Point(points[place], "explore" if explores else "exploit", {"acquisition": float(worth[place])})


def _density(points: np.ndarray, space: SearchSpace) -> Parzen:
    levels = np.array([column.levels or math.inf for column in space.columns])
    ordered = np.array([column.ordered for column in space.columns], dtype=bool)
    width = np.maximum(_width(points), _LEAST_WIDTH / levels)
    return Parzen(points, np.where(ordered, 0, levels).astype(int), width)


def _width(points: np.ndarray) -> np.ndarray:
    """Widths (d,) of kernels around `points` (m, d)."""
    count = np.maximum(np.count_nonzero(~np.isnan(points), axis=0), 1)
    return np.asarray(_WIDTH * count ** (-1.0 / (points.shape[1] + 4.0)))


def _thinned(points: np.ndarray, most: int) -> np.ndarray:
    """At most so many of `points` (n, d), evenly over their order."""
    return points if len(points) <= most else points[np.linspace(0, len(points) - 1, most).astype(int)]
