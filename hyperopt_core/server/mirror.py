"""What browsers look at: each sweep in memory, read from the storage once, then only what changed."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from hyperopt_core.analysis.table import finite
from hyperopt_core.config import load
from hyperopt_core.errors import HyperoptError, InvalidTrial, SweepNotFound
from hyperopt_core.server import view
from hyperopt_core.server.charts import SweepCharts
from hyperopt_core.storage.protocol import Held, Storage, SweepRecord
from hyperopt_core.trial import Trial


class Point(NamedTuple):
    """A value of the objective that a trial reported."""

    seq: int  # the log was known up to here when it was read
    number: int
    attempt: int
    step: float
    value: float | None


class SweepMirror:
    """One sweep. Safe to use from several threads."""

    def __init__(self, storage: Storage, record: SweepRecord) -> None:
        self._storage, self.record = storage, record
        self.spec = load(record.spec)
        self.trials: dict[int, Trial] = {}
        self._charts = SweepCharts(storage, record, self.spec)
        self._make_row = view.Rows(self.spec.space)
        self._rows: dict[int, tuple[int, dict[str, Any]]] = {}  # number -> (seq at which it was read, row)
        self._points: list[Point] = []
        self._seq = 0
        self._lock = threading.Lock()

    def since(self, seq: int, *, with_points: bool = True) -> dict[str, Any]:
        """What changed after `seq`, or everything: status, rows of trials, points of curves, and who holds trials."""
        with self._lock:
            status, reason, _ = self._storage.status(self.record.id)
            self._read()
            rows = [row for at, row in self._rows.values() if at > seq]
            points = self._points[bisect_right(self._points, seq, key=lambda p: p.seq) :] if with_points else []
            held = [_held(h) for h in self._storage.held(self.record.id)]
            return {
                "seq": self._seq,
                "status": str(status),
                "reason": reason,
                "total": view.total(self.spec),
                "rows": rows,
                "points": [point[1:] for point in points],
                "held": held,
            }

    def header(self) -> dict[str, Any]:
        """What the sweep is."""
        return view.header(self.record, self.spec)

    def changed(self, seq: int) -> bool:
        """Whether there is anything after `seq`; cheap."""
        return self._storage.status(self.record.id)[2] > seq

    def curves(self) -> dict[str, Any]:
        """Every trial's curve of the objective: number -> [steps, values]."""
        with self._lock:
            self._read()
            return {
                "seq": self._seq,
                "curves": group(self._points, {n: t.base_attempt for n, t in self.trials.items()}),
            }

    def chart(self, kind: str, options: Mapping[str, str]) -> dict[str, Any]:
        """A chart of the sweep as it stands, see `SweepCharts.chart`."""
        return self._charts.chart(kind, options)

    def overview(self, record: SweepRecord) -> dict[str, Any]:
        """The sweep in one line of the list. record: as it is stored now."""
        with self._lock:
            self._read()
            return view.overview(record, self.spec, self.trials.values())

    def detail(self, number: int) -> dict[str, Any]:
        """What only one who asks for a trial sees. Raises `InvalidTrial`."""
        with self._lock:
            self._read()
            if number not in self.trials:
                raise InvalidTrial(f"sweep {self.record.name!r} has no trial {number}")
            trial = self.trials[number]
        gone = [
            {
                "attempt": a.attempt,
                "owner": a.owner,
                "started": a.started_at,
                "ended": a.ended_at,
                "state": str(a.outcome.state) if a.outcome else "",
                "note": a.note,
            }
            for a in self._storage.attempts(self.record.id, number)
        ]
        return view.detail(trial) | {"attempts": gone}

    def _read(self) -> None:
        changes = self._storage.changes(self.record.id, self._seq)
        for trial in changes.trials:
            self.trials[trial.number] = trial
            self._rows[trial.number] = (changes.seq, self._make_row(trial))
        metric = self.spec.objective.metric
        for number, m in changes.measurements:
            if metric in m.metrics:
                self._points.append(Point(changes.seq, number, m.attempt, m.step, finite(m.metrics[metric])))
        self._seq = changes.seq


class Mirror:
    """All sweeps of a storage, each read when somebody first looks."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._sweeps: dict[int, SweepMirror] = {}
        self._lock = threading.Lock()

    def sweep(self, sweep: int) -> SweepMirror:
        """The sweep with that id. Raises `SweepNotFound`."""
        for record in self._storage.list_sweeps():
            if record.id == sweep:
                return self._mirrored(record)
        raise SweepNotFound(str(sweep))

    def named(self, name: str) -> SweepMirror:
        """The sweep of that name. Raises `SweepNotFound`."""
        return self._mirrored(self._storage.get_sweep(name))

    def overviews(self) -> list[dict[str, Any]]:
        """All sweeps, the newest first; one that cannot be read does not hide the others."""
        return [self._overview(record) for record in reversed(self._storage.list_sweeps())]

    def _overview(self, record: SweepRecord) -> dict[str, Any]:
        try:
            return self._mirrored(record).overview(record)
        except HyperoptError as error:
            return {"id": record.id, "name": record.name, "status": "unreadable", "reason": str(error)}

    def _mirrored(self, record: SweepRecord) -> SweepMirror:
        with self._lock:
            known = self._sweeps.get(record.id)
            if known is None or known.record.spec != record.spec:  # new, or its limits were changed
                known = self._sweeps[record.id] = SweepMirror(self._storage, record)
            return known


def group(points: Sequence[Point], base: Mapping[int, int]) -> dict[str, list[list[float | None]]]:
    """Points as curves: number -> [steps, values]; points of attempts before a trial's `base` one do not count."""
    out: dict[str, list[list[float | None]]] = {}
    for _, number, attempt, step, value in points:
        if attempt >= base.get(number, 1):
            steps, values = out.setdefault(str(number), [[], []])
            steps.append(step)
            values.append(value)
    return out


def _held(held: Held) -> dict[str, Any]:
    owner = held.owner
    return {"number": held.number, "attempt": held.attempt, "owner": owner.id, "host": owner.host, "pid": owner.pid}
