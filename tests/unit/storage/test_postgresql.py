"""What is special to PostgreSQL: who waits for whom, and what a connection that breaks leaves behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from hyperopt_core.errors import InvalidTrial, LeaseLost, StorageError, SweepNotFound
from hyperopt_core.storage import Owner, Status, lifecycle, open_storage
from hyperopt_core.storage.sql.storage import SqlStorage
from hyperopt_core.trial import Measurement, Origin, Outcome, State, Trial
from tests.postgresql import shared_server

psycopg = pytest.importorskip("psycopg")

ME = Owner("me")
DONE = Outcome(State.COMPLETED, (1.0,))


@pytest.fixture
def storage() -> Iterator[SqlStorage]:
    opened = open_storage(shared_server().schema_url())
    assert isinstance(opened, SqlStorage)
    yield opened
    opened.close()


@pytest.fixture
def sweep(storage: SqlStorage) -> int:
    return storage.create_sweep("s", {}, 0).id


def running(storage: SqlStorage, sweep: int, count: int) -> list[Trial]:
    trials = []
    for number in range(count):
        trial = storage.claim(sweep, ME)
        assert trial is not None
        trials.append(storage.add_trial(sweep, trial.number, trial.attempt, {"x": number}, Origin("random")))
    return trials


@contextmanager
def another(storage: SqlStorage) -> Iterator[Any]:
    """A connection of a client of its own, which ends by rolling back."""
    with psycopg.connect(storage.secret_url) as connection:
        yield connection
        connection.rollback()


def waiting(storage: SqlStorage, count: int) -> None:
    """Wait until so many connections wait for a lock."""
    deadline = time.monotonic() + 20
    with psycopg.connect(storage.secret_url, autocommit=True) as look:
        while look.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()[0] < count:
            assert time.monotonic() < deadline, "nobody waits"
            time.sleep(0.01)


class Call(threading.Thread):
    """A call on a thread of its own, and what came of it."""

    def __init__(self, call: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self._call = call
        self._value: Any = None
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._value = self._call()
        except BaseException as error:
            self._error = error

    def result(self) -> Any:
        self.join(20)
        assert not self.is_alive()
        if self._error is not None:
            raise self._error
        return self._value


def test_beats_in_any_order_and_a_deletion_wait_for_each_other_in_one_order(storage: SqlStorage, sweep: int) -> None:
    running(storage, sweep, 3)
    lock = "SELECT 1 FROM trials WHERE sweep_id = %s AND number = 1 FOR UPDATE"
    with another(storage) as holder:
        holder.execute(lock, [sweep])
        deleting = Call(lambda: storage.delete_sweep(sweep))  # it has trial 0, and waits for 1
        waiting(storage, 1)
        beating = Call(lambda: storage.beat(sweep, [(2, 1), (0, 1)]))
        waiting(storage, 2)
    deleting.result()
    with pytest.raises(SweepNotFound):
        beating.result()


def test_beats_do_not_wait_for_the_sweep_nor_for_other_trials(storage: SqlStorage, sweep: int) -> None:
    running(storage, sweep, 2)
    with another(storage) as holder:
        holder.execute("SELECT 1 FROM sweeps FOR UPDATE")
        holder.execute("SELECT 1 FROM trials WHERE number = 0 FOR UPDATE")
        assert Call(lambda: storage.beat(sweep, [(1, 1)])).result() == ()
    assert [held.beat for held in storage.held(sweep)] == [0, 1]


def test_an_agent_that_stops_between_two_messages_holds_up_its_own_trial_alone(storage: SqlStorage, sweep: int) -> None:
    running(storage, sweep, 2)
    storage.enqueue(sweep, {"x": 2}, Origin("user"))
    storage.enqueue(sweep, {"x": 3}, Origin("user"))

    def others() -> list[Trial | None]:
        storage.add_measurements(sweep, 1, 1, [Measurement(1, {"loss": 1.0})])
        storage.finish_trial(sweep, 1, 1, DONE)
        return [storage.claim(sweep, ME, cap=5) for _ in range(3)]

    with another(storage) as stopped:
        stopped.execute("SELECT 1 FROM trials WHERE number IN (0, 2) FOR NO KEY UPDATE")
        given = Call(others).result()
    assert [trial and trial.number for trial in given] == [3, 4, None]
    left = storage.claim(sweep, ME, cap=5)
    assert left is not None
    assert left.params == {"x": 2}, "what was locked is not lost"


def test_a_result_that_waited_while_its_trial_was_taken_over_is_refused(storage: SqlStorage, sweep: int) -> None:
    running(storage, sweep, 1)
    with another(storage) as taker:
        taker.execute("UPDATE trials SET attempt = 2 WHERE number = 0")
        told = Call(lambda: storage.finish_trial(sweep, 0, 1, DONE))
        waiting(storage, 1)
        measured = Call(lambda: storage.add_measurements(sweep, 0, 1, [Measurement(1, {"loss": 1.0})]))
        waiting(storage, 2)
        taker.commit()
    for call in (told, measured):
        with pytest.raises(LeaseLost):
            call.result()
    changes = storage.changes(sweep, 0)
    assert [t.state for t in changes.trials] == [State.RUNNING]
    assert changes.measurements == ()
    assert "told late" in storage.attempts(sweep, 0)[0].note


def test_the_last_number_under_the_cap_goes_to_one_of_those_that_wait_for_it(storage: SqlStorage, sweep: int) -> None:
    with another(storage) as holder:
        holder.execute("SELECT 1 FROM sweeps FOR UPDATE")
        claims = [Call(lambda: storage.claim(sweep, ME, cap=1)) for _ in range(3)]
        waiting(storage, 3)
    assert sorted(claim.result() is None for claim in claims) == [False, True, True]
    assert [t.number for t in storage.changes(sweep, 0).trials] == [0]
    assert storage.get_sweep("s").next_number == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda storage, sweep: storage.claim(sweep, ME),
        lambda storage, sweep: storage.enqueue(sweep, {"x": 1}, Origin("user")),
        lambda storage, sweep: storage.set_status(sweep, Status.PAUSED),
    ],
    ids=["claim", "enqueue", "set_status"],
)
def test_a_sweep_that_is_deleted_meanwhile_is_not_found(
    storage: SqlStorage, sweep: int, call: Callable[[SqlStorage, int], Any]
) -> None:
    with another(storage) as deleting:
        deleting.execute("DELETE FROM sweeps")
        late = Call(lambda: call(storage, sweep))
        waiting(storage, 1)
        deleting.commit()
    with pytest.raises(SweepNotFound):
        late.result()


def test_a_connection_that_breaks_between_two_messages_leaves_nothing(storage: SqlStorage, sweep: int) -> None:
    running(storage, sweep, 1)
    before = storage.changes(sweep, 0)

    def finish_over_a_broken_connection() -> None:
        with storage._write(sweep) as ledger:
            record = ledger.load(0)
            with psycopg.connect(storage.secret_url, autocommit=True) as killer:
                killer.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'"
                )
            ledger.save(lifecycle.finish(record, 1, None, DONE, 0.0))

    with pytest.raises(StorageError):
        finish_over_a_broken_connection()
    assert storage.changes(sweep, 0) == before
    assert storage.finish_trial(sweep, 0, 1, DONE).seq == before.seq + 1


def test_what_is_refused_takes_no_seq_and_no_number(storage: SqlStorage, sweep: int) -> None:
    storage.enqueue(sweep, {"x": 1}, Origin("user"), key="1")
    before = storage.get_sweep("s")
    with pytest.raises(InvalidTrial):
        storage.enqueue(sweep, {"x": 1}, Origin("user"), key="1")
    assert storage.get_sweep("s") == before
    assert storage.enqueue(sweep, {"x": 2}, Origin("user"), key="2").number == 1
