"""What a strategy is: an algorithm that chooses the next point from a history, and knows nothing of storages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from hyperopt_core.trial import Origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyperopt_core.history import History


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """A point of the unit cube with the reason for it.

    `u` has shape (d,), NaN where a parameter is inactive. `strategy` names the one that chose it, where that is not
    the one that was asked.
    """

    u: np.ndarray
    reason: str = ""
    details: Mapping[str, float] = field(default_factory=dict)  # "mean" and "sd" predicted, as `History.y` has values
    strategy: str = ""

    def origin(self, strategy: str) -> Origin:
        """The record that the trial carries."""
        return Origin(self.strategy or strategy, self.reason, self.details)


class Strategy(Protocol):
    """Chooses points.

    The answer is a function of (history, number, rng, budget) alone: no hidden state that a restart loses.
    What a strategy caches may make it faster and never changes what it answers. One that chooses among others may have
    a method `explain(history) -> str` that says what it chose and why.
    """

    @property
    def name(self) -> str:
        """As users write it in `strategy=` and `method:`."""

    def ask(self, history: History, number: int, rng: np.random.Generator, budget: int | None = None) -> Point:
        """The point for trial `number`.

        `history` holds the space, the finished trials and the pending ones. budget: the step to which the trial is
        trained at first; None: to its end. Raises `SpaceExhausted` where there is none left.
        """
