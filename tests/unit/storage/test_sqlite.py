"""What is special to SQLite: plans that use indexes, syncs that make a commit last, one log that does not grow."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from hyperopt_core.storage import Owner, Status, open_storage
from hyperopt_core.storage.sql.storage import SqlStorage
from hyperopt_core.trial import Measurement, Origin, Outcome, State

ME = Owner("me")
DONE = Outcome(State.COMPLETED, (1.0,))


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqlStorage]:
    opened = open_storage(tmp_path / "sweeps.db")
    assert isinstance(opened, SqlStorage)
    opened.create_sweep("sweep", {}, 0)
    yield opened
    opened.close()


def run_trial(storage: SqlStorage) -> None:
    trial = storage.claim(1, ME)
    assert trial is not None
    storage.add_trial(1, trial.number, 1, {"lr": 0.1}, Origin("random"))
    for step in (1, 2, 3):
        storage.add_measurements(1, trial.number, 1, [Measurement(step, {"loss": 1.0})])
    storage.finish_trial(1, trial.number, 1, DONE)


def sent(storage: SqlStorage) -> list[tuple[str, Any]]:
    """The statements, with their parameters, that the storage sends from now on."""
    statements: list[tuple[str, Any]] = []
    engine = storage._database._engine  # type: ignore[attr-defined]
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append((args[2], args[3])))
    return statements


def test_every_statement_looks_up_by_an_index(storage: SqlStorage, tmp_path: Path) -> None:
    statements = sent(storage)
    for _ in range(3):
        run_trial(storage)
    storage.claim(1, ME)
    storage.beat(1, [(3, 1)])
    storage.held(1)
    storage.reclaim(1, 3, 1, 1, resume=False)
    storage.request_cancel(1, 3)
    storage.retry(1, 3)
    storage.attempts(1, 3)
    storage.changes(1, 0)
    storage.set_status(1, Status.PAUSED)
    storage.get_sweep("sweep")
    storage.delete_sweep(1)
    plans = {}
    with sqlite3.connect(tmp_path / "sweeps.db") as connection:
        for statement, values in statements:
            if statement.startswith(("SELECT", "UPDATE", "DELETE")):
                plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
                plans[statement] = [row[3] for row in plan]
    connection.close()
    assert len(plans) > 15
    slow = {
        statement: plan
        for statement, plan in plans.items()
        if not all(step.startswith(("SEARCH", "SCALAR")) for step in plan)
    }
    assert slow == {}
    by_state = [plan for text, plan in plans.items() if "trials.state =" in text and "trials.number =" not in text]
    assert len(by_state) == 2
    assert all("trials_by_state" in step for plan in by_state for step in plan)
    (changed,) = (plan for statement, plan in plans.items() if "trials.seq >" in statement)
    assert "trials_by_seq" in changed[0]


@pytest.mark.skipif(not hasattr(os, "fdatasync"), reason="counts calls of fdatasync")
def test_a_durable_write_syncs_the_log_before_it_returns(
    storage: SqlStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync, synced = os.fdatasync, []

    def count(file: int) -> None:
        synced.append(os.path.samestat(os.fstat(file), os.stat(tmp_path / "sweeps.db-wal")))
        sync(file)

    monkeypatch.setattr(os, "fdatasync", count)
    storage.claim(1, ME)
    storage.add_trial(1, 0, 1, {}, Origin("random"))
    assert synced == [True] * 2
    storage.add_measurements(1, 0, 1, [Measurement(1, {"loss": 1.0})])
    storage.beat(1, [(0, 1)])
    assert len(synced) == 2
    storage.add_measurements(1, 0, 1, [Measurement(2, {"loss": 1.0})], durable=True)
    storage.finish_trial(1, 0, 1, DONE)
    storage.finish_trial(1, 0, 1, DONE)  # the first answer may have been lost: this one must last too
    storage.set_status(1, Status.FINISHED)
    assert synced == [True] * 6


def test_statements_of_a_trial_are_few(storage: SqlStorage) -> None:
    statements = sent(storage)
    run_trial(storage)
    assert len([statement for statement, _ in statements if not statement.startswith("BEGIN")]) <= 5 + 4 + 3 * 5 + 6


def test_the_log_is_emptied_as_it_grows(storage: SqlStorage, tmp_path: Path) -> None:
    for _ in range(300):
        storage.enqueue(1, {"x": "x" * 40_000}, Origin("user"))
    assert (tmp_path / "sweeps.db").stat().st_size > 10_000_000
    assert (tmp_path / "sweeps.db-wal").stat().st_size < 10_000_000
    storage.close()
    assert not (tmp_path / "sweeps.db-wal").exists()
