"""SQLite: one file, one connection a process, writers in turn, one wait for the disk shared by many.

- The write-ahead log lets readers read while one writes. With ``synchronous=NORMAL`` a commit is whole and in order
  after a power cut, but the last ones may be lost: SQLite syncs the log only before it copies it into the database.
- A durable write therefore syncs the log itself, after its commit and before it returns. FULL does that too, but while
  it holds the lock; here the next writers go on, and the disk serves all who wait at once. Where the log was copied and
  emptied or removed in between, SQLite had synced it before.
- A connection must not cross a fork, not even to be closed (https://www.sqlite.org/howtocorrupt.html, section 2.6): it
  is closed just before, and parent and child each open their own when they need it.
- Writes and checkpoints happen under a lock file. SQLite's own lock has no queue (8 writers: some wait for seconds),
  and versions up to 3.51.2 can lose data where a checkpoint meets a writer at the wrong moment.
"""

from __future__ import annotations

import atexit
import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import NullPool

from hyperopt_core.errors import ConfigError, StorageError
from hyperopt_core.storage.sql.filesystem import FileLock, network_file_system
from hyperopt_core.storage.sql.storage import SqlStorage
from hyperopt_core.storage.sql.tables import prepare

_PREFIX = "sqlite:///"
_BUSY_SECONDS = 60.0


def open_sqlite(url: str) -> SqlStorage:
    """The storage in the file of ``sqlite:///FILE`` or of a bare path; the file is made where there is none.

    What follows ``sqlite:///`` is the file's name as it is, without escapes or options.
    """
    path = url[len(_PREFIX) :] if url.lower().startswith(_PREFIX) else url
    if not path or path == ":memory:" or (url.lower().startswith("sqlite://") and path == url):
        raise ConfigError(f"storage {url!r}: name a file, as in sqlite:///sweeps.db, or use memory://")
    return SqlStorage(SqliteDatabase(path))


class SqliteDatabase:
    """A SQLite file as a `Database`."""

    def __init__(self, path: str) -> None:
        self._path = os.path.abspath(path)
        self.url = _PREFIX + self._path
        self._mutex = threading.RLock()
        self._connection: Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._lock = FileLock(self._path + ".lock", _BUSY_SECONDS)
        self._engine = create_engine("sqlite://", creator=self._connect, poolclass=NullPool)
        folder = os.path.dirname(self._path)
        if not os.path.isdir(folder):
            raise StorageError(f"{self.url}: there is no folder {folder}; make it first")
        if network := network_file_system(self._path):
            raise StorageError(
                f"{self.url}: SQLite cannot be shared safely on a network file system ({network}); put the file on a "
                f"local disk of one machine"
            )
        with self.write() as connection:
            prepare(connection, self.url)
        _OPEN.add(self)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one moment of the file."""
        with self._mutex, self._errors():
            connection = self._connected()
            with connection.begin():
                connection.exec_driver_sql("BEGIN")
                yield connection

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """A transaction that no other writer overlaps."""
        with self._errors():
            with self._mutex, self._exclusive():
                connection = self._connected()
                with connection.begin():
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                    yield connection
            if durable:
                self._sync_log()

    def _sync_log(self) -> None:
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
        """The connection of this process. Raises `StorageError` where its file is no longer the one at the path."""
        if self._connection is None:
            self._connection = self._engine.connect()
            self._identity = _identity(self._path)
        elif _identity(self._path) != self._identity:
            raise StorageError(f"{self.url}: the file was deleted or replaced while it was in use")
        return self._connection

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
        except IntegrityError:
            raise
        except DBAPIError as error:
            raise StorageError(f"{self.url}: {_words(error.orig)}") from error
        except (sqlite3.Error, OSError) as error:
            if isinstance(error, StorageError):
                raise
            raise StorageError(f"{self.url}: {_words(error)}") from error


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


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


_OPEN: weakref.WeakSet[SqliteDatabase] = weakref.WeakSet()
_FORKING: list[SqliteDatabase] = []


def _before_fork() -> None:
    for database in list(_OPEN):
        database._mutex.acquire()
        _FORKING.append(database)
        database.close()


def _after_fork() -> None:
    while _FORKING:
        _FORKING.pop()._mutex.release()


def _at_exit() -> None:
    for database in list(_OPEN):
        with suppress(StorageError):
            database.close()


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)
