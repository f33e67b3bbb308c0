"""One ladder of rungs without brackets, where no worker ever waits: what `ASHA` and `Auto` have in common."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hyperopt_core.maths.halving import Ranking, floor, reached
from hyperopt_core.schedulers.protocol import Job
from hyperopt_core.trial import Decision, State, Trial, Verdict

CONTINUE = Verdict()


class Ladder:
    """Trials are compared at each of the `rungs` but the last, which is `max_steps` where that is known.

    Where trials can be resumed and max_steps is known they are promoted: each trains to its rung and is paused, and the
    best 1/eta of those that came there go on. Else a trial is stopped at a rung unless it is in the best 1/eta so far.
    """

    def __init__(self, rungs: Sequence[float], max_steps: int | None, eta: float, resumable: bool | None) -> None:
        self.max_steps, self.eta, self.resumable = max_steps, eta, resumable
        self.rungs = tuple(rungs)
        self._promotes = bool(resumable) and max_steps is not None
        self._judged = self.rungs if max_steps is None else self.rungs[:-1]
        self._rankings = [Ranking() for _ in self._judged]
        self._budgets: dict[int, float] = {}  # trial -> the step of the rung that it trains to
        self._based: dict[int, int] = {}  # trial -> the attempt that began from scratch

    def next_job(self, new: bool = True) -> Job:
        if not self._promotes:
            return Job()
        for rung in range(len(self._judged) - 1, -1, -1):
            number = self._rankings[rung].promotable(self.eta)
            if number is not None:
                place = self._place(self._rankings[rung].rank(number), rung)
                return Job(number, int(self.rungs[rung + 1]), place)
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
            return CONTINUE
        ranking = self._rankings[rung]
        is_new = trial.number not in ranking
        rank = ranking.record(trial.number, value)
        if self._promotes:
            budget = self._budgets.get(trial.number, math.inf)
            if step < budget or max(step, budget) >= self.rungs[-1]:
                return CONTINUE
            return Verdict(Decision.PAUSE, f"at step {step:g}, where the best 1/{self.eta:g} of all trials go on")
        kept = max(1, floor(len(ranking) / self._eta_at(rung)))
        if not is_new or value <= ranking.value_at(kept):
            return CONTINUE
        return Verdict(Decision.STOP, f"{self._place(rank, rung)}, where {kept} go on")

    def ended(self, trial: Trial) -> None:
        for ranking in reversed(self._rankings):
            if trial.state is State.PAUSED and trial.number in ranking:
                ranking.wait(trial.number)
                return
            ranking.leave(trial.number)

    def _eta_at(self, rung: int) -> float:
        """One trial in so many is not stopped at this rung."""
        return self.eta

    def _place(self, rank: int, rung: int) -> str:
        return f"rank {rank} of {len(self._rankings[rung])} trials at step {self._judged[rung]:g}"
