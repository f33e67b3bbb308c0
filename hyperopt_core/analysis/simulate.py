"""Training in virtual time: any strategy, scheduler and number of workers on known curves, in milliseconds."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from hyperopt_core.errors import SpaceExhausted
from hyperopt_core.optimizer import Optimizer
from hyperopt_core.trial import Decision, Trial

#: (parameters, step) -> the metric there
Curve = Callable[[Mapping[str, Any], float], float]
#: (parameters, step) -> the step of the next report after that, or None where there is none
Reports = Callable[[Mapping[str, Any], float], float | None]


@dataclass(frozen=True, slots=True)
class Simulation:
    """What came of it; the optimizer holds the trials."""

    seconds: float  # virtual, from the first ask to the last report
    steps: float  # trained, over all workers
    busy: float  # worker-seconds of training
    workers: int
    incumbents: tuple[tuple[float, float, float], ...]  # (seconds, steps so far, best value so far), at each gain

    @property
    def utilisation(self) -> float:
        """The part of the workers' time that was spent on training, 0..1."""
        return self.busy / (self.workers * self.seconds) if self.seconds else 1.0

    def best_at(self, steps: float) -> float:
        """The best value reported within so many steps; infinite before the first.

        >>> Simulation(2.0, 2, 2.0, 1, ((1.0, 1, 0.5), (2.0, 2, 0.25))).best_at(1)
        0.5
        """
        return next((value for _, at, value in reversed(self.incumbents) if at <= steps), math.inf)

    def steps_to(self, value: float) -> float:
        """How many steps it took to a value as small as this; infinite where it was never reached."""
        return next((at for _, at, best in self.incumbents if best <= value), math.inf)


@dataclass(slots=True)
class _Worker:
    trial: Trial
    trained: float  # to this step
    step: float  # that it trains to now


def simulate(
    optimizer: Optimizer,
    curve: Curve,
    *,
    max_steps: int,
    steps: int | None = None,
    trials: int | None = None,
    workers: int = 1,
    seconds_per_step: Callable[[Mapping[str, Any]], float] | float = 1.0,
    fails: Callable[[Trial, float], bool] | None = None,
    reports: Reports | None = None,
) -> Simulation:
    """Run the ask / report / tell loop of `workers` workers until `steps` are trained or `trials` begun.

    curve(params, step) is what a trial reports at each whole step up to `max_steps`; seconds_per_step may depend on the
    parameters, so that results arrive in an order of their own; fails(trial, step) crashes a trial. reports: where
    steps have gaps, or some curves end before others: a training without a next report is over. A worker for whom there
    is nothing to do looks again after the next report. Two runs with the same arguments are the same. Raises
    `ValueError` where neither `steps` nor `trials` ends it.

    >>> from hyperopt_core import Float
    >>> opt = Optimizer({"x": Float(0, 1)}, strategy="random", early_terminate="asha", max_steps=9, seed=0)
    >>> simulate(opt, lambda params, step: params["x"] + 1 / step, max_steps=9, steps=100, workers=4).steps
    100
    """
    if steps is None and trials is None:
        raise ValueError("give steps=... or trials=...: nothing else ends a simulation")
    next_report = reports or partial(_each_step, max_steps)
    return _Simulator(optimizer, curve, next_report, steps, trials, workers, seconds_per_step, fails).run()


def _each_step(max_steps: float, params: Mapping[str, Any], step: float) -> float | None:
    return step + 1 if step < max_steps else None


class _Simulator:
    def __init__(
        self,
        optimizer: Optimizer,
        curve: Curve,
        reports: Reports,
        steps: int | None,
        trials: int | None,
        workers: int,
        seconds_per_step: Callable[[Mapping[str, Any]], float] | float,
        fails: Callable[[Trial, float], bool] | None,
    ) -> None:
        self.optimizer, self.curve, self.reports, self.workers = optimizer, curve, reports, workers
        self.limit = math.inf if steps is None else steps
        self.trials = math.inf if trials is None else trials
        self.seconds_per_step, self.fails = seconds_per_step, fails
        self.clock = self.busy = 0.0
        self.done: float = 0
        self.idle = list(range(workers))
        self.at_work: dict[int, _Worker] = {}
        self.events: list[tuple[float, int, int]] = []  # (time, order of entry, worker)
        self.entered = 0
        self.incumbents: list[tuple[float, float, float]] = []

    def run(self) -> Simulation:
        self._hand_out()
        while self.events and self.done < self.limit:
            self.clock, _, worker = heapq.heappop(self.events)
            self._finish_step(worker)
            self._hand_out()
        self.busy -= sum(at - self.clock for at, _, _ in self.events)  # of steps that are not over at the end
        return Simulation(self.clock, self.done, self.busy, self.workers, tuple(self.incumbents))

    def _hand_out(self) -> None:
        """Give idle workers something to do, as long as there is something."""
        while self.idle:
            worker = self.idle[-1]
            try:
                trial = self.optimizer.ask(new=len(self.optimizer.history) < self.trials)
            except SpaceExhausted:
                return
            trained = self.optimizer.history.last_step(trial.number) if trial.next_step > 1 else 0
            step = self.reports(trial.params, trained)
            if step is None:  # it was to go on, and there is nothing left
                self.optimizer.tell(trial)
                continue
            self.idle.pop()
            self.at_work[worker] = _Worker(trial, trained, step)
            self._enter(worker)

    def _enter(self, worker: int) -> None:
        at, per_step = self.at_work[worker], self.seconds_per_step
        seconds = (at.step - at.trained) * (per_step(at.trial.params) if callable(per_step) else per_step)
        self.busy += seconds
        self.entered += 1
        heapq.heappush(self.events, (self.clock + seconds, self.entered, worker))

    def _finish_step(self, worker: int) -> None:
        at = self.at_work[worker]
        self.done += at.step - at.trained
        if self.fails is not None and self.fails(at.trial, at.step):
            self.optimizer.tell(at.trial, error="crashed")
            self._leave(worker)
            return
        value = self.curve(at.trial.params, at.step)
        objective = self.optimizer.spec.objective
        if not self.incumbents or objective.better(value, self.incumbents[-1][2]):
            self.incumbents.append((self.clock, self.done, value))
        decision = self.optimizer.report(at.trial, step=at.step, value=value)
        following = self.reports(at.trial.params, at.step)
        if decision is Decision.CONTINUE and following is not None:
            at.trained, at.step = at.step, following
            self._enter(worker)
        else:
            self.optimizer.tell(at.trial)
            self._leave(worker)

    def _leave(self, worker: int) -> None:
        del self.at_work[worker]
        self.idle.append(worker)
