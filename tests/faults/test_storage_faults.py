"""Killed writers, damaged files, full disks, forks: what was acknowledged is there once, and refusals are in words."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hyperopt_core import Sweep
from hyperopt_core.errors import ConfigError, MissingExtra, StorageError, StorageLost
from hyperopt_core.storage import Owner, Storage, open_storage
from hyperopt_core.storage.sql import filesystem, sqlite
from hyperopt_core.storage.sql.filesystem import FileLock, network_file_system
from hyperopt_core.trial import Changes, Measurement, Origin, Outcome, State
from tests.faults.storage_writer import take_back, write_trials

ROOT = Path(__file__).resolve().parents[2]
ME = Owner("me")
DONE = Outcome(State.COMPLETED, (1.0,), {"loss": 1.0})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sweeps.db"


@pytest.fixture
def storage(path: Path) -> Iterator[Storage]:
    opened = open_storage(path)
    opened.create_sweep("sweep", {}, 0)
    yield opened
    opened.close()


def run_trial(storage: Storage, sweep: int = 1, params: object = 0.1) -> int:
    trial = storage.claim(sweep, ME)
    assert trial is not None
    storage.add_trial(sweep, trial.number, trial.attempt, {"x": params}, Origin("random"))
    storage.add_measurements(sweep, trial.number, trial.attempt, [Measurement(1, {"loss": 1.0})])
    storage.finish_trial(sweep, trial.number, trial.attempt, DONE)
    return trial.number


def check_integrity(path: Path) -> None:
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def check_log(changes: Changes) -> None:
    """Numbers without holes, places in the log that are taken once, results that are whole."""
    assert sorted(trial.number for trial in changes.trials) == list(range(len(changes.trials)))
    seqs = [trial.seq for trial in changes.trials]
    assert seqs == sorted(set(seqs))
    for trial in changes.trials:
        assert (trial.state is State.COMPLETED) == (trial.values != ())
        assert trial.params or trial.state in (State.PROPOSING, State.WAITING)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.parametrize("kills", [10, pytest.param(60, marks=pytest.mark.slow)])
def test_killed_writers_lose_and_double_nothing(storage: Storage, path: Path, kills: int) -> None:
    lots = random.Random(kills)
    context = multiprocessing.get_context("fork")

    def start_writer(i: int) -> multiprocessing.process.BaseProcess:
        writer = context.Process(target=write_trials, args=(storage.url, str(path.parent / f"told-{i}")))
        writer.start()
        return writer

    writers = [start_writer(i) for i in range(3)]
    try:
        for kill in range(kills):
            time.sleep(lots.uniform(0.0, 0.2))
            victim = writers.pop(lots.randrange(3))
            victim.kill()
            victim.join()
            assert victim.exitcode == -signal.SIGKILL, "it ended by itself"
            writers.append(start_writer(3 + kill))
        time.sleep(0.2)
    finally:
        for writer in writers:
            writer.kill()
            writer.join()
    told = [line.split() for file in path.parent.glob("told-*") for line in file.read_text().splitlines()]
    assert len(told) > kills
    take_back(storage, 1)
    assert storage.held(1) == []
    changes = storage.changes(1, 0)
    check_log(changes)
    assert all(trial.state in (State.COMPLETED, State.WAITING) for trial in changes.trials)
    stored = {trial.number: trial.value for trial in changes.trials}
    assert len({number for number, _ in told}) == len(told), "a trial was finished twice"
    assert all(stored[int(number)] == float(value) for number, value in told)
    storage.close()
    check_integrity(path)


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as a power cut leaves it: everything is in the log yet."""
    folder = tmp_path_factory.mktemp("crashed")
    storage = open_storage(folder / "live.db")
    storage.create_sweep("sweep", {}, 0)
    for _ in range(12):
        run_trial(storage)
    for end in ("", "-wal"):
        shutil.copy(folder / f"live.db{end}", folder / f"crashed.db{end}")
    assert (folder / "crashed.db-wal").stat().st_size > 100_000
    storage.close()
    return folder / "crashed.db"


