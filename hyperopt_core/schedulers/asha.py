"""ASHA: asynchronous successive halving (Li et al. 2020), where no worker ever waits."""

from __future__ import annotations

from typing import Self

from hyperopt_core.maths.halving import rung_steps
from hyperopt_core.schedulers.ladder import Ladder
from hyperopt_core.schedulers.options import check_ladder
from hyperopt_core.schedulers.protocol import Setting


class ASHA(Ladder):
    """Lets the best 1/eta of the trials at each rung go on to the next.

    Rungs: min_steps, min_steps * eta, ..., max_steps. Where trials can be resumed, each trains to its rung and is
    paused; a free worker takes a paused trial of the top 1/eta, of the highest rung that has one, else a new trial
    (algorithm 2). Where they cannot, a trial that reaches a rung goes on if it is in the top 1/eta of those seen there
    so far, the first always, and is stopped if not. max_steps, resumable: default those of the optimizer; without
    max_steps trials are only stopped. A report takes O(log n) for n trials. Raises `ConfigError`.

    >>> ASHA(max_steps=27).rungs
    (1, 3, 9, 27)
    """

    name = "asha"

    def __init__(
        self,
        min_steps: int = 1,
        max_steps: int | None = None,
        eta: float = 3,
        *,
        resumable: bool | None = None,
    ) -> None:
        check_ladder(min_steps, max_steps, eta)
        super().__init__(rung_steps(min_steps, max_steps, eta), max_steps, eta, resumable)
        self.min_steps = min_steps

    def fitted(self, setting: Setting) -> Self:
        """The same for a sweep, without memory."""
        return type(self)(
            self.min_steps,
            setting.max_steps if self.max_steps is None else self.max_steps,
            self.eta,
            resumable=setting.resumable if self.resumable is None else self.resumable,
        )
