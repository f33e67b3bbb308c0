"""A storage in the memory of one process: the reference for what every storage does."""

from __future__ import annotations

import heapq
import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hyperopt_core.errors import LeaseLost, SweepExists, SweepNotFound
from hyperopt_core.storage import lifecycle
from hyperopt_core.storage.lifecycle import HELD, Record
from hyperopt_core.storage.plain import plain, plain_measurement, plain_origin, plain_outcome, sweep_name, text
from hyperopt_core.storage.protocol import Attempt, Held, Owner, Status, SweepRecord
from hyperopt_core.trial import Changes, Measurement, Origin, Outcome, State, Trial


@dataclass(slots=True)
class _Sweep:
    """One sweep, with the indexes that keep each call independent of how many trials there are."""

    record: SweepRecord
    trials: list[Record] = field(default_factory=list)
    changed: dict[int, None] = field(default_factory=dict)  # trial numbers, in the order of their last change
    waiting: list[int] = field(default_factory=list)  # heap; may hold numbers that wait no longer
    held: set[int] = field(default_factory=set)
    keys: dict[str, int] = field(default_factory=dict)
    attempts: dict[int, dict[int, Attempt]] = field(default_factory=dict)
    measurements: list[tuple[int, int, Measurement]] = field(default_factory=list)  # (seq, trial number, measurement)

    def next_seq(self) -> int:
        self.record = replace(self.record, seq=self.record.seq + 1)
        return self.record.seq

    def load(self, number: int) -> Record:
        if not 0 <= number < len(self.trials):
            raise lifecycle.no_trial(number, len(self.trials))
        return self.trials[number]

    def save(self, record: Record) -> Trial:
        """Write a changed record under the next seq."""
        record = replace(record, trial=replace(record.trial, seq=self.next_seq()))
        number, state = record.trial.number, record.trial.state
        if number == len(self.trials):
            self.trials.append(record)
            self.record = replace(self.record, next_number=number + 1)
        else:
            self.trials[number] = record
        self.changed.pop(number, None)
        self.changed[number] = None
        if state is State.WAITING:
            heapq.heappush(self.waiting, number)
        (self.held.add if state in HELD else self.held.discard)(number)
        if record.key is not None:
            self.keys[record.key] = number
        return record.handed_out()

    def first_waiting(self) -> Record | None:
        while self.waiting:
            record = self.trials[self.waiting[0]]
            if record.trial.state is State.WAITING:
                return record
            heapq.heappop(self.waiting)
        return None

    def check_key(self, key: str | None, number: int) -> None:
        if key is not None and self.keys.get(key, number) != number:
            raise lifecycle.key_taken(key)


