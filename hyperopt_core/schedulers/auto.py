"""What a user gets who writes `early_terminate="auto"`: successive halving that checks itself by full trainings."""

from __future__ import annotations

import math
from typing import Self

from hyperopt_core.maths.halving import Ranking, floor, reached, rung_steps, steps_text
from hyperopt_core.maths.ranks import spearman
from hyperopt_core.schedulers.options import check_ladder
from hyperopt_core.schedulers.protocol import Job, Setting
from hyperopt_core.trial import Decision, State, Trial, Verdict

_CONTINUE = Verdict()
#: Where a trial's origin says that no rung ends it.
_STRAIGHT = "straight"
#: The first rung is at this share of a full training: before that, most losses do not order trials yet.
_FIRST_RUNG = 1 / 20
#: The order of trials is settled where it has this rank correlation with the order later on: at a third of the first
#: rung with that rung, once so many trials have come there; later, at the first rung with the end of full trainings.
_SETTLED = 0.8
_FIRST_LOOK = 8
_LEAST_FULL = 5
#: Short trainings come alone until they have taken as many steps as so many full trainings. Then full ones take their
#: share of all steps. The pairs are for an order that is not settled early, and for one that is.
_ALONE = (6, 10)
_FULL_SHARE = (0.5, 0.2)


class Auto:
    """ASHA, and in turn with it full trainings that no rung can end, so that the early order is put to the test.

    Rungs: a twentieth of max_steps, eta times that, ..., max_steps. Where trials can be resumed and max_steps is known,
    trials are paused at rungs and the best 1/eta go on; after a while, half of all steps go to trials that are trained
    straight to the end; fewer, and later, where the order of trials hardly changes on the way to the first rung. Else,
    a trial is stopped at a rung where it is not in the best 1/eta so far (the best half at the first rung). max_steps,
    resumable: default those of the optimizer. A report takes O(log n) for n trials. Raises `ConfigError`.

    >>> Auto(max_steps=52).rungs
    (3, 9, 27, 52)
    """

    name = "auto"

    def __init__(self, max_steps: int | None = None, eta: float = 3, *, resumable: bool | None = None) -> None:
        check_ladder(1, max_steps, eta)
        self.max_steps, self.eta, self.resumable = max_steps, eta, resumable
        first = 1 if max_steps is None else math.ceil(max_steps * _FIRST_RUNG)
        self._promotes = bool(resumable) and max_steps is not None
        self.rungs = rung_steps(first, max_steps, eta)
        self._judged = self.rungs if max_steps is None else self.rungs[:-1]
        self._early: dict[int, float] = {}  # trial -> value on the way to the first rung
        self._first: dict[int, float] = {}  # trial that no rung ends -> value at the first rung
        self._both: dict[int, tuple[float, float]] = {}  # such a trial that came to its end -> that value, and the last
        self._settled = False
        self._rankings = [Ranking() for _ in self._judged]
        self._budgets: dict[int, float] = {}
        self._based: dict[int, int] = {}
        self._last: dict[int, float] = {}  # trial -> the step it has been trained to
        self._straight: set[int] = set()  # trials that no rung ends
        self._short_steps = self._full_steps = 0.0

    def fitted(self, setting: Setting) -> Self:
        """The same for a sweep, without memory."""
        return type(self)(
            setting.max_steps if self.max_steps is None else self.max_steps,
            self.eta,
            resumable=setting.resumable if self.resumable is None else self.resumable,
        )

    def explain(self) -> str:
        """What happens at which steps, and why."""
        at = f"at steps {steps_text(self._judged)}"
        if self._promotes:
            return f"trials pause {at}, and the best 1/{self.eta:g} go on; in turn with them come full trainings"
        missing = "max_steps is not known" if self.resumable else "a training cannot go on after a pause"
        return f"trials stop {at} unless they are among the best 1/{self.eta:g} (at first the best half); {missing}"

    def next_job(self, new: bool = True) -> Job:
        if not self._promotes or self.max_steps is None:
            return Job()
        share = _FULL_SHARE[self._settled] * (self._short_steps + self._full_steps)
        if new and _ALONE[self._settled] * self.max_steps <= self._short_steps and self._full_steps < share:
            return Job(budget=self.max_steps, details={_STRAIGHT: 1.0})
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
                self._early.pop(trial.number, None)
        if trial.budget is not None:
            self._budgets[trial.number] = trial.budget
        if trial.number not in self._last:
            self._last[trial.number] = 0.0
            if self._promotes and _STRAIGHT in trial.origin.details:
                self._straight.add(trial.number)
                self._full_steps += self.max_steps or 0

    def report(self, trial: Trial, step: float, value: float) -> Verdict:
        if trial.number in self._straight:
            self._look_at_end(trial.number, step, value)
            return _CONTINUE
        gone = step - self._last.get(trial.number, 0.0)
        if gone > 0:
            self._short_steps += gone
            self._last[trial.number] = step
        if self.rungs[0] / 3.0 <= step < self.rungs[0]:
            self._early.setdefault(trial.number, value)
        rung = reached(self._judged, step) - 1
        if rung < 0:
            return _CONTINUE
        is_new = trial.number not in self._rankings[rung]
        rank = self._rankings[rung].record(trial.number, value)
        if is_new and rung == 0:
            self._look()
        if self._promotes:
            budget = self._budgets.get(trial.number, math.inf)
            if step < budget or max(step, budget) >= self.rungs[-1]:
                return _CONTINUE
            return Verdict(Decision.PAUSE, f"at step {step:g}, where the best 1/{self.eta:g} of all trials go on")
        kept = max(1, floor(len(self._rankings[rung]) / (self.eta if rung else 2.0)))
        if not is_new or value <= self._rankings[rung].value_at(kept):
            return _CONTINUE
        return Verdict(Decision.STOP, f"{self._place(rank, rung)}, where {kept} go on")

    def ended(self, trial: Trial) -> None:
        for ranking in reversed(self._rankings):
            if trial.state is State.PAUSED and trial.number in ranking:
                ranking.wait(trial.number)
                return
            ranking.leave(trial.number)

    def _look(self) -> None:
        """Whether the order was settled before the first rung; each time that twice as many trials have come there."""
        first = self._rankings[0]
        n = len(first)
        if n >= _FIRST_LOOK and n & (n - 1) == 0 and len(self._both) < _LEAST_FULL:
            both = [number for number in first.numbers if number in self._early]
            order = spearman([self._early[number] for number in both], [first.value(number) for number in both])
            self._settled = len(both) >= _FIRST_LOOK and order >= _SETTLED

    def _look_at_end(self, number: int, step: float, value: float) -> None:
        """The better evidence: whether the order at the first rung was that of full trainings at their end."""
        if step < self.rungs[0]:
            return
        first = self._first.setdefault(number, value)
        if step >= self.rungs[-1]:
            self._both[number] = (first, value)
            if len(self._both) >= _LEAST_FULL:
                self._settled = spearman(*zip(*self._both.values(), strict=True)) >= _SETTLED

    def _place(self, rank: int, rung: int) -> str:
        return f"rank {rank} of {len(self._rankings[rung])} trials at step {self._judged[rung]:g}"
