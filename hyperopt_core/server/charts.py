"""The charts of a sweep for the page: made when somebody looks, once for each state of the sweep."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hyperopt_core.history import History
from hyperopt_core.plots import KINDS, Subject, make_chart
from hyperopt_core.spec import SweepSpec
from hyperopt_core.storage.protocol import Storage, SweepRecord
from hyperopt_core.sweep.showing import several_attempts
from hyperopt_core.trial import State

#: The page draws parallel coordinates itself, to be brushed.
ON_THE_PAGE = tuple(kind for kind in KINDS if kind != "parallel")


class SweepCharts:
    """One sweep. Safe to use from several threads, which wait for each other: a model is fitted once."""

    def __init__(self, storage: Storage, record: SweepRecord, spec: SweepSpec) -> None:
        self._storage, self._record = storage, record
        self._history = History(spec.space, spec.objective, max_steps=spec.max_steps)
        self._seq = 0
        self._subject = Subject(self._history, record.name)
        self._made: dict[tuple[tuple[str, str], ...], dict[str, Any]] = {}  # of the sweep as it stands
        self._lock = threading.Lock()

    def chart(self, kind: str, options: Mapping[str, str] | None = None) -> dict[str, Any]:
        """A chart as JSON. Raises `ConfigError` for an unknown kind or option, or a name that no trial has."""
        with self._lock:
            self._catch_up()
            key = (("kind", kind), *sorted((options or {}).items()))
            if key not in self._made:
                chart = make_chart(self._subject, kind, **(options or {}))
                self._made[key] = {
                    "kind": kind,
                    "title": chart.title,
                    "summary": chart.summary,
                    "figure": chart.figure,
                    "choices": {name: list(values) for name, values in chart.choices.items()},
                    "chosen": dict(chart.chosen),
                }
            return self._made[key] | {"seq": self._seq}

    def _catch_up(self) -> None:
        changes = self._storage.changes(self._record.id, self._seq)
        if changes.seq == self._seq:
            return
        metric = self._history.objective.metric
        for trial in changes.trials:
            self._history.put(trial)
        for number, m in changes.measurements:  # of other metrics no chart on the page shows the curves
            kept = {metric: m.metrics[metric]} if metric in m.metrics else {}
            self._history.measure(number, replace(m, metrics=kept))
        self._seq = changes.seq
        running = self._history.open_numbers(State.RUNNING)
        attempts = several_attempts(self._storage, self._record.id, self._history)
        self._subject = Subject(
            self._history, self._record.name, attempts=attempts, now=time.time() if running else None
        )
        self._made.clear()
