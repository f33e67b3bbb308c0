"""The transactions of a storage, the same for every SQL database.

Each write locks the sweep's row first and writes its next `seq` in the same transaction, so that the writes of a sweep
happen one after the other and what the rules of `lifecycle` were given is still so when their answer is saved.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Protocol

from sqlalchemy import Connection, Integer, Select, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from hyperopt_core.errors import LeaseLost, SweepExists, SweepNotFound
from hyperopt_core.storage import lifecycle
from hyperopt_core.storage.lifecycle import HELD, Record
from hyperopt_core.storage.plain import (
    dumps,
    outcome_to_text,
    plain,
    plain_measurement,
    plain_origin,
    plain_outcome,
    sweep_name,
    text,
)
from hyperopt_core.storage.protocol import Attempt, Held, Owner, Status, SweepRecord
from hyperopt_core.storage.sql.rows import (
    attempt_from_row,
    measurements_from_rows,
    owner_from_row,
    record_from_row,
    row_from_record,
    sweep_from_row,
    trial_from_row,
)
from hyperopt_core.storage.sql.tables import attempts, reports, sweeps, trials
from hyperopt_core.trial import Changes, Measurement, Origin, Outcome, State, Trial


class Database(Protocol):
    """What differs from one SQL database to the next: how to connect, begin and make sure."""

    @property
    def url(self) -> str:
        """Where it is, without a password."""

    @property
    def secret_url(self) -> str:
        """The same with it."""

    def read(self) -> AbstractContextManager[Connection]:
        """A transaction that sees one moment of the database."""

    def write(self, *, durable: bool = True) -> AbstractContextManager[Connection]:
        """A transaction that writes; `durable`: outlasts a power cut once it has committed."""

    def sync(self) -> None:
        """Wait until all that was committed so far outlasts a power cut."""

    def close(self) -> None:
        """Let go of files and connections."""


_SWEEP = bindparam("sweep", type_=Integer)
_NUMBER = bindparam("trial", type_=Integer)
_ATTEMPT = bindparam("lease", type_=Integer)
_THIS_TRIAL = (trials.c.sweep_id == _SWEEP, trials.c.number == _NUMBER)
_THIS_ATTEMPT = (attempts.c.sweep_id == _SWEEP, attempts.c.number == _NUMBER, attempts.c.attempt == _ATTEMPT)

_LOCK_SWEEP = select(sweeps.c.seq, sweeps.c.next_number, sweeps.c.status).where(sweeps.c.id == _SWEEP).with_for_update()
_ADVANCE_SWEEP = (
    update(sweeps).where(sweeps.c.id == _SWEEP).values(seq=bindparam("seq"), next_number=bindparam("count"))
)
_STATUS = select(sweeps.c.status, sweeps.c.reason, sweeps.c.seq).where(sweeps.c.id == _SWEEP)
_TRIAL = select(trials).where(*_THIS_TRIAL).with_for_update()
_FIRST_WAITING = (
    select(trials)
    .where(trials.c.sweep_id == _SWEEP, trials.c.state == str(State.WAITING))
    .order_by(trials.c.number)
    .limit(1)
)
_HELD = select(trials).where(trials.c.sweep_id == _SWEEP, trials.c.state.in_([str(state) for state in HELD]))
_BEAT = update(trials).where(*_THIS_TRIAL).values(beat=trials.c.beat + 1)
_REPORT = update(trials).where(*_THIS_TRIAL).values(beat=bindparam("beat"), next_step=bindparam("next_step"))
_UPDATE_TRIAL = update(trials).where(*_THIS_TRIAL)
_OUTCOME = select(attempts).where(*_THIS_ATTEMPT)
_UPDATE_ATTEMPT = update(attempts).where(*_THIS_ATTEMPT)
_CHANGED_TRIALS = (
    select(trials).where(trials.c.sweep_id == _SWEEP, trials.c.seq > bindparam("since")).order_by(trials.c.seq)
)
_NEW_REPORTS = (
    select(reports.c.number, reports.c.step, reports.c.metrics, reports.c.attempt, reports.c.at)
    .where(reports.c.sweep_id == _SWEEP, reports.c.seq > bindparam("since"))
    .order_by(reports.c.seq, reports.c.place)
)


class _Ledger:
    """One sweep in a transaction that writes: its row is locked."""

    def __init__(self, connection: Connection, sweep: int, where: str) -> None:
        self.connection = connection
        self.sweep = sweep
        row = connection.execute(_LOCK_SWEEP, {"sweep": sweep}).one_or_none()
        if row is None:
            raise SweepNotFound(f"#{sweep}", (), where)
        self.seq: int = row.seq
        self.count: int = row.next_number
        self.status = Status(row.status)

    def next_seq(self) -> int:
        self.seq += 1
        self.connection.execute(_ADVANCE_SWEEP, {"sweep": self.sweep, "seq": self.seq, "count": self.count})
        return self.seq

    def load(self, number: int) -> Record:
        row = self.connection.execute(_TRIAL, {"sweep": self.sweep, "trial": number}).one_or_none()
        if row is None:
            raise lifecycle.no_trial(number, self.count)
        return record_from_row(row)

    def first_waiting(self) -> Record | None:
        row = self.connection.execute(_FIRST_WAITING, {"sweep": self.sweep}).one_or_none()
        return None if row is None else record_from_row(row)

    def save(self, record: Record) -> Trial:
        """Write a changed record under the next seq."""
        number = record.trial.number
        added = number == self.count
        self.count += added
        row = row_from_record(record) | {"seq": self.next_seq()}
        try:
            if added:
                self.connection.execute(insert(trials), row | {"sweep_id": self.sweep, "number": number})
            else:
                self.connection.execute(_UPDATE_TRIAL, row | {"sweep": self.sweep, "trial": number})
        except IntegrityError as error:
            raise lifecycle.key_taken(record.key) from error
        return replace(record.trial, seq=self.seq)

    def attempt(self, number: int, attempt: int) -> Attempt | None:
        key = {"sweep": self.sweep, "trial": number, "lease": attempt}
        row = self.connection.execute(_OUTCOME, key).one_or_none()
        return None if row is None else attempt_from_row(row)

    def update_attempt(self, number: int, attempt: int, **columns: Any) -> None:
        key = {"sweep": self.sweep, "trial": number, "lease": attempt}
        self.connection.execute(_UPDATE_ATTEMPT, key | columns)


class SqlStorage:
    """Sweeps in a SQL database; see `hyperopt_core.storage.protocol.Storage`. Safe to use from several threads.

    readers_outlast_it: readers are on other machines, and live on where this one loses power or the database's server
    crashes. What they were told must then still be so: they are shown only what is on disk.
    """

    shared = True

    def __init__(
        self, database: Database, *, clock: Callable[[], float] = time.time, readers_outlast_it: bool = False
    ) -> None:
        self._database = database
        self._clock = clock
        self.readers_outlast_it = readers_outlast_it

    @property
    def database(self) -> Database:
        """What the transactions run on."""
        return self._database

    @property
    def url(self) -> str:
        return self._database.url

    @property
    def secret_url(self) -> str:
        return self._database.secret_url

    def close(self) -> None:
        self._database.close()

    # sweeps -----------------------------------------------------------------------------------------------------

    def create_sweep(self, name: str, spec: Mapping[str, Any], seed: int) -> SweepRecord:
        row = {
            "name": sweep_name(name),
            "spec": dumps(plain(spec, "spec")),
            "seed": dumps(plain(seed, "seed")),
            "status": str(Status.RUNNING),
            "reason": "",
            "created_at": self._clock(),
            "next_number": 0,
            "seq": 0,
        }
        with self._database.write() as connection:
            try:
                connection.execute(insert(sweeps), row)
            except IntegrityError as error:
                raise SweepExists(name, self.url) from error
            return sweep_from_row(connection.execute(select(sweeps).where(sweeps.c.name == name)).one())

    def get_sweep(self, name: str) -> SweepRecord:
        with self._database.read() as connection:
            row = connection.execute(select(sweeps).where(sweeps.c.name == text(name))).one_or_none()
            if row is None:
                known = connection.execute(select(sweeps.c.name).order_by(sweeps.c.id)).scalars().all()
                raise SweepNotFound(name, known, self.url)
            return sweep_from_row(row)

    def list_sweeps(self) -> list[SweepRecord]:
        with self._database.read() as connection:
            return [sweep_from_row(row) for row in connection.execute(select(sweeps).order_by(sweeps.c.id))]

    def set_status(self, sweep: int, status: Status, reason: str = "", expected: Sequence[Status] = ()) -> bool:
        with self._database.write() as connection:
            ledger = _Ledger(connection, sweep, self.url)
            if expected and ledger.status not in expected:
                return False
            ledger.next_seq()
            row = {"status": str(Status(status)), "reason": text(reason)}
            connection.execute(update(sweeps).where(sweeps.c.id == sweep), row)
            return True

    def update_spec(self, sweep: int, spec: Mapping[str, Any]) -> None:
        row = {"spec": dumps(plain(spec, "spec"))}
        with self._database.write() as connection:
            _Ledger(connection, sweep, self.url).next_seq()
            connection.execute(update(sweeps).where(sweeps.c.id == sweep), row)

    def delete_sweep(self, sweep: int) -> None:
        with self._database.write() as connection:
            _Ledger(connection, sweep, self.url)
            for table in (reports, attempts, trials):
                connection.execute(delete(table).where(table.c.sweep_id == sweep))
            connection.execute(delete(sweeps).where(sweeps.c.id == sweep))

    # the log ----------------------------------------------------------------------------------------------------

    def status(self, sweep: int) -> tuple[Status, str, int]:
        with self._database.read() as connection:
            return self._status(connection, sweep)

    def changes(self, sweep: int, since: int) -> Changes:
        with self._database.read() as connection:
            _, _, seq = self._status(connection, sweep)
            if seq <= since:
                return Changes(seq)
            after = {"sweep": sweep, "since": since}
            changed = connection.execute(_CHANGED_TRIALS, after).all()
            reported = connection.execute(_NEW_REPORTS, after).all()
        if self.readers_outlast_it:
            self._database.sync()
        return Changes(seq, tuple(map(trial_from_row, changed)), measurements_from_rows(reported))

    def _status(self, connection: Connection, sweep: int) -> tuple[Status, str, int]:
        row = connection.execute(_STATUS, {"sweep": sweep}).one_or_none()
        if row is None:
            raise SweepNotFound(f"#{sweep}", (), self.url)
        return Status(row.status), row.reason, row.seq

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
        with self._database.write() as connection:
            ledger = _Ledger(connection, sweep, self.url)
            if number is not None:
                record = ledger.load(number)
                if record.trial.state is not State.PAUSED:
                    return None
            else:
                budget = None
                waiting = ledger.first_waiting()
                if waiting is None and cap is not None and ledger.count >= cap:
                    return None
                record = waiting or lifecycle.new(ledger.count)
            now = self._clock()
            trial = ledger.save(lifecycle.claim(record, owner, now, budget, resume))
            row = {"sweep_id": sweep, "number": trial.number, "attempt": trial.attempt, "owner": owner.id}
            connection.execute(insert(attempts), row | {"started_at": now, "note": ""})
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
        with self._database.write() as connection:
            ledger = _Ledger(connection, sweep, self.url)
            record = ledger.load(number)
            proposed = lifecycle.propose(record, attempt, params, origin, budget, key)
            return record.trial if proposed is record else ledger.save(proposed)

    def enqueue(self, sweep: int, params: Mapping[str, Any], origin: Origin, *, key: str | None = None) -> Trial:
        params, origin = plain(params, "params"), plain_origin(origin)
        with self._database.write() as connection:
            ledger = _Ledger(connection, sweep, self.url)
            return ledger.save(lifecycle.enqueued(ledger.count, params, origin, key))

    def add_measurements(
        self, sweep: int, number: int, attempt: int, measurements: Sequence[Measurement], *, durable: bool = False
    ) -> None:
        measurements = [plain_measurement(measurement, attempt) for measurement in measurements]
        rows = [
            {"place": place, "attempt": attempt, "step": m.step, "metrics": dumps(m.metrics), "at": m.at}
            for place, m in enumerate(measurements)
        ]
        with self._database.write(durable=durable) as connection:
            ledger = _Ledger(connection, sweep, self.url)
            record = lifecycle.report(ledger.load(number), attempt, measurements)
            changed = {"beat": record.beat, "next_step": record.trial.next_step}
            connection.execute(_REPORT, changed | {"sweep": sweep, "trial": number})
            common = {"sweep_id": sweep, "number": number, "seq": ledger.next_seq()}
            if rows:
                connection.execute(insert(reports), [row | common for row in rows])

    def finish_trial(self, sweep: int, number: int, attempt: int, outcome: Outcome) -> Trial:
        outcome = plain_outcome(outcome)
        with self._database.write() as connection:
            ledger = _Ledger(connection, sweep, self.url)
            record, own = ledger.load(number), ledger.attempt(number, attempt)
            now = self._clock()
            try:
                finished = lifecycle.finish(record, attempt, own.outcome if own else None, outcome, now)
            except LeaseLost as error:
                lost = error
                if own is not None:
                    ledger.update_attempt(number, attempt, note=lifecycle.late_note(own.note, outcome))
            else:
                if finished is record:
                    return record.trial
                ledger.update_attempt(number, attempt, ended_at=now, outcome=outcome_to_text(outcome))
                return ledger.save(finished)
        raise lost  # only now, so that the note is committed

    def request_cancel(self, sweep: int, number: int, reason: str = "") -> bool:
        with self._database.write() as connection:
            ledger = _Ledger(connection, sweep, self.url)
            record = ledger.load(number)
            cancelled = lifecycle.cancel(record, text(reason), self._clock())
            if cancelled is not None and cancelled is not record:
                ledger.save(cancelled)
            return cancelled is not None

    def retry(self, sweep: int, number: int) -> Trial:
        with self._database.write() as connection:
            ledger = _Ledger(connection, sweep, self.url)
            return ledger.save(lifecycle.retry(ledger.load(number)))

    def attempts(self, sweep: int, number: int) -> list[Attempt]:
        query: Select[Any] = select(attempts).where(attempts.c.sweep_id == sweep, attempts.c.number == number)
        with self._database.read() as connection:
            self._status(connection, sweep)
            found = [attempt_from_row(row) for row in connection.execute(query.order_by(attempts.c.attempt))]
            if not found:
                count = connection.execute(select(sweeps.c.next_number).where(sweeps.c.id == sweep)).scalar_one()
                if not 0 <= number < count:
                    raise lifecycle.no_trial(number, count)
            return found

    # leases -----------------------------------------------------------------------------------------------------

    def beat(self, sweep: int, leases: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        lost = []
        with self._database.write(durable=False) as connection:
            ledger = _Ledger(connection, sweep, self.url)
            for number, attempt in leases:
                record = ledger.load(number)
                held = record.held_by(attempt)
                if held:
                    connection.execute(_BEAT, {"sweep": sweep, "trial": number})
                if not held or record.trial.cancel_requested:
                    lost.append((number, attempt))
        return tuple(lost)

    def held(self, sweep: int) -> list[Held]:
        with self._database.read() as connection:
            self._status(connection, sweep)
            rows = connection.execute(_HELD, {"sweep": sweep}).all()
        # Sorted here: asked to, SQLite would rather walk through all trials in order than look up the few by state.
        held = (Held(row.number, row.attempt, row.beat, owner_from_row(row)) for row in rows)
        return sorted(held, key=lambda lease: lease.number)

    def reclaim(self, sweep: int, number: int, attempt: int, beat: int, *, resume: bool, reason: str = "") -> bool:
        reason = text(reason)
        with self._database.write() as connection:
            ledger = _Ledger(connection, sweep, self.url)
            now = self._clock()
            reclaimed = lifecycle.reclaim(ledger.load(number), attempt, beat, resume, reason, now)
            if reclaimed is None:
                return False
            ledger.update_attempt(number, attempt, ended_at=now, note=reason)
            ledger.save(reclaimed)
            return True
