"""The median rule (Golovin et al. 2017, section 3.2.2): gentle, and without any model of a training's length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from hyperopt_core.errors import ConfigError
from hyperopt_core.maths.columns import StepValues, quantile
from hyperopt_core.schedulers.options import count_faults
from hyperopt_core.schedulers.protocol import Job, Setting
from hyperopt_core.trial import Decision, Trial, Verdict

_CONTINUE = Verdict()


@dataclass(slots=True)
class _Curve:
    base_attempt: int
    best: float = float("inf")
    total: float = 0.0
    count: int = 0


class Median:
    """Stops a trial whose best value so far is worse than the median of the others' running averages at that step.

    min_steps: nothing is stopped before. min_trials: nor against fewer others that came as far. interval: trials are
    judged at the first report in every so many steps; for steps that are seconds or samples, so that they can be
    compared. A report takes O(log n) for n trials. Raises `ConfigError`.

    >>> Median(min_steps=3).name
    'median'
    """

    name = "median"

    def __init__(self, min_steps: int = 1, min_trials: int = 5, interval: int = 1) -> None:
        faults = [
            *count_faults("min_steps", min_steps),
            *count_faults("min_trials", min_trials),
            *count_faults("interval", interval),
        ]
        if faults:
            raise ConfigError(faults)
        self.min_steps, self.min_trials, self.interval = min_steps, min_trials, interval
        self._averages = StepValues()
        self._curves: dict[int, _Curve] = {}

    def fitted(self, setting: Setting) -> Self:
        """The same without memory."""
        return type(self)(self.min_steps, self.min_trials, self.interval)

    def next_job(self, new: bool = True) -> Job:
        return Job()

    def started(self, trial: Trial) -> None:
        curve = self._curves.get(trial.number)
        if curve is not None and curve.base_attempt != trial.base_attempt:
            del self._curves[trial.number]
            self._averages.forget(trial.number)

    def report(self, trial: Trial, step: float, value: float) -> Verdict:
        curve = self._curves.setdefault(trial.number, _Curve(trial.base_attempt))
        curve.best = min(curve.best, value)
        curve.total += value
        curve.count += 1
        place = int(step // self.interval)
        others = self._averages.at(place)
        n = len(others)
        median = quantile(others, 0.5) if n else curve.best
        first_here = self._averages.add(trial.number, place, curve.total / curve.count)
        if not first_here or step < self.min_steps or n < self.min_trials or curve.best <= median:
            return _CONTINUE
        worse = f"best value so far worse than the median of the averages of {n} other trials at step {step:g}"
        return Verdict(Decision.STOP, worse)

    def ended(self, trial: Trial) -> None: ...
