"""What a user gets who names no strategy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hyperopt_core.strategies import make_strategy
from hyperopt_core.strategies.protocol import Point, Strategy

if TYPE_CHECKING:
    from hyperopt_core.history import History

#: Finite spaces up to this size are tried whole: the map of all points is worth more than a guess at the best one.
GRID_UP_TO = 50
#: From so many completed trials on a Gaussian process could no longer learn from all of them.
MODEL_UP_TO = 1000


class Auto:
    """The grid, co-kriging or a tree-structured Parzen estimator, by the space and the number of trials.

    The grid of a finite space of up to 50 points, if the sweep may have that many trials; else co-kriging, a Gaussian
    process that learns from curves; past 1,000 completed trials `tpe`, which answers in milliseconds.

    >>> Auto().name
    'auto'
    """

    name = "auto"

    def __init__(self) -> None:
        self._made: dict[str, Strategy] = {}

    def ask(self, history: History, number: int, rng: np.random.Generator, budget: int | None = None) -> Point:
        name, _ = _choice(history)
        if name not in self._made:
            self._made[name] = make_strategy(name)
        point = self._made[name].ask(history, number, rng, budget)
        return point if point.strategy else replace(point, strategy=name)

    def explain(self, history: History) -> str:
        """What is chosen for the next trial, and why."""
        return ": ".join(_choice(history))


def _choice(history: History) -> tuple[str, str]:
    """The name of the strategy for the next trial, and the reason."""
    size, most = history.space.size, history.max_trials
    if size is not None and size <= GRID_UP_TO and (most is None or size <= most):
        return "grid", f"the space has only {size} points, so that all can be tried"
    if len(history.y) >= MODEL_UP_TO:
        return "tpe", f"past {MODEL_UP_TO:,} completed trials a Gaussian process could not learn from all of them"
    points = "no end of points" if size is None else f"{size:,} points"
    if size is not None and most is not None and most < size:
        points += f", more than the {most:,} trials"
    later = f"; tpe takes over after {MODEL_UP_TO:,} completed trials" if most is None or most > MODEL_UP_TO else ""
    return "cokriging", f"the space has {points}, and a Gaussian process needs the fewest trials{later}"