@pytest.mark.parametrize("damage", ["cut", "scribble"])
@pytest.mark.parametrize("count", [25, pytest.param(200, marks=pytest.mark.slow)])
def test_a_damaged_log_opens_with_a_prefix(crashed: Path, path: Path, damage: str, count: int) -> None:
    lots = random.Random(damage)
    log = Path(f"{crashed}-wal").read_bytes()
    shutil.copy(crashed, path)
    Path(f"{path}-wal").write_bytes(log)
    whole = open_storage(path)
    full = {trial.number: trial for trial in whole.changes(1, 0).trials}
    assert len(full) == 12
    whole.close()
    seen = set()
    for i in range(count):
        target = path.with_name(f"{i}.db")
        at = lots.randrange(len(log))
        damaged = log[:at] if damage == "cut" else log[:at] + lots.randbytes(64) + log[at + 64 :]
        shutil.copy(crashed, target)
        Path(f"{target}-wal").write_bytes(damaged[: len(log)])
        storage = open_storage(target)
        if not storage.list_sweeps():  # cut before the sweep was stored
            storage.create_sweep("sweep", {}, 0)
        changes = storage.changes(1, 0)
        check_log(changes)
        finished = [trial for trial in changes.trials if trial.state is State.COMPLETED]
        assert [trial.number for trial in finished] == list(range(len(finished)))
        assert all(trial == full[trial.number] for trial in finished)
        seen.add(len(finished))
        storage.close()
        check_integrity(target)
    assert len(seen) > 3


def limit_pages(storage: Storage, extra: int | None) -> None:
    """Let the file grow by `extra` pages more at most; None: as far as it likes."""
    with storage._database._writer() as connection:  # type: ignore[attr-defined]
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={2**30 if extra is None else pages + extra}")


def test_a_full_disk_is_said_in_words_and_leaves_nothing_half_written(storage: Storage, path: Path) -> None:
    run_trial(storage)
    limit_pages(storage, 3)
    with pytest.raises(StorageError, match=r"the disk is full.*free some space"):
        deque(iter(lambda: run_trial(storage, params="x" * 2000), None), maxlen=0)
    before = storage.changes(1, 0)
    check_log(before)
    with pytest.raises(StorageError, match="the disk is full"):
        storage.enqueue(1, {"x": "x" * 100_000}, Origin("user"))
    assert storage.changes(1, 0) == before
    limit_pages(storage, None)
    assert storage.enqueue(1, {"x": "x" * 100_000}, Origin("user")).number == len(before.trials)
    check_log(storage.changes(1, 0))
    storage.close()
    check_integrity(path)


def test_a_lock_that_is_never_let_go_is_an_error_in_words(
    storage: Storage, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage._database._lock, "_timeout", 0.1)  # type: ignore[attr-defined]
    holder = filesystem.FileLock(f"{path}.lock", 1.0)
    holder.acquire()
    with pytest.raises(StorageError, match=r"sweeps.db.lock: another process has held this lock for more than 0.1 s"):
        storage.claim(1, ME)
    assert storage.changes(1, 0).trials == ()  # readers do not wait
    holder.release()
    holder.close()
    assert run_trial(storage) == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork.*:DeprecationWarning")
def test_a_fork_while_open_and_in_use(storage: Storage, path: Path) -> None:
    stop = threading.Event()
    mine: list[int] = []

    def write() -> None:
        while not stop.is_set():
            mine.append(run_trial(storage))

    thread = threading.Thread(target=write)
    thread.start()
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    children = [context.Process(target=lambda: queue.put([run_trial(storage) for _ in range(5)])) for _ in range(3)]
    try:
        for child in children:
            child.start()
        theirs = [number for _ in children for number in queue.get(timeout=60)]
        for child in children:
            child.join()
    finally:
        stop.set()
        thread.join()
    assert [child.exitcode for child in children] == [0, 0, 0]
    assert sorted(mine + theirs) == list(range(len(mine) + 15))
    changes = storage.changes(1, 0)
    check_log(changes)
    assert len(changes.trials) == len(mine) + 15
    storage.close()
    check_integrity(path)


