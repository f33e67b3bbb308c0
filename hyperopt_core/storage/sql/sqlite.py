"""SQLite: one file, one connection a process, writers in turn, one wait for the disk shared by many.

- The write-ahead log lets readers read while one writes. With ``synchronous=NORMAL`` a commit is whole and in order
  after a power cut, but the last ones may be lost: SQLite syncs the log only before it copies it into the database.
- A durable write therefore syncs the log itself, after its commit and before it returns. FULL does that too, but while
  it holds the lock; here the next writers go on, and the disk serves all who wait at once. Where the log was copied and
  emptied or removed in between, SQLite had synced it before.
- A connection must not cross a fork, not even to be closed (https://www.sqlite.org/howtocorrupt.html, section 2.6): it
  is closed just before, and parent and child each open their own when they need it.
- To close any descriptor of a file gives up all locks of this process on it (section 2.2 there): a file that a storage
  of this process has open is not looked at by another way.
- A file that may not be written is only looked at: no lock, no log, and no connection that stays.
- Writes and checkpoints happen under a lock file. SQLite's own lock has no queue (8 writers: some wait for seconds),
  and versions up to 3.51.2 can lose data where a checkpoint meets a writer at the wrong moment.
"""

from __future__ import annotations

import atexit
import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import NullPool

from hyperopt_core.errors import ConfigError, StorageError, StorageLost
from hyperopt_core.storage.sql.database import Query, Refused, Statement
from hyperopt_core.storage.sql.filesystem import FileLock, network_file_system
from hyperopt_core.storage.sql.rows import UNFIT, unfit
from hyperopt_core.storage.sql.storage import SqlStorage
from hyperopt_core.storage.sql.tables import VERSION, prepare, version_of

_PREFIX = "sqlite:///"
_BUSY_SECONDS = 60.0
_HEADER = b"SQLite format 3\0"
_EFFECTIVE = os.access in os.supports_effective_ids  # else the rights of the real user


def open_sqlite(url: str) -> SqlStorage:
    """The storage in the file of ``sqlite:///FILE`` or of a bare path; the file is made where there is none.

    What follows ``sqlite:///`` is the file's name as it is, without escapes or options.
    """
    path = url[len(_PREFIX) :] if url.lower().startswith(_PREFIX) else url
    if not path or path == ":memory:" or (url.lower().startswith("sqlite://") and path == url):
        raise ConfigError(f"storage {url!r}: name a file, as in sqlite:///sweeps.db, or use memory://")
    return SqlStorage(SqliteDatabase(path))


