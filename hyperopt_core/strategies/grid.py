"""Grid search: every point of a finite space once, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyperopt_core.errors import SpaceExhausted
from hyperopt_core.strategies.protocol import Point
from hyperopt_core.trial import State

if TYPE_CHECKING:
    from hyperopt_core.history import History


class Grid:
    """The first point of the space's grid that no trial has had; names sorted, the last varies fastest.

    >>> Grid().name
    'grid'
    """

    name = "grid"

    def __init__(self) -> None:
        # A trial's parameters never change, so what is taken stays taken and the scan need not begin at 0 again.
        self._scanned: tuple[History, int] | None = None

    def ask(self, history: History, number: int, rng: np.random.Generator, budget: int | None = None) -> Point:
        space = history.space
        # Agents that propose at the same moment take different cells.
        ahead = sum(n < number for n in history.open_numbers(State.PROPOSING))
        index = self._scanned[1] if self._scanned is not None and self._scanned[0] is history else 0
        first: int | None = None
        while index < space.grid.size:
            params = space.nest(space.grid.point(index))
            if not history.has(params) and space.satisfies(params):
                first = index if first is None else first
                self._scanned = (history, first)
                if ahead == 0:
                    return Point(space.encode([params])[0], f"cell {index + 1} of {space.grid.size}")
                ahead -= 1
            index += 1
        raise SpaceExhausted(f"all {space.grid.size} points of the grid have been tried")
