"""What a user gets who names no strategy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyperopt_core.strategies import make_strategy
from hyperopt_core.strategies.protocol import Point, Strategy

if TYPE_CHECKING:
    from hyperopt_core.history import History
    from hyperopt_core.space import SearchSpace

#: Finite spaces up to this size are tried whole: the map of all points is worth more than a guess at the best one.
GRID_UP_TO = 50


class Auto:
    """The grid of a finite space of up to 50 points, else co-kriging: a Gaussian process that learns from curves.

    >>> Auto().name
    'auto'
    """

    name = "auto"

    def __init__(self) -> None:
        self._chosen: tuple[SearchSpace, Strategy] | None = None

    def ask(self, history: History, number: int, rng: np.random.Generator, budget: int | None = None) -> Point:
        return self.choose(history.space).ask(history, number, rng, budget)

    def choose(self, space: SearchSpace) -> Strategy:
        """The strategy for this space."""
        if self._chosen is None or self._chosen[0] is not space:
            small = space.size is not None and space.size <= GRID_UP_TO
            self._chosen = (space, make_strategy("grid" if small else "cokriging"))
        return self._chosen[1]