class MemoryStorage:
    """Sweeps in this process, safe to use from several threads; they end with the object.

    >>> storage = MemoryStorage()
    >>> sweep = storage.create_sweep("demo", spec={}, seed=0)
    >>> storage.claim(sweep.id, Owner("me")).number
    0
    """

    url = secret_url = "memory://"
    shared = False

    def __init__(self, url: str = "memory://", *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._sweeps: dict[int, _Sweep] = {}
        self._last_id = 0

    # sweeps -----------------------------------------------------------------------------------------------------

    def create_sweep(self, name: str, spec: Mapping[str, Any], seed: int) -> SweepRecord:
        with self._lock:
            name = sweep_name(name)
            if any(sweep.record.name == name for sweep in self._sweeps.values()):
                raise SweepExists(name, self.url)
            spec = plain(spec, "spec")
            self._last_id += 1
            record = SweepRecord(self._last_id, name, spec, seed, Status.RUNNING, created_at=self._clock())
            self._sweeps[record.id] = _Sweep(record)
            return _copy(record)

    def get_sweep(self, name: str) -> SweepRecord:
        with self._lock:
            for record in self.list_sweeps():
                if record.name == name:
                    return record
            raise SweepNotFound(name, [sweep.record.name for sweep in self._sweeps.values()], self.url)

    def list_sweeps(self) -> list[SweepRecord]:
        with self._lock:
            return [_copy(sweep.record) for sweep in self._sweeps.values()]

    def set_status(self, sweep: int, status: Status, reason: str = "", expected: Sequence[Status] = ()) -> bool:
        with self._lock:
            found = self._sweep(sweep)
            if expected and found.record.status not in expected:
                return False
            found.next_seq()
            found.record = replace(found.record, status=Status(status), reason=text(reason))
            return True

    def update_spec(self, sweep: int, spec: Mapping[str, Any]) -> None:
        spec = plain(spec, "spec")
        with self._lock:
            found = self._sweep(sweep)
            found.next_seq()
            found.record = replace(found.record, spec=spec)

    def delete_sweep(self, sweep: int) -> None:
        with self._lock:
            self._sweep(sweep)
            del self._sweeps[sweep]

    # the log ----------------------------------------------------------------------------------------------------

    def status(self, sweep: int) -> tuple[Status, str, int]:
        with self._lock:
            record = self._sweep(sweep).record
            return record.status, record.reason, record.seq

    def changes(self, sweep: int, since: int) -> Changes:
        with self._lock:
            found = self._sweep(sweep)
            trials = []
            for number in reversed(found.changed):
                if found.trials[number].trial.seq <= since:
                    break
                trials.append(found.trials[number].handed_out())
            start = bisect_right(found.measurements, since, key=lambda entry: entry[0])
            measurements = tuple(
                (number, replace(measurement, metrics=dict(measurement.metrics)))
                for _, number, measurement in found.measurements[start:]
            )
            return Changes(found.record.seq, tuple(reversed(trials)), measurements)

    # the life of a trial ----------------------------------------------------------------------------------------

    def claim(
        self,
        sweep: int,
        owner: Owner,
        *,
        number: int | None = None,
        budget: int | None = None,
        cap: int | None = None,
        resume: bool = True,
    ) -> Trial | None:
        with self._lock:
            found = self._sweep(sweep)
            if number is not None:
                record = found.load(number)
                if record.trial.state is not State.PAUSED:
                    return None
            else:
                budget = None
                waiting = found.first_waiting()
                if waiting is None and cap is not None and len(found.trials) >= cap:
                    return None
                record = waiting or lifecycle.new(len(found.trials))
            now = self._clock()
            trial = found.save(lifecycle.claim(record, owner, now, budget, resume))
            attempts = found.attempts.setdefault(trial.number, {})
            attempts[trial.attempt] = Attempt(trial.number, trial.attempt, owner.id, now)
            return trial

    def add_trial(
        self,
        sweep: int,
        number: int,
        attempt: int,
        params: Mapping[str, Any],
        origin: Origin,
        *,
        budget: int | None = None,
        key: str | None = None,
    ) -> Trial:
        params, origin = plain(params, "params"), plain_origin(origin)
        with self._lock:
            found = self._sweep(sweep)
            record = found.load(number)
            proposed = lifecycle.propose(record, attempt, params, origin, budget, key)
            if proposed is record:
                return record.handed_out()
            found.check_key(key, number)
            return found.save(proposed)

    def enqueue(self, sweep: int, params: Mapping[str, Any], origin: Origin, *, key: str | None = None) -> Trial:
        params, origin = plain(params, "params"), plain_origin(origin)
        with self._lock:
            found = self._sweep(sweep)
            number = len(found.trials)
            found.check_key(key, number)
            return found.save(lifecycle.enqueued(number, params, origin, key))

    def add_measurements(
        self, sweep: int, number: int, attempt: int, measurements: Sequence[Measurement], *, durable: bool = False
    ) -> None:
        measurements = [plain_measurement(measurement, attempt) for measurement in measurements]
        with self._lock:
            found = self._sweep(sweep)
            found.trials[number] = lifecycle.report(found.load(number), attempt, measurements)
            seq = found.next_seq()
            found.measurements.extend((seq, number, measurement) for measurement in measurements)

    def finish_trial(self, sweep: int, number: int, attempt: int, outcome: Outcome) -> Trial:
        outcome = plain_outcome(outcome)
        with self._lock:
            found = self._sweep(sweep)
            record = found.load(number)
            attempts = found.attempts.get(number, {})
            own = attempts.get(attempt)
            now = self._clock()
            try:
                finished = lifecycle.finish(record, attempt, own.outcome if own else None, outcome, now)
            except LeaseLost:
                if own is not None:
                    attempts[attempt] = replace(own, note=lifecycle.late_note(own.note, outcome))
                raise
            if finished is record:
                return record.handed_out()
            assert own is not None  # a lease that held has its attempt
            attempts[attempt] = replace(own, ended_at=now, outcome=outcome)
            return found.save(finished)

    def request_cancel(self, sweep: int, number: int, reason: str = "") -> bool:
        with self._lock:
            found = self._sweep(sweep)
            record = found.load(number)
            cancelled = lifecycle.cancel(record, text(reason), self._clock())
            if cancelled is not None and cancelled is not record:
                found.save(cancelled)
            return cancelled is not None

    def retry(self, sweep: int, number: int) -> Trial:
        with self._lock:
            found = self._sweep(sweep)
            return found.save(lifecycle.retry(found.load(number)))

    def attempts(self, sweep: int, number: int) -> list[Attempt]:
        with self._lock:
            found = self._sweep(sweep)
            found.load(number)
            return [_copy_attempt(attempt) for attempt in found.attempts.get(number, {}).values()]

    # leases -----------------------------------------------------------------------------------------------------

    def beat(self, sweep: int, leases: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        with self._lock:
            found = self._sweep(sweep)
            lost = []
            for number, _ in leases:  # all of them or none
                found.load(number)
            for number, attempt in leases:
                record = found.load(number)
                held = record.held_by(attempt)
                if held:
                    found.trials[number] = replace(record, beat=record.beat + 1)
                if not held or record.trial.cancel_requested:
                    lost.append((number, attempt))
            return tuple(lost)

    def held(self, sweep: int) -> list[Held]:
        with self._lock:
            found = self._sweep(sweep)
            return [found.trials[number].held() for number in sorted(found.held)]

    def reclaim(self, sweep: int, number: int, attempt: int, beat: int, *, resume: bool, reason: str = "") -> bool:
        reason = text(reason)
        with self._lock:
            found = self._sweep(sweep)
            now = self._clock()
            reclaimed = lifecycle.reclaim(found.load(number), attempt, beat, resume, reason, now)
            if reclaimed is None:
                return False
            attempts = found.attempts[number]
            attempts[attempt] = replace(attempts[attempt], ended_at=now, note=reason)
            found.save(reclaimed)
            return True

    def close(self) -> None:
        """Nothing to let go of."""

    def _sweep(self, sweep: int) -> _Sweep:
        try:
            return self._sweeps[sweep]
        except KeyError:
            raise SweepNotFound(f"#{sweep}", (), self.url) from None


def _copy(record: SweepRecord) -> SweepRecord:
    return replace(record, spec=plain(record.spec))


def _copy_attempt(attempt: Attempt) -> Attempt:
    if attempt.outcome is None:
        return attempt
    return replace(attempt, outcome=replace(attempt.outcome, metrics=dict(attempt.outcome.metrics)))
