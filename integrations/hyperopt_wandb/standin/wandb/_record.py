"""What a trial logs, brought to its sweep: W&B's rows, steps and summaries as reports."""

from __future__ import annotations

import fnmatch
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ._ignored import warn_once
from ._values import leaves, number

if TYPE_CHECKING:
    from hyperopt_core import Run

_EVERY = 0.1  # seconds between reports of rows without the sweep's metric: training steps, not epochs


class Stopped(SystemExit):
    """The sweep wants this training to end: its program ends, cleanups and all, and is no failure.

    No `Exception`, which trial loops catch; it is raised again at every later log.
    """


@dataclass
class Defined:
    """What `define_metric` says of the names that match `name`."""

    name: str
    step_metric: str | None = None
    summary: tuple[str, ...] = ()


@dataclass
class _Row:
    """Metrics logged at one step and not reported yet."""

    step: int = 0
    metrics: dict[str, float] = field(default_factory=dict)


class Recorder:
    """Reports to `run` what is logged; metric: the sweep's, whose rows are reported at once.

    A row is complete when it is committed, or when another step begins: until then what is logged twice counts once, as
    for W&B's early stopping. Rows without the sweep's metric that follow each other faster than every 0.1 s are merged.
    """

    def __init__(self, run: Run, metric: str) -> None:
        self._run, self._metric = run, metric
        self.step = 0  # of the row that is being logged
        self.summary: dict[str, Any] = {}  # last value of everything, or as `define_metric` says
        self._row, self._merged = _Row(), _Row()
        self._last: dict[str, float] = {}  # of everything reported
        self._told: dict[str, float] = {}  # what the run was told of the summary
        self._defined: list[Defined] = []
        self._counts: dict[str, int] = {}
        self._sent_at = 0.0
        self._stopped = False
        self._lock = threading.RLock()

    def define(self, defined: Defined) -> None:
        """Take note of a `define_metric`; the last one that matches a name holds."""
        self._defined.append(defined)

    def log(self, row: Mapping[str, Any], step: int | None = None, commit: bool | None = None) -> None:
        """One `wandb.log`. Raises `Stopped` where the sweep wants the training to end."""
        found = dict(leaves(row))
        with self._lock:
            if self._stopped:
                raise Stopped(0)
            metrics = self._noted(found)
            if step is None:
                commit = commit is None or commit
            elif step > self.step:
                self._complete()
                self.step = step
            elif step < self.step:  # W&B loses these
                warn_once(
                    f"step {step} is logged after step {self.step}; its values are kept in the order of the calls"
                )
                self._report(step, metrics)
                metrics = {}
            self._row.step = self.step
            self._row.metrics |= metrics
            if commit:
                self._complete()
                self.step += 1
            if self._stopped:
                raise Stopped(0)

    def summarize(self, values: Mapping[str, Any]) -> None:
        """What the program writes into its summary itself."""
        with self._lock:
            found = dict(leaves(values))
            self.summary |= found
            numbers = {name: value for name, given in found.items() if (value := number(given)) is not None}
            if numbers:
                self._run.summarize(numbers)
                self._told |= numbers

    def flush(self) -> None:
        """Report what is left, and where the summary is not what was logged last, tell that."""
        with self._lock:
            self._complete()
            self._send(self._merged)
            self._merged = _Row()
            differs = {
                name: value
                for name, given in self.summary.items()
                if (value := number(given)) is not None and not _same(value, self._told.get(name, self._last.get(name)))
            }
            if differs:
                self._run.summarize(differs)
                self._told |= differs

    def _noted(self, found: Mapping[str, Any]) -> dict[str, float]:
        """The numbers in a row; the summary takes them and everything else that can be read."""
        metrics: dict[str, float] = {}
        for name, given in found.items():
            value = number(given)
            if value is None:
                self._keep_other(name, given)
                continue
            metrics[name] = value
            aggregates = self._aggregates(name)
            for kind in aggregates:
                metrics[f"{name}.{kind}"] = self._aggregate(f"{name}.{kind}", kind, value)
            self.summary[name] = metrics[f"{name}.{aggregates[0]}"] if aggregates else value
        self.summary |= {name: value for name, value in metrics.items() if name not in found}
        return metrics

    def _keep_other(self, name: str, given: Any) -> None:
        if given is None or isinstance(given, str | list | tuple):
            self.summary[name] = given
        elif not getattr(given, "is_wandb_media", False):
            warn_once(f"{name!r} is logged as {type(given).__name__}: only numbers are kept")

    def _aggregates(self, name: str) -> tuple[str, ...]:
        defined = self._definition(name)
        return tuple(kind for kind in defined.summary if kind in ("min", "max", "mean")) if defined else ()

    def _definition(self, name: str) -> Defined | None:
        return next((d for d in reversed(self._defined) if fnmatch.fnmatchcase(name, d.name)), None)

    def _aggregate(self, key: str, kind: str, value: float) -> float:
        count = self._counts[key] = self._counts.get(key, 0) + 1
        before = self.summary.get(key, value)
        if kind == "mean":
            return before + (value - before) / count
        return min(before, value) if kind == "min" else max(before, value)

    def _complete(self) -> None:
        """The row that was being logged is one."""
        row, self._row = self._row, _Row(self.step)
        if not row.metrics:
            return
        if self._metric in row.metrics or time.monotonic() - self._sent_at >= _EVERY:
            waiting, self._merged = self._merged, _Row()
            self._send(waiting)
            self._send(row)
            self._sent_at = time.monotonic()
        else:
            self._merged.step = row.step
            self._merged.metrics |= row.metrics

    def _send(self, row: _Row) -> None:
        """Report a row, those metrics that have a step of their own at that one."""
        at: dict[float, dict[str, float]] = {}
        for name, value in row.metrics.items():
            at.setdefault(self._step_of(name, row), {})[name] = value
        for step, metrics in at.items():
            self._report(step, metrics)

    def _step_of(self, name: str, row: _Row) -> float:
        defined = self._definition(name)
        if defined is None or defined.step_metric is None or name == defined.step_metric:
            return row.step
        step = row.metrics.get(defined.step_metric, self._last.get(defined.step_metric))
        return step if step is not None and 0 <= step < float("inf") else row.step

    def _report(self, step: float, metrics: Mapping[str, float]) -> None:
        if metrics:
            self._last |= metrics
            if self._run.report(metrics, step=max(step, 0)) != "continue":
                self._stopped = True


def _same(one: float, other: float | None) -> bool:
    return one == other or (other is not None and one != one and other != other)
