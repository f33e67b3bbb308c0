"""The transactions of a storage, the same for every SQL database.

A write first locks the row of its trial and reads it, so that what the rules of `lifecycle` were given is still so when
their answer is saved. Then it sends all it has to write, the sweep's next `seq` first: that locks the sweep's row, and
the writes of a sweep are done one after the other, in the order of `seq`. All agents wait for that row; so no
transaction that holds it waits for anything but its commit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Integer, and_, bindparam, delete, insert, or_, select, update

from hyperopt_core.errors import InvalidTrial, LeaseLost, SweepExists, SweepNotFound
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
from hyperopt_core.storage.sql.database import Database, Query, Refused, Statement, Transaction
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

_SWEEP = bindparam("sweep", type_=Integer)
_NUMBER = bindparam("trial", type_=Integer)
_ATTEMPT = bindparam("lease", type_=Integer)
_UNLIMITED = 2**31 - 1
_THIS_SWEEP = sweeps.c.id == _SWEEP
_THIS_TRIAL = (trials.c.sweep_id == _SWEEP, trials.c.number == _NUMBER)
_THIS_ATTEMPT = (attempts.c.sweep_id == _SWEEP, attempts.c.number == _NUMBER, attempts.c.attempt == _ATTEMPT)

# Reading. What a decision rests on is locked, but not against rows that refer to it.
_ALL_SWEEPS = select(sweeps).order_by(sweeps.c.id)
_BY_NAME = select(sweeps).where(sweeps.c.name == bindparam("called"))
_STATUS = select(sweeps.c.status, sweeps.c.reason, sweeps.c.seq, sweeps.c.next_number).where(_THIS_SWEEP)
_LOCKED_STATUS = _STATUS.with_for_update()
_TRIAL = select(trials).where(*_THIS_TRIAL).with_for_update(key_share=True)
_ALL_TRIALS = select(trials.c.number).where(trials.c.sweep_id == _SWEEP).order_by(trials.c.number).with_for_update()
_FIRST_WAITING = (  # two agents that claim at once need not wait for each other: each gets another one
    select(trials)
    .where(trials.c.sweep_id == _SWEEP, trials.c.state == str(State.WAITING))
    .order_by(trials.c.number)
    .limit(1)
    .with_for_update(key_share=True, skip_locked=True)
)
_AT_WORK = or_(*(trials.c.state == str(state) for state in HELD))
_HELD = select(trials).where(trials.c.sweep_id == _SWEEP, _AT_WORK)
_IS_HELD = and_(trials.c.attempt == _ATTEMPT, _AT_WORK)
_LEASE = select(_IS_HELD.label("held"), trials.c.cancel_requested).where(*_THIS_TRIAL)
_OUTCOME = select(attempts).where(*_THIS_ATTEMPT)
_ATTEMPTS = (
    select(attempts).where(attempts.c.sweep_id == _SWEEP, attempts.c.number == _NUMBER).order_by(attempts.c.attempt)
)
_CHANGED_TRIALS = (
    select(trials).where(trials.c.sweep_id == _SWEEP, trials.c.seq > bindparam("since")).order_by(trials.c.seq)
)
_NEW_REPORTS = (
    select(reports.c.number, reports.c.step, reports.c.metrics, reports.c.attempt, reports.c.at)
    .where(reports.c.sweep_id == _SWEEP, reports.c.seq > bindparam("since"))
    .order_by(reports.c.seq, reports.c.place)
)

# Writing. `_NEXT_SEQ` comes first and locks the sweep; the others take what it has counted.
_NEXT_SEQ = update(sweeps).where(_THIS_SWEEP).values(seq=sweeps.c.seq + 1)
_NEXT_TRIAL = _NEXT_SEQ.values(next_number=sweeps.c.next_number + 1)
_SEQ = select(sweeps.c.seq).where(_THIS_SWEEP).scalar_subquery()
_NEW_NUMBER = (  # NULL, which no trial may have, beyond the cap
    select(sweeps.c.next_number - 1)
    .where(_THIS_SWEEP, sweeps.c.next_number <= bindparam("cap", type_=Integer))
    .scalar_subquery()
)
_SAVED = select(trials).where(trials.c.sweep_id == _SWEEP, trials.c.seq == _SEQ)
_SAVED_NUMBER = _SAVED.with_only_columns(trials.c.number).scalar_subquery()
_ADD_SWEEP = insert(sweeps)
_CHANGE_SWEEP = update(sweeps).where(_THIS_SWEEP)
_ADD_TRIAL = insert(trials).inline().values(sweep_id=_SWEEP, number=_NEW_NUMBER, seq=_SEQ)
_CHANGE_TRIAL = update(trials).where(*_THIS_TRIAL).values(seq=_SEQ)
_BEAT = update(trials).where(*_THIS_TRIAL, _IS_HELD).values(beat=trials.c.beat + 1)
_REPORT = update(trials).where(*_THIS_TRIAL)
_ADD_REPORT = insert(reports).inline().values(sweep_id=_SWEEP, seq=_SEQ)
_ADD_ATTEMPT = insert(attempts).inline().values(sweep_id=_SWEEP, number=_SAVED_NUMBER)
_CHANGE_ATTEMPT = update(attempts).where(*_THIS_ATTEMPT)
_DELETE = [
    *(delete(table).where(table.c.sweep_id == _SWEEP) for table in (reports, attempts, trials)),
    delete(sweeps).where(_THIS_SWEEP),
]


class _Ledger:
    """One sweep in a transaction that writes."""

    def __init__(self, transaction: Transaction, sweep: int, where: str) -> None:
        self._transaction = transaction
        self._key = {"sweep": sweep}
        self._sweep, self._where = sweep, where
        self._saved: list[Any] = []

    def send(self, statement: Statement, **parameters: Any) -> list[Any]:
        return self._transaction.send(statement, self._key | parameters)

    def look(self, query: Statement = _STATUS) -> Any:
        """The row of `_STATUS`, there or an error."""
        return self._there(*self._rows(query))

    def lock(self) -> Any:
        """The row of `_STATUS`, which nobody else changes until the transaction has ended."""
        return self.look(_LOCKED_STATUS)

    def lock_trials(self) -> None:
        self._rows(_ALL_TRIALS)

    def load(self, number: int) -> Record:
        (found,) = self._rows(_TRIAL, trial=number)
        return self._record(number, found)

    def load_with_attempt(self, number: int, attempt: int) -> tuple[Record, Attempt | None]:
        found, own = self._rows(_TRIAL, _OUTCOME, trial=number, lease=attempt)
        return self._record(number, found), attempt_from_row(own[0]) if own else None

    def first_waiting(self) -> tuple[Record | None, int]:
        """The first WAITING trial that nobody is about to change, and how many trials there are."""
        status, found = self._rows(_STATUS, _FIRST_WAITING)
        return record_from_row(found[0]) if found else None, self._there(status).next_number

    def beat(self, leases: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
        """Raise beats; those of the leases that hold, and are not asked to end."""
        ordered = sorted(leases)  # whoever locks several trials does so in this order: nobody waits in a circle
        queries: list[Query] = [(_STATUS, self._key)]
        for number, attempt in ordered:
            key = self._key | {"trial": number, "lease": attempt}
            queries += [(_BEAT, key), (_LEASE, key)]
        status, *found = self._transaction.rows(*queries)
        self._there(status)
        rows = dict(zip(ordered, found[1::2], strict=True))
        for lease in leases:
            if not rows[lease]:
                raise self._no_trial(lease[0])
        return {lease for lease, (row,) in rows.items() if row.held and not row.cancel_requested}

    def save(self, record: Record) -> None:
        """Write a changed record under the next seq."""
        self.send(_NEXT_SEQ)
        self.send(_CHANGE_TRIAL, trial=record.trial.number, **row_from_record(record))
        self._saved = self.send(_SAVED)

    def add(self, record: Record, cap: int | None = None) -> None:
        """Write a record under the next number and seq; refused where there are `cap` trials by then."""
        self.send(_NEXT_TRIAL)
        self.send(_ADD_TRIAL, cap=_UNLIMITED if cap is None else cap, **row_from_record(record))
        self._saved = self.send(_SAVED)

    def saved(self) -> Trial:
        """What was written, once the transaction has ended."""
        return trial_from_row(self._saved[0])

    def _rows(self, *queries: Statement, **parameters: Any) -> list[list[Any]]:
        return self._transaction.rows(*((query, self._key | parameters) for query in queries))

    def _there(self, status: list[Any]) -> Any:
        if not status:
            raise SweepNotFound(f"#{self._sweep}", (), self._where)
        return status[0]

    def _record(self, number: int, found: list[Any]) -> Record:
        if not found:
            raise self._no_trial(number)
        return record_from_row(found[0])

    def _no_trial(self, number: int) -> InvalidTrial:
        """The error; raises `SweepNotFound` where the sweep has gone meanwhile, with all its trials."""
        return lifecycle.no_trial(number, self.look().next_number)


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
        try:
            with self._database.write() as transaction:
                transaction.send(_ADD_SWEEP, row)
                added = transaction.send(_BY_NAME, {"called": name})
        except Refused as error:
            raise SweepExists(name, self.url) from error
        return sweep_from_row(added[0])

    def get_sweep(self, name: str) -> SweepRecord:
        (found,) = self._database.read((_BY_NAME, {"called": text(name)}))
        if not found:
            raise SweepNotFound(name, [sweep.name for sweep in self.list_sweeps()], self.url)
        return sweep_from_row(found[0])

    def list_sweeps(self) -> list[SweepRecord]:
        (found,) = self._database.read((_ALL_SWEEPS, {}))
        return [sweep_from_row(row) for row in found]

    def set_status(self, sweep: int, status: Status, reason: str = "", expected: Sequence[Status] = ()) -> bool:
        status, reason = Status(status), text(reason)
        with self._write(sweep) as ledger:
            if Status(ledger.lock().status) not in (expected or Status):
                return False
            ledger.send(_NEXT_SEQ)
            ledger.send(_CHANGE_SWEEP, status=str(status), reason=reason)
        return True

    def update_spec(self, sweep: int, spec: Mapping[str, Any]) -> None:
        stored = dumps(plain(spec, "spec"))
        with self._write(sweep) as ledger:
            ledger.lock()
            ledger.send(_NEXT_SEQ)
            ledger.send(_CHANGE_SWEEP, spec=stored)

    def delete_sweep(self, sweep: int) -> None:
        with self._write(sweep) as ledger:
            ledger.lock_trials()  # as everybody does: rows of trials before the sweep's
            ledger.lock()
            for statement in _DELETE:
                ledger.send(statement)

    # the log ----------------------------------------------------------------------------------------------------

    def status(self, sweep: int) -> tuple[Status, str, int]:
        (row,) = self._read(sweep)
        return Status(row.status), row.reason, row.seq

    def changes(self, sweep: int, since: int) -> Changes:
        row, changed, reported = self._read(
            sweep, _CHANGED_TRIALS, _NEW_REPORTS, lasting=self.readers_outlast_it, since=since
        )
        return Changes(row.seq, tuple(map(trial_from_row, changed)), measurements_from_rows(reported))

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
        try:
            with self._write(sweep) as ledger:
                if number is not None:
                    record = ledger.load(number)
                    if record.trial.state is not State.PAUSED:
                        return None
                else:
                    budget = None
                    waiting, count = ledger.first_waiting()
                    if not waiting and cap is not None and count >= cap:
                        return None
                    record = waiting or lifecycle.new(count)
                now = self._clock()
                claimed = lifecycle.claim(record, owner, now, budget, resume)
                if number is None and not waiting:
                    ledger.add(claimed, cap)
                else:
                    ledger.save(claimed)
                ledger.send(_ADD_ATTEMPT, attempt=claimed.trial.attempt, owner=owner.id, started_at=now, note="")
        except Refused:  # others have taken the last numbers under the cap meanwhile
            self.status(sweep)  # raises where they have deleted the sweep
            return None
        return ledger.saved()

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
        try:
            with self._write(sweep) as ledger:
                record = ledger.load(number)
                proposed = lifecycle.propose(record, attempt, params, origin, budget, key)
                if proposed is record:
                    return record.trial
                ledger.save(proposed)
        except Refused as error:
            raise lifecycle.key_taken(key) from error
        return ledger.saved()

    def enqueue(self, sweep: int, params: Mapping[str, Any], origin: Origin, *, key: str | None = None) -> Trial:
        params, origin = plain(params, "params"), plain_origin(origin)
        try:
            with self._write(sweep) as ledger:
                ledger.add(lifecycle.enqueued(ledger.look().next_number, params, origin, key))
        except Refused as error:
            self.status(sweep)  # raises where the sweep was deleted meanwhile
            raise lifecycle.key_taken(key) from error
        return ledger.saved()

    def add_measurements(
        self, sweep: int, number: int, attempt: int, measurements: Sequence[Measurement], *, durable: bool = False
    ) -> None:
        measurements = [plain_measurement(measurement, attempt) for measurement in measurements]
        with self._write(sweep, durable=durable) as ledger:
            record = lifecycle.report(ledger.load(number), attempt, measurements)
            ledger.send(_NEXT_SEQ)
            ledger.send(_REPORT, trial=number, beat=record.beat, next_step=record.trial.next_step)
            for place, m in enumerate(measurements):
                row = {"attempt": attempt, "step": m.step, "metrics": dumps(m.metrics), "at": m.at}
                ledger.send(_ADD_REPORT, number=number, place=place, **row)

    def finish_trial(self, sweep: int, number: int, attempt: int, outcome: Outcome) -> Trial:
        outcome = plain_outcome(outcome)
        lost = None
        with self._write(sweep) as ledger:
            record, own = ledger.load_with_attempt(number, attempt)
            now = self._clock()
            try:
                finished = lifecycle.finish(record, attempt, own.outcome if own else None, outcome, now)
            except LeaseLost as error:
                lost = error
                if own is not None:
                    note = lifecycle.late_note(own.note, outcome)
                    ledger.send(_CHANGE_ATTEMPT, trial=number, lease=attempt, note=note)
            else:
                if finished is record:
                    return record.trial
                told = outcome_to_text(outcome)
                ledger.save(finished)
                ledger.send(_CHANGE_ATTEMPT, trial=number, lease=attempt, ended_at=now, outcome=told)
        if lost is not None:  # only now, so that the note is committed
            raise lost
        return ledger.saved()

    def request_cancel(self, sweep: int, number: int, reason: str = "") -> bool:
        with self._write(sweep) as ledger:
            record = ledger.load(number)
            cancelled = lifecycle.cancel(record, text(reason), self._clock())
            if cancelled is not None and cancelled is not record:
                ledger.save(cancelled)
        return cancelled is not None

    def retry(self, sweep: int, number: int) -> Trial:
        with self._write(sweep) as ledger:
            ledger.save(lifecycle.retry(ledger.load(number)))
        return ledger.saved()

    def attempts(self, sweep: int, number: int) -> list[Attempt]:
        row, found = self._read(sweep, _ATTEMPTS, trial=number)
        if not found and not 0 <= number < row.next_number:
            raise lifecycle.no_trial(number, row.next_number)
        return [attempt_from_row(one) for one in found]

    # leases -----------------------------------------------------------------------------------------------------

    def beat(self, sweep: int, leases: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        with self._write(sweep, durable=False) as ledger:
            held = ledger.beat(leases)
        return tuple(lease for lease in leases if lease not in held)

    def held(self, sweep: int) -> list[Held]:
        _, found = self._read(sweep, _HELD)
        # Sorted here: asked to, SQLite would rather walk through all trials in order than look up the few by state.
        held = (Held(row.number, row.attempt, row.beat, owner_from_row(row)) for row in found)
        return sorted(held, key=lambda lease: lease.number)

    def reclaim(self, sweep: int, number: int, attempt: int, beat: int, *, resume: bool, reason: str = "") -> bool:
        reason = text(reason)
        with self._write(sweep) as ledger:
            now = self._clock()
            reclaimed = lifecycle.reclaim(ledger.load(number), attempt, beat, resume, reason, now)
            if reclaimed is None:
                return False
            ledger.save(reclaimed)
            ledger.send(_CHANGE_ATTEMPT, trial=number, lease=attempt, ended_at=now, note=reason)
        return True

    # inside -----------------------------------------------------------------------------------------------------

    @contextmanager
    def _write(self, sweep: int, *, durable: bool = True) -> Iterator[_Ledger]:
        with self._database.write(durable=durable) as transaction:
            yield _Ledger(transaction, sweep, self.url)

    def _read(self, sweep: int, *queries: Statement, lasting: bool = False, **parameters: Any) -> list[Any]:
        """The row of `_STATUS`, and the rows of each query."""
        key = {"sweep": sweep} | parameters
        found, *others = self._database.read(*((query, key) for query in (_STATUS, *queries)), lasting=lasting)
        if not found:
            raise SweepNotFound(f"#{sweep}", (), self.url)
        return [found[0], *others]
