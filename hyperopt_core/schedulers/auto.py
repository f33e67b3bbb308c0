"""What a user gets who writes `early_terminate="auto"`: successive halving that checks itself by full trainings."""

from __future__ import annotations

import math
from typing import Self

from hyperopt_core.maths.halving import rung_steps, steps_text
from hyperopt_core.maths.ranks import spearman
from hyperopt_core.schedulers.ladder import CONTINUE, Ladder
from hyperopt_core.schedulers.options import check_ladder
from hyperopt_core.schedulers.protocol import Job, Setting
from hyperopt_core.trial import Trial, Verdict

#: Where a trial's origin says that no rung ends it.
_STRAIGHT = "straight"
#: The first rung is at this share of a full training: before that, most losses do not order trials yet.
_FIRST_RUNG = 1 / 20
#: The order of trials is settled where it has this rank correlation with the order later on: at a third of the first
#: rung with that rung, once so many trials have come there; and at the first rung with the end of full trainings, once
#: so many have ended. Those alone are no proof: they are chosen where the model believes in the early order.
_SETTLED = 0.8
_FIRST_LOOK = 8
_LEAST_FULL = 5
#: Short trainings come alone until they have taken as many steps as so many full trainings. Then full ones take their
#: share of all steps. The pairs are for an order that is not settled early, and for one that is.
_ALONE = (6, 10)
_FULL_SHARE = (0.75, 0.2)


class Auto(Ladder):
    """ASHA, and in turn with it full trainings that no rung can end, so that the early order is put to the test.

    Rungs: a twentieth of max_steps, eta times that, ..., max_steps. Where trials can be resumed and max_steps is known,
    trials are paused at rungs and the best 1/eta go on; after a while, three of four steps go to trials that are
    trained straight to the end; fewer, and later, where the order of trials hardly changes on the way to the first
    rung. Else, a trial is stopped at a rung where it is not in the best 1/eta so far (the best half at the first rung).
    max_steps, resumable: default those of the optimizer. A report takes O(log n) for n trials. Raises `ConfigError`.

    >>> Auto(max_steps=52).rungs
    (3, 9, 27, 52)
    """

    name = "auto"

    def __init__(self, max_steps: int | None = None, eta: float = 3, *, resumable: bool | None = None) -> None:
        check_ladder(1, max_steps, eta)
        first = 1 if max_steps is None else math.ceil(max_steps * _FIRST_RUNG)
        super().__init__(rung_steps(first, max_steps, eta), max_steps, eta, resumable)
        self._early: dict[int, float] = {}  # trial -> value on the way to the first rung
        self._first: dict[int, float] = {}  # trial that no rung ends -> value at the first rung
        self._both: dict[int, tuple[float, float]] = {}  # such a trial that came to its end -> that value, and the last
        self._settled_early: bool | None = None  # what the order before the first rung says, once it is known
        self._settled_late: bool | None = None  # what the ends of full trainings say
        self._next_look = _FIRST_LOOK
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
        if new and self._promotes and self.max_steps is not None:
            share = _FULL_SHARE[self._settled] * (self._short_steps + self._full_steps)
            if _ALONE[self._settled] * self.max_steps <= self._short_steps and self._full_steps < share:
                return Job(budget=self.max_steps, details={_STRAIGHT: 1.0})
        return super().next_job(new)

    def started(self, trial: Trial) -> None:
        super().started(trial)
        if trial.number not in self._last:
            self._last[trial.number] = 0.0
            if self._promotes and _STRAIGHT in trial.origin.details:
                self._straight.add(trial.number)
                self._full_steps += self.max_steps or 0

    def report(self, trial: Trial, step: float, value: float) -> Verdict:
        if trial.number in self._straight:
            self._look_at_end(trial.number, step, value)
            return CONTINUE
        gone = step - self._last.get(trial.number, 0.0)
        if gone > 0:
            self._short_steps += gone
            self._last[trial.number] = step
        if self.rungs[0] / 3.0 <= step < self.rungs[0]:
            self._early.setdefault(trial.number, value)
        verdict = super().report(trial, step, value)
        self._look()
        return verdict

    def _eta_at(self, rung: int) -> float:
        return self.eta if rung else 2.0

    @property
    def _settled(self) -> bool:
        """Whether there is a sign that the order hardly changes after the first rung, and none against it."""
        known = [said for said in (self._settled_early, self._settled_late) if said is not None]
        return bool(known) and all(known)

    def _look(self) -> None:
        """Whether the order was settled before the first rung; each time that twice as many trials have come there."""
        if not self._promotes or not self._rankings or len(self._rankings[0]) < self._next_look:
            return
        first = self._rankings[0]
        self._next_look *= 2
        both = [number for number in first.numbers if number in self._early]
        if len(both) >= _FIRST_LOOK:
            order = spearman([self._early[number] for number in both], [first.value(number) for number in both])
            self._settled_early = order >= _SETTLED

    def _look_at_end(self, number: int, step: float, value: float) -> None:
        """Whether the order at the first rung was that of full trainings at their end."""
        if step < self.rungs[0]:
            return
        first = self._first.setdefault(number, value)
        if step >= self.rungs[-1]:
            self._both[number] = (first, value)
            if len(self._both) >= _LEAST_FULL:
                self._settled_late = spearman(*zip(*self._both.values(), strict=True)) >= _SETTLED
