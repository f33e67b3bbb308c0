"""A threshold: trainings that are hopeless by a bound that the user knows."""

from __future__ import annotations

from typing import Self

from hyperopt_core.errors import ConfigError, Fault
from hyperopt_core.schedulers.options import count_faults, is_number
from hyperopt_core.schedulers.protocol import Job, Setting
from hyperopt_core.trial import Decision, Trial, Verdict

_CONTINUE = Verdict()


class Threshold:
    """Stops a trial that reports a value worse than a bound.

    worse_than: in the metric's own unit; a loss above it, or with `goal: maximize` a score below it, ends the trial.
    min_steps: nothing is stopped before. Raises `ConfigError`.

    >>> Threshold(worse_than=2.3, min_steps=3).name
    'threshold'
    """

    name = "threshold"

    def __init__(self, worse_than: float | None = None, min_steps: int = 1, *, goal: str = "minimize") -> None:
        faults = count_faults("min_steps", min_steps)
        if worse_than is None:
            faults.append(Fault(("worse_than",), "is missing: the value beyond which a training is hopeless"))
        elif not is_number(worse_than) or worse_than != worse_than:
            faults.append(Fault(("worse_than",), f"is {worse_than!r}: a number is needed"))
        if faults or worse_than is None:
            raise ConfigError(faults)
        self.worse_than, self.min_steps, self.goal = worse_than, min_steps, goal
        self._bound = worse_than if goal == "minimize" else -worse_than

    def fitted(self, setting: Setting) -> Self:
        """The same for the goal of one sweep."""
        return type(self)(self.worse_than, self.min_steps, goal=setting.goal)

    def next_job(self, new: bool = True) -> Job:
        return Job()

    def started(self, trial: Trial) -> None: ...

    def report(self, trial: Trial, step: float, value: float) -> Verdict:
        if step < self.min_steps or value <= self._bound:
            return _CONTINUE
        return Verdict(Decision.STOP, f"worse than {self.worse_than:g} at step {step:g}")

    def ended(self, trial: Trial) -> None: ...