class SqliteTransaction:
    """A `Transaction`: it has the file to itself, so that everything is done at once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, *queries: Query) -> list[list[Any]]:
        """The rows that each query finds."""
        return [_rows(self._connection, *query) for query in queries]

    def send(self, statement: Statement, parameters: Mapping[str, Any]) -> list[Any]:
        """Run a statement; the rows that it finds."""
        return _rows(self._connection, statement, parameters)


class SqliteDatabase:
    """A SQLite file as a `Database`."""

    def __init__(self, path: str) -> None:
        self._path = os.path.abspath(path)
        self.url = self.secret_url = _PREFIX + self._path
        self._mutex = threading.RLock()
        self._connection: Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._lock = FileLock(self._path + ".lock", _BUSY_SECONDS)
        self._engine = create_engine("sqlite://", creator=self._connect, poolclass=NullPool)
        self._viewer = create_engine("sqlite://", creator=self._connect_to_look, poolclass=NullPool)
        folder = os.path.dirname(self._path)
        if not os.path.isdir(folder):
            raise StorageError(f"{self.url}: there is no folder {folder}; make it first")
        if os.path.exists(self._path) and not os.path.isfile(self._path):
            raise StorageError(f"{self.url}: this is no file; name one, as in sqlite:///sweeps.db")
        if network := network_file_system(self._path):
            raise StorageError(
                f"{self.url}: SQLite cannot be shared safely on a network file system ({network}); put the file on a "
                f"local disk of one machine"
            )
        self._read_only = os.path.exists(self._path) and not (_writable(self._path) and _writable(folder))
        with _opening:
            version = self._version()
            if version < VERSION and not (version and self._read_only):  # an older file can be looked at as it is
                try:
                    with self._errors(), self._writer() as connection:
                        prepare(connection, self.url)
                except BaseException:
                    self.close()
                    raise
            _OPEN.add(self)

    def _version(self) -> int:
        """The schema's version, seen without a trace: what is no storage of ours stays as it was."""
        with self._errors():
            if _in_use(self._path):
                return VERSION
            header = _first_bytes(self._path)
            if not header:
                return 0
            if header != _HEADER:
                raise sqlite3.DatabaseError("file is not a database")
            try:
                with self._look() as connection:
                    return version_of(connection, self.url)
            except DBAPIError:
                if self._read_only:
                    raise
                return 0  # what a writer that was killed left must be rolled back first, which a writer does

    def read(self, *queries: Query, lasting: bool = False) -> list[list[Any]]:
        """The rows that each query finds, at one moment; `lasting`: nothing of it is lost in a power cut any more."""
        with self._errors(), self._reader() as connection:
            found = [_rows(connection, *query) for query in queries]
        if lasting:
            self._sync()
        return found

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[SqliteTransaction]:
        """A transaction that no other writer overlaps. Raises `StorageError` where the file may only be read."""
        with self._errors():
            with self._writer() as connection:
                yield SqliteTransaction(connection)
            if durable:
                self._sync()

    @contextmanager
    def _reader(self) -> Iterator[Connection]:
        if self._read_only:
            with self._look() as connection:
                yield connection
            return
        with self._mutex:
            connection = self._connected()
            with connection.begin():
                connection.exec_driver_sql("BEGIN")
                yield connection

    @contextmanager
    def _writer(self) -> Iterator[Connection]:
        if self._read_only:
            raise StorageLost(f"{self.url}: the file or its folder is read-only: it can be looked at, not written")
        with self._mutex, self._exclusive():
            connection = self._connected()
            with connection.begin():
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield connection

    def _sync(self) -> None:
        """Wait until all that was committed so far outlasts a power cut."""
        try:
            log = os.open(self._path + "-wal", os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
        except FileNotFoundError:  # the last connection was closed in between, which copies and syncs everything
            return
        try:
            getattr(os, "fdatasync", os.fsync)(log)
        finally:
            os.close(log)

    def close(self) -> None:
        """Close the connection; the next call opens a new one."""
        with self._mutex, self._errors():
            if self._connection is not None:
                with self._exclusive():  # the last one to close a file writes a checkpoint
                    connection, self._connection = self._connection, None
                    connection.close()
            self._lock.close()

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        self._lock.acquire()
        try:
            yield
        finally:
            self._lock.release()

    def _connected(self) -> Connection:
        """The connection of this process. Raises `StorageLost` where its file is no longer the one at the path."""
        if self._identity is not None and _identity(self._path) != self._identity:
            raise StorageLost(f"{self.url}: the file was deleted or replaced while it was in use")
        if self._connection is None:
            with _opening:
                self._connection = self._engine.connect()
                self._identity = _identity(self._path)
        return self._connection

    @contextmanager
    def _look(self) -> Iterator[Connection]:
        """A transaction of a connection of its own that leaves the file and its folder as they are."""
        with self._viewer.connect() as connection, connection.begin():
            connection.exec_driver_sql("BEGIN")
            yield connection

    def _connect_to_look(self) -> sqlite3.Connection:
        # Without a log the file holds everything, and `immutable` keeps SQLite from making files beside it.
        alone = not _first_bytes(self._path + "-wal")
        address = f"{Path(self._path).as_uri()}?mode=ro" + ("&immutable=1" if alone else "")
        return sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
            if mode != "wal":
                raise StorageError(
                    f"{self.url}: no write-ahead log on this file system (it says {mode!r}); use another"
                )
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute(f"PRAGMA journal_size_limit={64 * 2**20}")
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn what SQLite and the system say into `StorageError`, in words."""
        try:
            yield
        except IntegrityError as error:
            raise Refused from error
        except UNFIT as error:
            raise unfit(error) from error
        except DBAPIError as error:
            raise StorageError(f"{self.url}: {_words(error.orig)}") from error
        except (sqlite3.Error, OSError) as error:
            if isinstance(error, StorageError):
                raise
            raise StorageError(f"{self.url}: {_words(error)}") from error


def _rows(connection: Connection, statement: Statement, parameters: Mapping[str, Any]) -> list[Any]:
    found = connection.execute(statement, parameters)
    return list(found) if found.returns_rows else []


def _words(error: Any) -> str:
    message = str(error)
    for part, remedy in (
        ("is full", "the disk is full: nothing was written; free some space, and go on"),
        ("is locked", f"another program has kept the file locked for more than {_BUSY_SECONDS:g} s"),
        ("not a database", "the file is not a SQLite database; choose another name"),
        ("malformed", "the database is damaged; restore a backup, or `sqlite3 FILE .recover` what is left"),
        ("readonly", "the file or its folder is read-only"),
        ("unable to open", "the file cannot be opened; does the folder allow you to read and write there?"),
    ):
        if part in message:
            return f"{remedy} (SQLite: {message})"
    return message


def _first_bytes(path: str) -> bytes:
    """As many as SQLite's header has; none of a file that is empty or not there."""
    try:
        with open(path, "rb") as file:
            return file.read(len(_HEADER))
    except FileNotFoundError:
        return b""


def _writable(path: str) -> bool:
    return os.access(path, os.W_OK, effective_ids=_EFFECTIVE)


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _in_use(path: str) -> bool:
    """Whether a storage of this process has the file open."""
    here = _identity(path)
    return any(other._connection is not None and other._identity == here for other in list(_OPEN))


_OPEN: weakref.WeakSet[SqliteDatabase] = weakref.WeakSet()
_opening = threading.RLock()  # held while a file is prepared, connected to, or looked at by another way
_forking = threading.RLock()  # held by the thread that forks
_FORKING: list[SqliteDatabase] = []  # what it has closed, and keeps closed


def _before_fork() -> None:
    _forking.acquire()
    fault = None
    while True:
        _opening.acquire()
        open_still = set(_OPEN).difference(_FORKING)
        if not open_still:
            break
        _opening.release()  # who waits for it may hold the mutex of one of them
        for database in open_still:
            database._mutex.acquire()
            _FORKING.append(database)
            try:
                database.close()
            except StorageError as error:
                fault = error
    if fault is not None:
        raise fault  # Python shows it, and forks


def _after_fork() -> None:
    _opening.release()
    while _FORKING:
        _FORKING.pop()._mutex.release()
    _forking.release()


def _at_exit() -> None:
    for database in list(_OPEN):
        with suppress(StorageError):
            database.close()


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)
