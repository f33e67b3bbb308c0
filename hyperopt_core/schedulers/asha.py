"""ASHA: asynchronous successive halving (Li et al. 2020), where no worker ever waits."""

from __future__ import annotations

import math
from typing import Self

from hyperopt_core.maths.halving import Ranking, floor, reached, rung_steps
from hyperopt_core.schedulers.options import check_ladder
from hyperopt_core.schedulers.protocol import Job, Setting
from hyperopt_core.trial import Decision, State, Trial, Verdict

_CONTINUE = Verdict()


class ASHA:
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
        self.min_steps, self.max_steps, self.eta, self.resumable = min_steps, max_steps, eta, resumable
        self.rungs = rung_steps(min_steps, max_steps, eta)
        self._promotes = bool(resumable) and max_steps is not None
        judged = self.rungs if max_steps is None else self.rungs[:-1]
        self._judged = judged
        self._rankings = [Ranking() for _ in judged]
        self._budgets: dict[int, float] = {}  # trial -> the step of the rung that it trains to
        self._based: dict[int, int] = {}  # trial -> the attempt that began from scratch

    def fitted(self, setting: Setting) -> Self:
        """The same for a sweep, without memory."""
        return type(self)(
            self.min_steps,
            setting.max_steps if self.max_steps is None else self.max_steps,
            self.eta,
            resumable=setting.resumable if self.resumable is None else self.resumable,
        )

    def next_job(self, new: bool = True) -> Job:
        if not self._promotes:
            return Job()
        for rung in range(len(self._judged) - 1, -1, -1):
            number = self._rankings[rung].promotable(self.eta)
            if number is not None:
                place = self._place(self._rankings[rung].rank(number), rung)
                return Job(number, int(self.rungs[rung + 1]), f"{place} at step {self.rungs[rung]:g}")
        return Job(budget=int(self.rungs[0])) if new else Job()

    def started(self, trial: Trial) -> None:
        restarted = self._based.setdefault(trial.number, trial.base_attempt) != trial.base_attempt
        self._based[trial.number] = trial.base_attempt
        for ranking in self._rankings:
            ranking.leave(trial.number)
            if restarted and not self._promotes:
                ranking.forget(trial.number)  # it is judged again, by what it reports from now on
        if trial.budget is not None:
            self._budgets[trial.number] = trial.budget

    def report(self, trial: Trial, step: float, value: float) -> Verdict:
        rung = reached(self._judged, step) - 1
        if rung < 0:
            return _CONTINUE
        is_new = trial.number not in self._rankings[rung]
        rank = self._rankings[rung].record(trial.number, value)
        if self._promotes:
            budget = self._budgets.get(trial.number, math.inf)
            if step < budget or max(step, budget) >= self.rungs[-1]:
                return _CONTINUE
            return Verdict(Decision.PAUSE, f"at step {step:g}, where the best 1/{self.eta:g} of all trials go on")
        kept = max(1, floor(len(self._rankings[rung]) / self.eta))
        if not is_new or value <= self._rankings[rung].value_at(kept):
            return _CONTINUE
        return Verdict(Decision.STOP, f"{self._place(rank, rung)} at step {self._judged[rung]:g}, where {kept} go on")

    def ended(self, trial: Trial) -> None:
        for ranking in reversed(self._rankings):
            if trial.state is State.PAUSED and trial.number in ranking:
                ranking.wait(trial.number)
                return
            ranking.leave(trial.number)

    def _place(self, rank: int, rung: int) -> str:
        return f"rank {rank} of {len(self._rankings[rung])} trials"