def test_two_threads_share_one_storage(storage: Storage) -> None:
    numbers: list[int] = []
    seen: list[int] = []

    def write() -> None:
        numbers.extend(run_trial(storage) for _ in range(20))

    def read() -> None:
        since = 0
        while len(numbers) < 40:
            since = storage.changes(1, since).seq
            seen.append(since)

    threads = [threading.Thread(target=target) for target in (write, write, read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(40))
    assert seen == sorted(seen)


class TestRefusals:
    def test_a_newer_schema(self, storage: Storage, path: Path) -> None:
        storage.close()
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE schema_version SET version = 99")
        connection.close()
        with pytest.raises(StorageError, match=r"newer version of hyperopt-core \(schema 99.*upgrade"):
            open_storage(path)

    def test_a_database_of_another_program(self, path: Path) -> None:
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE trials (id)")
        connection.close()
        with pytest.raises(StorageError, match=r"tables of another program \(trials\)"):
            open_storage(path)

    def test_a_file_that_is_no_database(self, path: Path) -> None:
        path.write_text("method: grid\n" * 100)
        with pytest.raises(StorageError, match="not a SQLite database"):
            open_storage(path)
        assert path.read_text().startswith("method: grid")

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(StorageError, match=r"there is no folder .*missing; make it first"):
            open_storage(tmp_path / "missing" / "sweeps.db")

    @pytest.mark.parametrize("replaced", [False, True])
    def test_a_file_that_was_deleted_or_replaced_while_open(
        self, storage: Storage, path: Path, tmp_path: Path, replaced: bool
    ) -> None:
        path.unlink()
        if replaced:
            other = open_storage(tmp_path / "other.db")
            other.create_sweep("sweep", {}, 0)
            other.close()
            (tmp_path / "other.db").rename(path)
        for call in (lambda: storage.claim(1, ME), lambda: storage.changes(1, 0)):
            with pytest.raises(StorageLost, match="deleted or replaced"):
                call()
        storage.close()  # as before a fork: it must not come back with another file
        with pytest.raises(StorageLost, match="deleted or replaced"):
            storage.claim(1, ME)
        assert path.exists() is replaced

    @pytest.mark.parametrize("kind", ["folder", "text", "database", "fifo"])
    def test_what_is_refused_is_left_as_it_was(self, tmp_path: Path, kind: str) -> None:
        inner = tmp_path / "inner"
        inner.mkdir()
        path = inner / "thing"
        match kind:
            case "folder":
                path.mkdir()
            case "fifo":
                os.mkfifo(path)
            case "text":
                path.write_text("import torch\n" * 100)
            case _:
                with sqlite3.connect(path) as connection:
                    connection.execute("CREATE TABLE trials (id)")
                connection.close()
        before = path.read_bytes() if path.is_file() else b""
        with pytest.raises(StorageError, match=r"this is no file|not a SQLite database|another program"):
            open_storage(path)
        assert [entry.name for entry in inner.iterdir()] == ["thing"]
        assert (path.read_bytes() if path.is_file() else b"") == before

    @pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", ":memory:", ""])
    def test_a_url_without_a_file(self, url: str) -> None:
        with pytest.raises(ConfigError, match=r"name a file.*memory://"):
            open_storage(url)

    @pytest.mark.parametrize("url", ["sqlite:x.db", "memory:"])
    def test_a_url_without_slashes(self, url: str) -> None:
        with pytest.raises(ConfigError, match=r"write (sqlite|memory):// before the rest"):
            open_storage(url)

    def test_an_unknown_scheme(self) -> None:
        known = "http://, https://, memory://, postgresql://, sqlite://"
        with pytest.raises(ConfigError, match=rf"'sqlit'; did you mean 'sqlite'\?; known are {known}"):
            open_storage("sqlit:///x.db")

    def test_sqlalchemy_is_not_installed(self, path: Path) -> None:
        code = (
            "import sys; sys.modules['sqlalchemy'] = None\n"
            "from hyperopt_core.storage import open_storage; open_storage('memory://'); open_storage(sys.argv[1])"
        )
        ran = subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, capture_output=True, text=True)
        assert MissingExtra.__name__ in ran.stderr
        assert "pip install 'hyperopt-core[sweeps]'" in ran.stderr

    def test_a_network_file_system(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("hyperopt_core.storage.sql.sqlite.network_file_system", lambda _: "nfs4")
        with pytest.raises(StorageError, match=r"network file system \(nfs4\).*local disk"):
            open_storage(path)
        assert not path.exists()


@pytest.mark.parametrize(
    ("folder", "kind"),
    [("/data", None), ("/data/net", "nfs4"), ("/data/network", None), ("/my disk/x", "fuse.sshfs"), ("/ntfs", None)],
)
def test_network_file_systems_are_found_among_the_mounts(tmp_path: Path, folder: str, kind: str | None) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/a / ext4 rw 0 0\nhost:/x /data/net nfs4 rw 0 0\nhost: /my\\040disk fuse.sshfs rw 0 0\n"
        "/dev/b /ntfs fuseblk rw 0 0\nhost:/y /hidden nfs rw 0 0\n/dev/c /hidden ext4 rw 0 0\n"
    )
    assert network_file_system(f"{folder}/sweeps.db", str(mounts)) == kind
    assert network_file_system("/hidden/sweeps.db", str(mounts)) is None
    assert network_file_system("/data/net/sweeps.db", str(tmp_path / "missing")) is None


