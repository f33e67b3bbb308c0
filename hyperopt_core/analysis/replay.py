"""What a scheduler would have saved: a sweep that has run, once more in virtual time over the curves that it left."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from hyperopt_core.analysis.simulate import simulate
from hyperopt_core.errors import ConfigError, InvalidTrial, suggest
from hyperopt_core.history import History
from hyperopt_core.optimizer import Optimizer
from hyperopt_core.schedulers import Scheduler
from hyperopt_core.space import Int
from hyperopt_core.spec import Objective
from hyperopt_core.trial import State

EarlyTerminate: TypeAlias = str | Mapping[str, Any] | Scheduler
#: What is replayed where nobody says what.
USUAL: tuple[EarlyTerminate, ...] = (
    "auto",
    "asha",
    "hyperband",
    "successive_halving",
    "median",
    "percentile",
    "patience",
)


@dataclass(frozen=True, slots=True)
class Replay:
    """A sweep's trials under one scheduler, in the order in which they began. Steps are in the unit of the reports."""

    scheduler: str
    trials: int  # replayed: those that left a curve
    recorded: float  # steps that the sweep trained them
    trained: float  # steps that they would have been trained
    ended_early: int  # trials that the scheduler would have ended, or left paused, before the end of their curves
    best: float  # the value of the sweep's best trial, as it was measured; NaN where none was completed
    best_kept: bool | None  # whether that trial would have been trained to its end; None where there is none
    regret: float  # how much worse the best value would be, 0 or more; NaN where none would have been completed
    beyond: int  # trials that it would have trained beyond their curves, had these not been cut

    @property
    def saved(self) -> float:
        """The part of the recorded steps that is saved; below 0 where trials are trained again from the start."""
        return 1 - self.trained / self.recorded if self.recorded else 0.0


@dataclass(frozen=True, slots=True)
class _Curve:
    """What a trial left; values are to be minimised."""

    number: int
    state: State
    steps: np.ndarray
    values: np.ndarray

    def value(self, step: float) -> float:
        return float(self.values[np.searchsorted(self.steps, step)])

    def next_step(self, step: float) -> float | None:
        """The step of the report after `step`."""
        place = int(np.searchsorted(self.steps, step, side="right"))
        return None if place == len(self.steps) else _whole(self.steps[place])

    def fails_at(self, step: float) -> bool:
        """Whether the training breaks there."""
        return self.state is State.FAILED and step == self.steps[-1]

    def was_cut(self, max_steps: float) -> bool:
        """Whether somebody ended the training before its end, so that nobody knows how it would have gone on."""
        return self.state not in (State.COMPLETED, State.FAILED) and self.steps[-1] < max_steps


def replay(
    history: History,
    schedulers: Iterable[EarlyTerminate] = USUAL,
    *,
    metric: str | None = None,
    goal: str | None = None,
    max_steps: int | None = None,
    resumable: bool = False,
    workers: int = 1,
) -> list[Replay]:
    """What each scheduler would have made of a sweep's trials, judged by the curves that they reported.

    metric, goal: another metric that they reported. max_steps: of a full training; default what the sweep says, or the
    last step of its longest completed trial. resumable: whether paused trials can go on. workers: trials at a time.

    Nothing is known beyond the end of a curve. A trial that the sweep itself stopped ends there in the replay too, and
    is counted in `beyond` where the scheduler would have gone on; only trials that the sweep completed count as the
    best. Trials that still run, or left no curve, are left out. The configurations are those that were tried, though a
    strategy that learns would have chosen others. Raises `ConfigError` for what is no scheduler or metric, and
    `InvalidTrial` where no trial reported at more than one step.

    >>> from hyperopt_core import Float, Optimizer
    >>> opt = Optimizer({"x": Float(0, 1)}, strategy="random", seed=0)
    >>> for _ in range(9):
    ...     trial = opt.ask()
    ...     for step in range(1, 10):
    ...         decision = opt.report(trial, step=step, value=trial.params["x"] + 1 / step)
    ...     opt.tell(trial)
    >>> [(one.trained, one.recorded, one.best_kept) for one in replay(opt.history, ["asha"], resumable=True)]
    [(21, 81, True)]
    """
    objective, limit = _objective(history, metric, goal), max_steps or history.max_steps
    over = [t.number for t in history.trials if t.state.ended or t.state is State.PAUSED]
    curves = [curve for number in over if (curve := _curve(history, number, objective, limit))]
    if not any(len(curve.steps) > 1 for curve in curves):
        raise InvalidTrial(
            f"no trial that has ended reported {objective.metric} at more than one step: there is nothing to stop early"
        )
    return [_replayed(one, curves, limit or _longest(curves), resumable, workers, objective.sign) for one in schedulers]


