"""W&B's `early_terminate: {type: hyperband}`: an asynchronous quantile stopper, decision for decision.

At certain iterations, the bands, a trial must be among the best 1/eta of all trials that ever got there. It is judged
at every report, at the largest band that it has reached, against the values known by then: so a trial that passed may
be stopped later. The semantics are those of the engine that W&B published as `sweeps` 0.3.0; despite its name it is not
the Hyperband of Li et al. (2018).
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import Any

from hyperopt_core.errors import ConfigError, Fault
from hyperopt_core.schedulers.protocol import Job
from hyperopt_core.trial import Decision, Trial, Verdict

#: Where nothing says so, trials are first judged at this iteration.
DEFAULT_MIN_ITER = 3

_CONTINUE = Verdict()
_MOST_BANDS = 100  # of `min_iter`, as in W&B
_MOST_DIVISIONS = 10_000  # of `max_iter`
_LARGEST_BAND = 2**53


@dataclass(slots=True)
class _Curve:
    """What a trial has reported since it began."""

    base_attempt: int
    count: int = 0
    best: float = float("inf")
    at_bands: list[float] = field(default_factory=list)  # its value at each band that it has reached


class WandbHyperband:
    """Stops trials that are not among the best 1/eta at the bands.

    Bands: with `max_iter` and `s`, max_iter / eta, ..., max_iter / eta^s; else min_iter, min_iter * eta, ...
    The iteration of a trial is its number of finite reports so far, whatever their steps. strict: judge the value at
    the band; else the best value so far. A report takes O(log n) for n trials. Raises `ConfigError`.

    >>> WandbHyperband(max_iter=27, s=2).bands
    (3, 9)
    """

    name = "wandb"

    def __init__(
        self,
        min_iter: int | None = None,
        *,
        max_iter: int | None = None,
        s: int | None = None,
        eta: float = 3,
        strict: bool = True,
    ) -> None:
        if min_iter is None and max_iter is None and s is None:
            min_iter = DEFAULT_MIN_ITER
        _check(min_iter, max_iter, s, eta, strict)
        self.strict = strict
        self.bands = _bands(min_iter, max_iter, s, eta)
        self._share = 1.0 / eta
        self._values: list[list[float]] = [[] for _ in self.bands]  # of every trial that reached the band, ascending
        self._curves: dict[int, _Curve] = {}

    def next_job(self, new: bool = True) -> Job:
        return Job()

    def started(self, trial: Trial) -> None:
        curve = self._curves.get(trial.number)
        if curve is None or curve.base_attempt == trial.base_attempt:
            return
        # It begins from scratch: what it reported before does not count.
        for values, value in zip(self._values, curve.at_bands, strict=False):
            del values[bisect_left(values, value)]
        del self._curves[trial.number]

    def report(self, trial: Trial, step: float, value: float) -> Verdict:
        curve = self._curves.setdefault(trial.number, _Curve(trial.base_attempt))
        curve.count += 1
        curve.best = min(curve.best, value)
        reached = len(curve.at_bands)
        if reached < len(self.bands) and curve.count == self.bands[reached]:
            curve.at_bands.append(value)
            insort(self._values[reached], value)
        return self._judge(curve) if curve.at_bands else _CONTINUE

    def ended(self, trial: Trial) -> None: ...

    def _judge(self, curve: _Curve) -> Verdict:
        reached = len(curve.at_bands) - 1
        values = self._values[reached]
        last = int(self._share * len(values))  # the last rank that goes on, from 0
        judged = curve.at_bands[reached] if self.strict else curve.best
        if judged <= values[last]:
            return _CONTINUE
        rank = bisect_left(values, judged) + 1
        place = f"rank {rank} of {len(values)} trials at iteration {self.bands[reached]}"
        return Verdict(Decision.STOP, f"{place}, where the best {last + 1} go on")


def _bands(min_iter: float | None, max_iter: float | None, s: float | None, eta: float) -> tuple[int, ...]:
    """The iterations at which trials are judged, ascending; the arithmetic is W&B's to the last bit."""
    bands: set[int] = set()
    if max_iter is not None and s is not None:
        band = float(max_iter)
        for _ in range(min(int(s), _MOST_DIVISIONS)):
            band /= eta
            if band < 1:
                break
            bands.add(int(band))
    elif min_iter is not None:
        band = min_iter
        for _ in range(_MOST_BANDS):
            if band > _LARGEST_BAND:
                break
            bands.add(int(band))
            band *= eta
    if not bands:
        raise ConfigError(
            [Fault(("max_iter",), f"is {max_iter}, so that max_iter / eta is below 1: no trial would ever be judged")]
        )
    return tuple(sorted(bands))


def _check(min_iter: Any, max_iter: Any, s: Any, eta: Any, strict: Any) -> None:
    counts = {"min_iter": min_iter, "max_iter": max_iter, "s": s}
    faults = [
        Fault((key,), f"is {value!r}: a whole number of 1 or more is needed")
        for key, value in counts.items()
        if value is not None and not (_is_number(value) and value >= 1 and value == value // 1 <= _LARGEST_BAND)
    ]
    if min_iter is None and max_iter is None:
        faults.append(Fault(("min_iter",), "is missing: give min_iter, or max_iter and s"))
    if min_iter is None and max_iter is not None and s is None:
        faults.append(Fault(("s",), "is missing: max_iter needs s, the number of times that trials are judged"))
    if not (_is_number(eta) and 1 < eta < float("inf")):
        faults.append(Fault(("eta",), f"is {eta!r}: a number above 1 is needed; one trial in eta goes on"))
    if not isinstance(strict, bool):
        faults.append(Fault(("strict",), f"is {strict!r}: true or false is needed"))
    if faults:
        raise ConfigError(faults)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
