"""Scrambled Sobol points: random search without its clusters and holes (Owen, 1998)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hyperopt_core.strategies.protocol import Point

if TYPE_CHECKING:
    from hyperopt_core.history import History


class Sobol:
    """Point `number` of one scrambled Sobol sequence a sweep, so that any agent can make any of them.

    >>> Sobol().name
    'sobol'
    """

    name = "sobol"

    def __init__(self) -> None:
        self._engine: tuple[tuple[int, int], Any] | None = None

    def ask(self, history: History, number: int, rng: np.random.Generator, budget: int | None = None) -> Point:
        space = history.space
        if space.d == 0:
            return Point(np.empty(0), "the only point")
        u = space.draw(self._point(space.d, history.seed, number)[None, :])
        if not space.feasible(u)[0]:
            return Point(space.sample_unit(rng, 1)[0], "random draw: the Sobol point breaks a constraint")
        return Point(u[0], f"Sobol point {number}")

    def _point(self, d: int, seed: int, number: int) -> np.ndarray:
        from scipy.stats import qmc  # slow to import: only who uses it pays

        if self._engine is None or self._engine[0] != (d, seed) or self._engine[1].num_generated > number:
            self._engine = ((d, seed), qmc.Sobol(d, scramble=True, rng=np.random.default_rng(seed)))
        engine = self._engine[1]
        if engine.num_generated < number:
            engine.fast_forward(number - engine.num_generated)
        return np.asarray(engine.random(1)[0], dtype=float)
