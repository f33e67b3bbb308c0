"""The percentile rule: a trial must be among the best so many percent at every step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from hyperopt_core.errors import ConfigError, Fault
from hyperopt_core.maths.columns import StepValues, quantile
from hyperopt_core.schedulers.options import count_faults, is_number
from hyperopt_core.schedulers.protocol import Job, Setting
from hyperopt_core.trial import Decision, Trial, Verdict

_CONTINUE = Verdict()


@dataclass(slots=True)
class _Curve:
    base_attempt: int
    best: float = float("inf")


class Percentile:
    """Stops a trial whose best value so far is not among the best `percent` of the others' best values at that step.

    percent: above 0, below 100. min_steps: nothing is stopped before. min_trials: nor against fewer others that came as
    far. interval: trials are judged at the first report in every so many steps. A report takes O(log n) for n trials.
    Raises `ConfigError`.

    >>> Percentile(25).name
    'percentile'
    """

    name = "percentile"

    def __init__(self, percent: float = 50.0, min_steps: int = 1, min_trials: int = 5, interval: int = 1) -> None:
        faults = [
            *count_faults("min_steps", min_steps),
            *count_faults("min_trials", min_trials),
            *count_faults("interval", interval),
        ]
        if not (is_number(percent) and 0 < percent < 100):
            faults.append(Fault(("percent",), f"is {percent!r}: a number above 0 and below 100 is needed"))
        if faults:
            raise ConfigError(faults)
        self.percent, self.min_steps, self.min_trials, self.interval = percent, min_steps, min_trials, interval
        self._bests = StepValues()
        self._curves: dict[int, _Curve] = {}

    def fitted(self, setting: Setting) -> Self:
        """The same without memory."""
        return type(self)(self.percent, self.min_steps, self.min_trials, self.interval)

    def next_job(self, new: bool = True) -> Job:
        return Job()

    def started(self, trial: Trial) -> None:
        curve = self._curves.get(trial.number)
        if curve is not None and curve.base_attempt != trial.base_attempt:
            del self._curves[trial.number]
            self._bests.forget(trial.number)

    def report(self, trial: Trial, step: float, value: float) -> Verdict:
        curve = self._curves.setdefault(trial.number, _Curve(trial.base_attempt))
        curve.best = min(curve.best, value)
        place = int(step // self.interval)
        others = self._bests.at(place)
        n = len(others)
        bound = quantile(others, self.percent / 100.0) if n else curve.best
        first_here = self._bests.add(trial.number, place, curve.best)
        if not first_here or step < self.min_steps or n < self.min_trials or curve.best <= bound:
            return _CONTINUE
        return Verdict(Decision.STOP, f"not among the best {self.percent:g} % of {n} other trials at step {step:g}")

    def ended(self, trial: Trial) -> None: ...
