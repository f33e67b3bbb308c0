"""Hyperband (Li et al. 2018): many short trainings in one bracket, few full ones in another, and all between."""

from __future__ import annotations

from typing import Self

from hyperopt_core.maths.brackets import hyperband_plans
from hyperopt_core.schedulers.options import check_ladder
from hyperopt_core.schedulers.protocol import Job, Setting
from hyperopt_core.schedulers.synchronous import Rungs
from hyperopt_core.trial import Trial, Verdict

#: The steps of a full training where neither the scheduler nor the optimizer says so, as in the paper's experiments.
DEFAULT_MAX_STEPS = 81


class Hyperband:
    """Brackets of successive halving, by the paper's arithmetic (algorithm 1).

    Bracket s begins with ceil((s_max + 1) / (s + 1) * eta^s) trials; at each rung all of them are trained to the same
    step and paused, and the best 1/eta go on to the next rung, eta times as far. `trial.budget` is the step to train
    to. While a rung waits for results, free workers begin the next bracket. Where trials cannot be resumed, one that
    goes up is trained again from step 1. max_steps: default the optimizer's, else 81. Any strategy fills the brackets.
    Raises `ConfigError`.

    >>> Hyperband(max_steps=27).plans[0]
    [(27, 1), (9, 3), (3, 9), (1, 27)]
    """

    name = "hyperband"

    def __init__(self, min_steps: int = 1, max_steps: int | None = None, eta: float = 3) -> None:
        check_ladder(min_steps, max_steps, eta)
        self.min_steps, self.max_steps, self.eta = min_steps, max_steps, eta
        #: (trials, steps) of each rung of each bracket of a round
        self.plans = hyperband_plans(min_steps, max_steps or max(DEFAULT_MAX_STEPS, min_steps), eta)
        self._rungs = Rungs(self.plans)

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
