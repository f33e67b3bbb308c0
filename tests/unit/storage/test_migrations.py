"""Databases of older releases are brought up to date by whoever opens them to write."""

from __future__ import annotations

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hyperopt_core import State, Sweep
from hyperopt_core.errors import StorageError
from hyperopt_core.storage import open_storage
from hyperopt_core.storage.sql import tables
from hyperopt_core.storage.sql.tables import VERSION

DATA = Path(__file__).resolve().parents[2] / "data"


def version_in(path: Path) -> int:
    connection = sqlite3.connect(path)
    ((version,),) = connection.execute("SELECT version FROM schema_version")
    connection.close()
    return int(version)


@pytest.fixture(params=range(1, VERSION))
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A database as an older release left it: five trials, the last one interrupted."""
    path = tmp_path / "old.db"
    connection = sqlite3.connect(path)
    connection.executescript((DATA / f"schema-{request.param}.sql").read_text())
    connection.close()
    assert version_in(path) == request.param
    return path


def test_an_older_database_goes_on(old: Path) -> None:
    with Sweep.open("old", f"sqlite:///{old}") as sweep:
        before = sweep.trials
        assert [t.state for t in before[:4]] == [State.COMPLETED, State.COMPLETED, State.FAILED, State.COMPLETED]
        assert min(t.params["x"] for t in before[:2]) == pytest.approx(0.3318723918681)
        while (trial := sweep.ask()).number < 5:
            sweep.tell(trial, trial.params["x"])
        sweep.tell(trial, trial.params["x"])
        assert sum(t.state is State.COMPLETED for t in sweep.trials) >= 4
    assert version_in(old) == VERSION


def test_many_may_open_it_at_once(old: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(open_storage, [f"sqlite:///{old}"] * 8))
    assert {len(storage.list_sweeps()) for storage in opened} == {1}
    for storage in opened:
        storage.close()
    assert version_in(old) == VERSION


def test_a_migration_that_fails_changes_nothing(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, older = tables.MIGRATIONS, version_in(old)

    def half_done(connection: object) -> None:
        whole[VERSION - 1](connection)  # type: ignore[arg-type]
        raise OSError("the power is gone")

    monkeypatch.setattr(tables, "MIGRATIONS", {**whole, VERSION - 1: half_done})
    with pytest.raises(StorageError, match="the power is gone"):
        open_storage(f"sqlite:///{old}")
    assert version_in(old) == older
    monkeypatch.undo()
    open_storage(f"sqlite:///{old}").close()
    assert version_in(old) == VERSION


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everything")
def test_an_older_database_that_may_only_be_read_is_shown(old: Path) -> None:
    old.chmod(0o444)
    old.parent.chmod(0o555)
    try:
        assert len(open_storage(f"sqlite:///{old}").list_sweeps()) == 1
    finally:
        old.parent.chmod(0o755)
    assert version_in(old) < VERSION
