"""Training in virtual time: any strategy, scheduler and number of workers on known curves, in milliseconds."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hyperopt_core.errors import SpaceExhausted
from hyperopt_core.optimizer import Optimizer
from hyperopt_core.trial import Decision, Trial

#: (parameters, step) -> the metric there
Curve = Callable[[Mapping[str, Any], float], float]


@dataclass(frozen=True, slots=True)
class Simulation:
    """What came of it; the optimizer holds the trials."""

    seconds: float  # virtual, from the first ask to the last report
    steps: int  # trained, over all workers
    busy: float  # worker-seconds of training
    workers: int
    incumbents: tuple[tuple[float, int, float], ...]  # (seconds, steps so far, best value so far), at each gain

    @property
    def utilisation(self) -> float:
        """The part of the workers' time that was spent on training, 0..1."""
        return self.busy / (self.workers * self.seconds) if self.seconds else 1.0

    def best_at(self, steps: int) -> float:
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
    step: float  # that it trains now


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
) -> Simulation:
    """Run the ask / report / tell loop of `workers` workers until `steps` are trained or `trials` begun.

    curve(params, step) is what a trial reports at each whole step up to `max_steps`; seconds_per_step may depend on the
    parameters, so that results arrive in an order of their own; fails(trial, step) crashes a trial. A worker for whom
    there is nothing to do looks again after the next report. Two runs with the same arguments are the same. Raises
    `ValueError` where neither `steps` nor `trials` ends it.

    >>> from hyperopt_core import Float
    >>> opt = Optimizer({"x": Float(0, 1)}, strategy="random", early_terminate="asha", max_steps=9, seed=0)
    >>> simulate(opt, lambda params, step: params["x"] + 1 / step, max_steps=9, steps=100, workers=4).steps
    100
    """
    if steps is None and trials is None:
        raise ValueError("give steps=... or trials=...: nothing else ends a simulation")
    return _Simulator(optimizer, curve, max_steps, steps, trials, workers, seconds_per_step, fails).run()


class _Simulator:
    def __init__(
        self,
        optimizer: Optimizer,
        curve: Curve,
        max_steps: int,
        steps: int | None,
        trials: int | None,
        workers: int,
        seconds_per_step: Callable[[Mapping[str, Any]], float] | float,
        fails: Callable[[Trial, float], bool] | None,
    ) -> None:
        self.optimizer, self.curve, self.max_steps, self.workers = optimizer, curve, max_steps, workers
        self.limit = math.inf if steps is None else steps
        self.trials = math.inf if trials is None else trials
        self.seconds_per_step, self.fails = seconds_per_step, fails
        self.clock = self.busy = 0.0
        self.done = 0
        self.idle = list(range(workers))
        self.at_work: dict[int, _Worker] = {}
        self.events: list[tuple[float, int, int]] = []  # (time, order of entry, worker)
        self.entered = 0
        self.incumbents: list[tuple[float, int, float]] = []

    def run(self) -> Simulation:
        self._hand_out()
        while self.events and self.done < self.limit:
            self.clock, _, worker = heapq.heappop(self.events)
            self._finish_step(worker)
            self._hand_out()
        return Simulation(self.clock, self.done, self.busy, self.workers, tuple(self.incumbents))

    def _hand_out(self) -> None:
        """Give idle workers something to do, as long as there is something."""
        while self.idle:
            worker = self.idle[-1]
            try:
                trial = self.optimizer.ask(new=len(self.optimizer.history) < self.trials)
            except SpaceExhausted:
                return
            self.idle.pop()
            self.at_work[worker] = _Worker(trial, trial.next_step)
            self._enter(worker)

    def _enter(self, worker: int) -> None:
        per_step = self.seconds_per_step
        seconds = per_step(self.at_work[worker].trial.params) if callable(per_step) else per_step
        self.busy += seconds
        self.entered += 1
        heapq.heappush(self.events, (self.clock + seconds, self.entered, worker))

    def _finish_step(self, worker: int) -> None:
        at = self.at_work[worker]
        self.done += 1
        if self.fails is not None and self.fails(at.trial, at.step):
            self.optimizer.tell(at.trial, error="crashed")
            self._leave(worker)
            return
        value = self.curve(at.trial.params, at.step)
        objective = self.optimizer.spec.objective
        if not self.incumbents or objective.better(value, self.incumbents[-1][2]):
            self.incumbents.append((self.clock, self.done, value))
        decision = self.optimizer.report(at.trial, step=at.step, value=value)
        if decision is Decision.CONTINUE and at.step < self.max_steps:
            at.step += 1
            self._enter(worker)
        else:
            self.optimizer.tell(at.trial)
            self._leave(worker)

    def _leave(self, worker: int) -> None:
        del self.at_work[worker]
        self.idle.append(worker)
