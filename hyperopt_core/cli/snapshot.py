"""A sweep at one moment, as the live view, the summary and `status` show it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hyperopt_core.analysis import Savings, best, history_best, saved_steps
from hyperopt_core.analysis.best import valued_by
from hyperopt_core.history import lacks_metric
from hyperopt_core.trial import State, Trial

if TYPE_CHECKING:
    from hyperopt_core.spec import SweepSpec
    from hyperopt_core.sweep import Sweep


@dataclass(frozen=True)
class Snapshot:
    """What is known of a sweep now."""

    name: str
    spec: SweepSpec
    status: str
    reason: str
    trials: Sequence[Trial]  # by number
    best: Trial | None
    curves: Mapping[int, Sequence[float]]  # of the objective, of the trials that run
    steps: Mapping[int, float]  # the last step of every trial that reported
    improvement: Sequence[float]  # the best value so far after each trial, in the order of their ends
    savings: Savings

    @classmethod
    def of(cls, sweep: Sweep) -> Snapshot:
        """Look at `sweep` now."""
        history, trials, spec = sweep.history, sweep.trials, sweep.spec
        metric = spec.objective.metric
        reported = {t.number: history.curve(t.number) for t in trials}
        running = [t.number for t in trials if t.state is State.RUNNING]
        by_end = sorted((t for t in trials if t.state.ended), key=lambda t: (t.ended_at or 0.0, t.number))
        return cls(
            sweep.name,
            spec,
            str(sweep.status),
            sweep.reason,
            trials,
            sweep.best,
            {n: [m.metrics[metric] for m in reported[n] if metric in m.metrics] for n in running},
            {n: max(m.step for m in curve) for n, curve in reported.items() if curve},
            history_best(by_end, spec.objective.goal),
            saved_steps(trials, reported, spec.max_steps),
        )

    def by(self, metric: str | None, goal: str | None) -> Snapshot:
        """The snapshot with the best trial by another metric or goal. Raises `ConfigError` for an unknown one."""
        own, objective = self.spec.objective, self.spec.objective.instead(metric, goal)
        trials = self.trials if objective.metric == own.metric else valued_by(self.trials, objective.metric)
        return replace(self, spec=replace(self.spec, objective=objective), best=best(trials, objective.goal))

    @property
    def lacks_metric(self) -> bool:
        """Whether nothing tells which trial is better."""
        return lacks_metric(self.trials, self.spec.objective)

    @property
    def metric(self) -> str | None:
        """The name of what tells which trial is better; None where nothing does."""
        return None if self.lacks_metric else self.spec.objective.metric

    @property
    def total(self) -> int | None:
        """How many trials the sweep will have in all, where that is known."""
        limits = [self.spec.limits.trials, None if self.spec.space.constraints else self.spec.space.size]
        return min((n for n in limits if n is not None), default=None)

    @property
    def counts(self) -> dict[str, int]:
        """State -> how many trials are in it; states without trials are left out."""
        found = Counter(t.state for t in self.trials)
        return {str(state): found[state] for state in State if found[state]}

    @property
    def ended(self) -> list[Trial]:
        """The trials that have ended, the last one first."""
        return sorted((t for t in self.trials if t.state.ended), key=lambda t: t.ended_at or 0.0, reverse=True)

    @property
    def running(self) -> list[Trial]:
        """The trials that run, by number."""
        return [t for t in self.trials if t.state is State.RUNNING]

    def varying(self, trial: Trial) -> dict[str, Any]:
        """Dotted name -> value of a trial's parameters without constants: what tells trials apart."""
        return varying(self.spec, trial)

    def to_json(self) -> dict[str, Any]:
        """The snapshot as an object for programs."""
        best = self.best
        saved = {"trained": self.savings.trained, "saved": self.savings.saved, "stopped": self.savings.stopped}
        return {
            "name": self.name,
            "status": self.status,
            "reason": self.reason or None,
            "strategy": self.spec.strategy,
            "metric": self.metric,
            "goal": self.spec.objective.goal,
            "trials": len(self.trials),
            "total": self.total,
            "states": self.counts,
            "best": None if best is None else {"trial": best.number, "value": best.value, "params": dict(best.params)},
            "steps": saved,
        }


class Pace:
    """How fast trials end, for the time that is left."""

    def __init__(self, before: int) -> None:
        self._before, self._since = before, time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._since

    def left(self, snapshot: Snapshot, created_at: float) -> float | None:
        """Seconds until the sweep ends, by the pace so far; None while nothing is known."""
        total, ended = snapshot.total, sum(t.state.ended for t in snapshot.trials)
        limits = []
        if total is not None and ended > self._before:
            limits.append((total - ended) * self.elapsed / (ended - self._before))
        if snapshot.spec.limits.seconds is not None:
            limits.append(max(created_at + snapshot.spec.limits.seconds - time.time(), 0.0))
        return min(limits, default=None)


def varying(spec: SweepSpec, trial: Trial) -> dict[str, Any]:
    """Dotted name -> value of a trial's parameters, without constants: what tells trials apart."""
    names = {column.name for column in spec.space.columns}
    return {name: value for name, value in spec.space.flatten(trial.params).items() if name in names}
