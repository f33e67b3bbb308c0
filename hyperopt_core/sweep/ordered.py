"""Deterministic parallel search: what is proposed and decided does not depend on how fast which trial was trained.

With W trials at a time (`parallelism`), everything about trial k is decided from the whole lives of the trials up to
k - W and the parameters of those between: they are pending, however far they may have come. Every process that reads
the log rebuilds the same state, trial by trial in the order of numbers, whatever order the results came in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hyperopt_core.errors import ConfigError, TooEarly
from hyperopt_core.history import History
from hyperopt_core.optimizer import Optimizer
from hyperopt_core.schedulers import Job, make_scheduler
from hyperopt_core.spec import SweepSpec
from hyperopt_core.trial import Changes, Measurement, Proposal, State, Trial

if TYPE_CHECKING:
    from hyperopt_core.schedulers.protocol import Scheduler
    from hyperopt_core.strategies.protocol import Strategy


def make_optimizer(spec: SweepSpec) -> Optimizer:
    """The engine of a sweep. Raises `ConfigError` for what does not fit together."""
    return OrderedOptimizer.from_spec(spec) if spec.deterministic else Optimizer.from_spec(spec)


def first_open(history: History) -> int:
    """The number of the first trial that has not ended; where all have, of the next new one."""
    return min(history.open_numbers(*State), default=len(history))


class OrderedOptimizer(Optimizer):
    """An optimizer whose proposals and verdicts depend on (spec, seed, number, results) alone.

    Raises `ConfigError` for schedulers that pause trials: which of them goes on is a matter of who was first.
    """

    def _set_up(
        self, spec: SweepSpec, strategy: Strategy, early_terminate: str | Mapping[str, Any] | Scheduler | None
    ) -> None:
        super()._set_up(spec, strategy, early_terminate)
        if self.scheduler.next_job() != Job():
            raise ConfigError(
                f"deterministic does not go with early_terminate {self.scheduler.name!r} here, which pauses trials and"
                " lets the best go on, in the order in which they come: leave out `resumable`, so that asha and auto"
                " stop trials, or take median, percentile, patience or threshold"
            )
        self._width = self.spec.parallelism or 1
        self._past = Optimizer.from_spec(replace(self.spec, deterministic=False))  # what is known ...
        self._number = 0  # ... when this trial is proposed
        self._schedulers = {0: deepcopy(self._past.scheduler)}  # as it is when a trial is proposed
        self._judges: dict[int, tuple[int, Scheduler]] = {}  # trial -> (base attempt, its own scheduler)

    def explain(self) -> str:
        """As `Optimizer.explain`, and what a trial may depend on."""
        order = f"deterministic: trial k knows the results of the trials up to k - {self._width}"
        return f"{super().explain()}\norder: {order}"

    def ready(self, number: int) -> bool:
        """Whether trial `number` can be proposed: all that it depends on has ended, all before it have parameters."""
        return self._advance(number)

    def propose(self, number: int) -> Proposal:
        """Parameters for the new trial `number`. Raises `TooEarly`, `SpaceExhausted`."""
        if not self._advance(number):
            raise TooEarly(f"trial {number} depends on trials up to {number - self._width}, and some have not ended")
        return self._past.propose(number)

    def _scheduler_of(self, number: int) -> Scheduler:
        trial = self.history[number]
        if trial.state.ended:
            return make_scheduler(None)
        base, judge = self._judges.get(number, (0, None))
        if judge is None or base != trial.base_attempt:
            self._advance(number)
            before = self._schedulers.get(number)  # none: a person had a trial tried again that it depends on
            judge = make_scheduler(None) if before is None else deepcopy(before)
            judge.started(_fresh(trial))
            self._judges[number] = (trial.base_attempt, judge)
        return judge

    def _advance(self, number: int) -> bool:
        """Go on to where trial `number` is proposed; False where something is not known yet."""
        while self._number < number:
            if self._number not in self.history:
                return False
            this, old = self.history[self._number], self._number + 1 - self._width
            if not (this.params or this.state.ended):
                return False
            if old >= 0 and not self.history[old].state.ended:
                return False
            self._learn(_fresh(this))
            if old >= 0:
                self._relive(old)
            self._number += 1
            self._schedulers[self._number] = deepcopy(self._past.scheduler)
        return self._number == number

    def _relive(self, number: int) -> None:
        """Have the past know the whole life of a trial, as if one attempt had trained it."""
        for measurement in _each_step_once(self.history, number):
            self._past._verdicts.pop(number, None)  # it was judged by its own scheduler, and the rest counts as well
            self._past.apply(Changes(self._past.seq + 1, (), ((number, measurement),)))
        end = self.history[number]
        self._learn(replace(_fresh(end), state=end.state, values=end.values, metrics=end.metrics))
        self._schedulers.pop(number, None)
        self._judges.pop(number, None)

    def _learn(self, trial: Trial) -> None:
        self._past.apply(Changes(self._past.seq + 1, (trial,)))


def _fresh(trial: Trial) -> Trial:
    """A trial as it begins, whatever happened to the agents that took it."""
    return Trial(trial.number, trial.params, origin=trial.origin)


def _each_step_once(history: History, number: int) -> Iterator[Measurement]:
    """What a trial reported. An attempt that goes on from a checkpoint may report some steps again."""
    last = -1.0
    for measurement in history.curve(number):
        if measurement.step > last:
            last = measurement.step
            yield replace(measurement, attempt=1)