@contextmanager
def anybody() -> Iterator[None]:
    """As a user whom permissions bind, which they do not root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that everybody may read; those of pytest are private."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no users as POSIX has them")
class TestReadOnly:
    @pytest.mark.parametrize("what", ["file", "folder", "both"])
    @pytest.mark.parametrize("running", [False, True])
    def test_it_is_looked_at_and_not_written(self, public: Path, what: str, running: bool) -> None:
        writer = open_storage(public / "two words?.db")
        writer.create_sweep("sweep", {}, 0)
        run_trial(writer)
        if not running:
            writer.close()
            (public / "two words?.db.lock").unlink()
        files = {entry.name: entry.stat().st_mtime_ns for entry in public.iterdir()}
        if what != "folder":
            (public / "two words?.db").chmod(0o444)
        if what != "file":
            public.chmod(0o555)
        elif os.geteuid() == 0:
            public.chmod(0o777)
        with anybody():
            reader = open_storage(public / "two words?.db")
            assert [record.name for record in reader.list_sweeps()] == ["sweep"]
            assert len(reader.changes(1, 0).trials) == 1
            for write in (lambda: reader.claim(1, ME), lambda: reader.create_sweep("x", {}, 0)):
                with pytest.raises(StorageLost, match=r"two words\?\.db: .*read-only: it can be looked at"):
                    write()
        if running:
            run_trial(writer)
            with anybody():
                assert len(reader.changes(1, 0).trials) == 2, "what the writer wrote meanwhile"
        reader.close()
        if not running:
            assert {entry.name: entry.stat().st_mtime_ns for entry in public.iterdir()} == files
        writer.close()

    def test_no_agent_waits_for_it_to_change(self, public: Path) -> None:
        address, config = f"sqlite:///{public}/sweeps.db", {"parameters": {"x": {"min": 0.0, "max": 1.0}}}
        Sweep.create({"method": "random", **config}, address, "s").close()
        (public / "sweeps.db").chmod(0o444)
        public.chmod(0o555)
        with anybody(), Sweep.open("s", address) as sweep, pytest.raises(StorageLost, match="read-only"):
            sweep.run(lambda run: 1.0)

    def test_nothing_to_look_at(self, public: Path) -> None:
        public.chmod(0o555)
        with anybody(), pytest.raises(StorageError, match=r"[Pp]ermission"):
            open_storage(public / "sweeps.db")
        assert list(public.iterdir()) == []

    def test_an_empty_file(self, public: Path) -> None:
        (public / "sweeps.db").touch(0o444)
        public.chmod(0o555)
        with anybody(), pytest.raises(StorageError, match="read-only"):
            open_storage(public / "sweeps.db")


@pytest.mark.parametrize("name", ["two words.db", "q?a=1#x%20.db", "quote'\".db", "ünï ✓.db", "file:x.db", "-.db"])
def test_odd_file_names(tmp_path: Path, name: str) -> None:
    storage = open_storage(f"sqlite:///{tmp_path}/{name}")
    storage.create_sweep("sweep", {}, 0)
    storage.close()
    assert (tmp_path / name).is_file()
    again = open_storage(storage.url)
    assert [record.name for record in again.list_sweeps()] == ["sweep"]
    again.close()
    bare = open_storage(tmp_path / name)
    assert bare.url == storage.url
    bare.close()


def test_a_file_that_is_opened_twice_in_a_process_stays_locked(tmp_path: Path) -> None:
    """Closing any descriptor of a file gives up all of a process's locks on it: SQLite's, of another connection, too.

    Another process would then take itself for the last one and remove the log, and each would go on with its own.
    """
    address = str(tmp_path / "sweeps.db")
    look = (
        f"from hyperopt_core.storage import open_storage; storage = open_storage({address!r});"
        " print(len(storage.list_sweeps())); storage.close()"
    )

    def others_see() -> int:
        return int(subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True).stdout)

    first = open_storage(address)
    first.create_sweep("before", {}, 0)
    open_storage(address).close()
    assert others_see() == 1
    first.create_sweep("after", {}, 0)
    assert others_see() == 2
    first.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork.*:DeprecationWarning")
def test_a_storage_that_one_thread_opens_while_another_forks_does_not_cross(tmp_path: Path) -> None:
    held = FileLock(str(tmp_path / "new.db.lock"), 10)
    held.acquire()
    opened: list[Storage] = []
    crossed: list[int] = []

    def fork() -> None:
        child = os.fork()
        if child == 0:
            os._exit(sum(database._connection is not None for database in sqlite._OPEN))
        crossed.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

    opening = threading.Thread(target=lambda: opened.append(open_storage(tmp_path / "new.db")))
    opening.start()
    while sqlite._opening.acquire(blocking=False):  # until the file is about to be prepared
        sqlite._opening.release()
        time.sleep(0.01)
    forking = threading.Thread(target=fork)
    forking.start()
    time.sleep(0.1)
    held.release()
    opening.join()
    forking.join()
    held.close()
    assert crossed == [0]
    opened[0].create_sweep("s", {}, 0)
    opened[0].close()
