"""Random search: every parameter from its own distribution (Bergstra and Bengio, 2012)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyperopt_core.strategies.protocol import Point

if TYPE_CHECKING:
    from hyperopt_core.history import History


class Random:
    """Independent draws; probabilities and priors of the space are followed.

    >>> Random().name
    'random'
    """

    name = "random"

    def ask(self, history: History, number: int, rng: np.random.Generator, budget: int | None = None) -> Point:
        return Point(history.space.sample_unit(rng, 1)[0], "random draw")