def _objective(history: History, metric: str | None, goal: str | None) -> Objective:
    objective = history.objective.instead(metric, goal)
    if objective.metric == history.objective.metric:
        return objective
    known = {name for trial in history.trials for m in history.curve(trial.number) for name in m.metrics}
    if objective.metric not in known:
        there = f"; there are: {', '.join(sorted(known))}" if known else ""
        raise ConfigError(f"no trial reported {metric!r}{suggest(objective.metric, known)}{there}")
    return objective


def _curve(history: History, number: int, objective: Objective, limit: float | None) -> _Curve | None:
    """What a trial reported of the metric up to `limit`, the first time at each step; None where that is nothing."""
    found: dict[float, float] = {}
    for m in history.curve(number):
        if objective.metric in m.metrics and 0 < m.step <= (limit or math.inf):
            found.setdefault(m.step, objective.to_minimize(m.metrics[objective.metric]))
    steps = sorted(found)
    if not steps:
        return None
    trial = history[number]
    told = trial.metrics.get(objective.metric)
    if trial.state is State.COMPLETED and told is not None and steps[-1] == history.last_step(number):
        found[steps[-1]] = objective.to_minimize(told)
    return _Curve(number, trial.state, np.array(steps, dtype=float), np.array([found[step] for step in steps]))


def _replayed(
    early_terminate: EarlyTerminate, curves: list[_Curve], max_steps: int, resumable: bool, workers: int, sign: float
) -> Replay:
    # The scheduler sees trials and values only: a space of the trials' places brings them in their order.
    opt = Optimizer(
        {"trial": Int(0, len(curves) - 1)}, "grid", early_terminate, seed=0, max_steps=max_steps, resumable=resumable
    )

    def curve_of(params: Mapping[str, Any]) -> _Curve:
        return curves[params["trial"]]

    result = simulate(
        opt,
        lambda params, step: curve_of(params).value(step),
        max_steps=max_steps,
        trials=len(curves),
        workers=workers,
        fails=lambda trial, step: curve_of(trial.params).fails_at(step),
        reports=lambda params, step: curve_of(params).next_step(step),
    )
    states = {trial.params["trial"]: trial.state for trial in opt.trials}
    ranked = sorted(
        (curve.values[-1], i)
        for i, curve in enumerate(curves)
        if curve.state is State.COMPLETED and math.isfinite(curve.values[-1])
    )
    kept = [value for value, i in ranked if states[i] is State.COMPLETED]
    return Replay(
        _name(early_terminate),
        len(curves),
        _whole(sum(curve.steps[-1] for curve in curves)),
        _whole(result.steps),
        sum(state in (State.STOPPED, State.PAUSED) for state in states.values()),
        sign * float(ranked[0][0]) if ranked else math.nan,
        states[ranked[0][1]] is State.COMPLETED if ranked else None,
        float(kept[0] - ranked[0][0]) if kept else math.nan,
        sum(c.was_cut(max_steps) and states[i] is State.COMPLETED for i, c in enumerate(curves)),
    )


def _name(early_terminate: EarlyTerminate) -> str:
    """The name that a scheduler goes by, with its options where they were given."""
    if isinstance(early_terminate, str):
        return early_terminate
    if not isinstance(early_terminate, Mapping):
        return early_terminate.name
    options = ", ".join(f"{key}={value}" for key, value in early_terminate.items() if key != "type")
    return f"{early_terminate.get('type')}({options})"


def _longest(curves: list[_Curve]) -> int:
    completed = [c.steps[-1] for c in curves if c.state is State.COMPLETED]
    return math.ceil(max(completed or [c.steps[-1] for c in curves]))


def _whole(step: float) -> float:
    return int(step) if step == int(step) else float(step)
