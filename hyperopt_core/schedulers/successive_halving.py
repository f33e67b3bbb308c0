"""Successive halving (Jamieson & Talwalkar 2016), in brackets that all begin at the shortest trainings."""

from __future__ import annotations

from typing import Self

from hyperopt_core.maths.brackets import hyperband_plans
from hyperopt_core.schedulers.options import check_ladder
from hyperopt_core.schedulers.protocol import Job, Setting
from hyperopt_core.schedulers.synchronous import Rungs
from hyperopt_core.trial import Trial, Verdict

#: The steps of a full training where neither the scheduler nor the optimizer says so.
DEFAULT_MAX_STEPS = 81


class SuccessiveHalving:
    """Rounds of one bracket: eta^s trials to min_steps, the best 1/eta of them to eta times as far, and so on.

    All trials of a rung are compared at once: the first bracket of `Hyperband`, again and again. It trusts short
    trainings: where they mislead, take `hyperband`. Pauses, budgets and re-training are those of `Hyperband`.
    max_steps: default the optimizer's, else 81. Raises `ConfigError`.

    >>> SuccessiveHalving(max_steps=9).plan
    [(9, 1), (3, 3), (1, 9)]
    """

    name = "successive_halving"

    def __init__(self, min_steps: int = 1, max_steps: int | None = None, eta: float = 3) -> None:
        check_ladder(min_steps, max_steps, eta)
        self.min_steps, self.max_steps, self.eta = min_steps, max_steps, eta
        #: (trials, steps) of each rung
        self.plan = hyperband_plans(min_steps, max_steps or max(DEFAULT_MAX_STEPS, min_steps), eta)[0]
        self._rungs = Rungs([self.plan])

    def fitted(self, setting: Setting) -> Self:
        """The same for one sweep and without memory."""
        return type(self)(self.min_steps, self.max_steps or setting.max_steps, self.eta)

    def next_job(self, new: bool = True) -> Job:
        return self._rungs.next_job(new)

    def started(self, trial: Trial) -> None:
        self._rungs.started(trial)

    def report(self, trial: Trial, step: float, value: float) -> Verdict:
        return self._rungs.report(trial, step, value)

    def ended(self, trial: Trial) -> None:
        self._rungs.ended(trial)
