"""What the synchronous schedulers share: events of trials become events of brackets."""

from __future__ import annotations

from collections.abc import Sequence

from hyperopt_core.maths.brackets import Brackets, Plan
from hyperopt_core.schedulers.protocol import Job
from hyperopt_core.trial import Decision, State, Trial, Verdict

_CONTINUE = Verdict()
#: Where a trial's origin says to which bracket it belongs.
_BRACKET = "bracket"


class Rungs:
    """Pauses trials at the rungs of their brackets and hands out those that go up.

    Trials that others began, without a bracket, run to their end.
    """

    def __init__(self, plans: Sequence[Plan]) -> None:
        self._brackets = Brackets(plans)

    def next_job(self, new: bool = True) -> Job:
        number, steps, index = self._brackets.next(new)
        if number is not None:
            return Job(number, steps, f"goes up to step {steps} in bracket {index}")
        return Job(None, steps, details={_BRACKET: index}) if new else Job()

    def started(self, trial: Trial) -> None:
        index = trial.origin.details.get(_BRACKET)
        if index is not None and trial.budget is not None:
            afresh = trial.attempt == trial.base_attempt
            self._brackets.started(trial.number, int(index), trial.budget, afresh=afresh)

    def report(self, trial: Trial, step: float, value: float) -> Verdict:
        if trial.number not in self._brackets or not self._brackets.reported(trial.number, step, value):
            return _CONTINUE
        one = self._brackets.bracket_of(trial.number)
        here = [steps for _, steps in one.plan].index(one.members[trial.number].steps)
        (count, steps), (kept, _) = one.plan[here : here + 2]
        return Verdict(Decision.PAUSE, f"trained to step {steps}, from where {kept} of {count} trials go on")

    def ended(self, trial: Trial) -> None:
        if trial.number not in self._brackets:
            return
        if trial.state is State.PAUSED:
            self._brackets.rests(trial.number)
        else:
            self._brackets.ended(trial.number, finished=trial.state is State.COMPLETED)
