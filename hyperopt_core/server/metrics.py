"""Figures of all sweeps for Prometheus."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from hyperopt_core.storage.protocol import Storage
from hyperopt_core.trial import State


class Metrics:
    """Counts trials by reading only what changed since it last looked."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._states: dict[int, dict[int, State]] = {}  # sweep -> number -> state
        self._seq: dict[int, int] = {}
        self._lock = threading.Lock()
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def exposition(self) -> bytes:
        """The present figures in Prometheus' text format."""
        with self._lock:
            return generate_latest(self._registry)

    def describe(self) -> list[Metric]:
        """Nothing: so that registering asks the storage for nothing."""
        return []

    def collect(self) -> Iterator[Metric]:
        """What prometheus_client asks a collector."""
        trials = GaugeMetricFamily("hyperopt_core_trials", "Trials of a sweep.", labels=["sweep", "state"])
        status = GaugeMetricFamily("hyperopt_core_sweep_info", "Sweeps and their status.", labels=["sweep", "status"])
        for record in self._storage.list_sweeps():
            counts = Counter(self._trials(record.id).values())
            for state in State:
                trials.add_metric([record.name, str(state)], counts[state])
            status.add_metric([record.name, str(record.status)], 1)
        yield from (trials, status)

    def _trials(self, sweep: int) -> dict[int, State]:
        changes = self._storage.changes(sweep, self._seq.get(sweep, 0))
        self._seq[sweep] = changes.seq
        states = self._states.setdefault(sweep, {})
        states.update((trial.number, trial.state) for trial in changes.trials)
        return states
