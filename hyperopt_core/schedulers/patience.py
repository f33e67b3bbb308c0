"""Patience: a training that has stopped improving is over, whatever the others do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from hyperopt_core.errors import ConfigError, Fault
from hyperopt_core.schedulers.options import count_faults, is_number
from hyperopt_core.schedulers.protocol import Job, Setting
from hyperopt_core.trial import Decision, Trial, Verdict

_CONTINUE = Verdict()


@dataclass(slots=True)
class _Curve:
    base_attempt: int
    best: float
    since: float  # the step of the best value


class Patience:
    """Stops a trial that has not improved on its best value for `patience` steps.

    min_delta: a gain of less than this is none. min_steps: nothing is stopped before. Raises `ConfigError`.

    >>> Patience(10).name
    'patience'
    """

    name = "patience"

    def __init__(self, patience: int = 10, min_delta: float = 0.0, min_steps: int = 1) -> None:
        faults = [*count_faults("patience", patience), *count_faults("min_steps", min_steps)]
        if not (is_number(min_delta) and 0 <= min_delta < float("inf")):
            faults.append(Fault(("min_delta",), f"is {min_delta!r}: 0 or a gain above it is needed"))
        if faults:
            raise ConfigError(faults)
        self.patience, self.min_delta, self.min_steps = patience, min_delta, min_steps
        self._curves: dict[int, _Curve] = {}

    def fitted(self, setting: Setting) -> Self:
        """The same without memory."""
        return type(self)(self.patience, self.min_delta, self.min_steps)

    def next_job(self, new: bool = True) -> Job:
        return Job()

    def started(self, trial: Trial) -> None:
        curve = self._curves.get(trial.number)
        if curve is not None and curve.base_attempt != trial.base_attempt:
            del self._curves[trial.number]

    def report(self, trial: Trial, step: float, value: float) -> Verdict:
        curve = self._curves.get(trial.number)
        if curve is None:
            self._curves[trial.number] = _Curve(trial.base_attempt, value, step)
            return _CONTINUE
        if value < curve.best - self.min_delta:
            curve.best, curve.since = value, step
            return _CONTINUE
        if step < self.min_steps or step - curve.since < self.patience:
            return _CONTINUE
        return Verdict(Decision.STOP, f"no better since step {curve.since:g}, at step {step:g}")

    def ended(self, trial: Trial) -> None: ...
