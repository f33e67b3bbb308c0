"""PostgreSQL: many agents on many machines, one database.

- A reader sees one moment of the database (REPEATABLE READ); writers of a sweep take turns at its row. What it saw
  may not be on disk yet: where that matters it waits for it, in the way of the next paragraph.
- A transaction is one message to the server, or two where it decides something in between, see `batch`.
- A durable write commits twice. The first commit does not wait for the disk, so that the sweep's row is free for the
  next writer at once; the second is an all but empty transaction that waits until the log is on disk up to its own
  place, which is behind the first's. The server syncs the log for all that wait at the same time: writers share the
  disk instead of queueing for it one by one.
- A connection that the server has closed is replaced before it is used, so that a restart of the server costs nothing
  but the time it was away. One that dies in use is an error: what it had done is not known.
- A connection must not cross a fork: the child opens its own.
"""

from __future__ import annotations

import os
import selectors
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from hyperopt_core.errors import ConfigError, MissingExtra, StorageError
from hyperopt_core.storage.address import without_password
from hyperopt_core.storage.sql.database import Query, Refused
from hyperopt_core.storage.sql.rows import UNFIT, unfit
from hyperopt_core.storage.sql.storage import SqlStorage
from hyperopt_core.storage.sql.tables import VERSION, prepare, version_of

if TYPE_CHECKING:
    from hyperopt_core.storage.sql.batch import Batch

_CONNECT_SECONDS = 10
_STATEMENT_SECONDS = 60  # longer: the server hangs, or another program holds a lock
_IDLE_SECONDS = 30  # a client that stopped in the middle of a transaction must not hold a sweep for ever
_CREATING = 0x687970  # any number: the key of the lock under which tables are made
_MOST_CONNECTIONS = 16  # of one process; further threads wait for one
# A message that nobody reads: a commit that wrote nothing to the log would not wait for it.
_WAIT_FOR_DISK = (
    "SELECT set_config('synchronous_commit', 'on', true), pg_logical_emit_message(true, 'hyperopt-core', '')"
)
_WAIT_IF_BEHIND = f"{_WAIT_FOR_DISK} WHERE pg_current_wal_flush_lsn() < pg_current_wal_insert_lsn()"


def open_postgresql(url: str) -> SqlStorage:
    """The storage in the database of ``postgresql://USER@HOST:PORT/DATABASE``; missing tables are made.

    What the URL leaves out comes from libpq's environment variables and files (PGHOST, PGPASSWORD, ~/.pgpass ...).
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:  # ValueError: of the port
        raise ConfigError(f"storage {without_password(url)!r}: write postgresql://user@host:5432/database") from error
    return SqlStorage(PostgresqlDatabase(parsed), readers_outlast_it=True)


class PostgresqlDatabase:
    """A PostgreSQL database as a `Database`."""

    def __init__(self, address: URL) -> None:
        address = address.set(drivername="postgresql")
        self.secret_url = address.render_as_string(hide_password=False)
        self.url = without_password(self.secret_url)
        try:
            import psycopg

            from hyperopt_core.storage.sql.batch import Batch
        except ImportError as error:
            raise MissingExtra("psycopg", "postgres", f"the storage {self.url}") from error
        self._driver, self._batch_on = psycopg, Batch
        self._engine = create_engine(
            address.set(drivername="postgresql+psycopg"),
            pool_size=2,
            max_overflow=_MOST_CONNECTIONS - 2,
            pool_timeout=_STATEMENT_SECONDS,
            isolation_level="AUTOCOMMIT",  # a batch says itself where it begins and ends
            connect_args={
                "connect_timeout": _CONNECT_SECONDS,
                "application_name": "hyperopt-core",
                "keepalives_idle": _IDLE_SECONDS,
                "tcp_user_timeout": 1000 * _STATEMENT_SECONDS,
                "options": _options(address),
            },
        )
        event.listen(self._engine, "checkout", _replace_closed)
        with self._errors(), self._engine.connect() as connection:
            version = version_of(connection, self.url)
        if version < VERSION:
            writer = self._engine.execution_options(isolation_level="READ COMMITTED")
            with self._errors(), writer.begin() as connection:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CREATING})
                prepare(connection, self.url)
        _OPEN.add(self)

    def read(self, *queries: Query, lasting: bool = False) -> list[list[Any]]:
        """The rows that each query finds, at one moment; `lasting`: no crash of the server loses any of it any more."""
        with self._batch() as batch:
            batch.say("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            found = [batch.send(*query) for query in queries]
            batch.say("COMMIT")
            if lasting:
                batch.say(_WAIT_IF_BEHIND)
            batch.flush()
        return found

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Batch]:
        """A transaction that writes; `durable`: outlasts a crash of the server once it has ended."""
        with self._batch() as batch:
            batch.say("BEGIN ISOLATION LEVEL READ COMMITTED")
            yield batch
            batch.say("COMMIT")
            if durable:
                batch.say(_WAIT_FOR_DISK)
            batch.flush()

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        self._engine.dispose()

    @contextmanager
    def _batch(self) -> Iterator[Batch]:
        """One that is rolled back unless it has ended."""
        with self._errors():
            pooled = self._engine.raw_connection()
            connection: Any = pooled.driver_connection
            try:
                yield self._batch_on(connection)
            except BaseException as error:
                if connection.closed or not isinstance(error, Exception):
                    pooled.invalidate()  # it is not known what it has done, or is doing
                raise
            finally:
                pooled.close()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn what the server and the network say into `StorageError`, in words."""
        try:
            yield
        except self._driver.IntegrityError as error:
            raise Refused from error
        except (*UNFIT, self._driver.DataError) as error:
            raise unfit(error) from error
        except PoolTimeout as error:
            raise StorageError(f"{self.url}: all {_MOST_CONNECTIONS} connections of this process are busy") from error
        except (DBAPIError, self._driver.Error) as error:
            raise StorageError(f"{self.url}: {_words(getattr(error, 'orig', error))}") from error


def _replace_closed(connection: Any, *_: Any) -> None:
    """Have the pool replace an idle connection with something to read: the server's farewell."""
    with selectors.DefaultSelector() as selector:
        selector.register(connection.fileno(), selectors.EVENT_READ)
        if selector.select(0):
            raise DisconnectionError


def _options(address: URL) -> str:
    """The session's settings, after those that the URL itself asks for."""
    given = address.query.get("options", "")
    own = {
        "synchronous_commit": "off",  # `write` waits for the disk where it is asked to
        "statement_timeout": 1000 * _STATEMENT_SECONDS,
        "idle_in_transaction_session_timeout": 1000 * _IDLE_SECONDS,
    }
    return " ".join([given if isinstance(given, str) else " ".join(given), *(f"-c {k}={v}" for k, v in own.items())])


def _words(error: Any) -> str:
    message = " ".join(str(error).split())
    for part, remedy in (
        ("Connection refused", "no server answers there; is it running, and are host and port right?"),
        ("timeout expired", "the server does not answer; is it reachable from this machine?"),
        ("could not translate host name", "there is no host of that name"),
        ("Name or service not known", "there is no host of that name"),
        ("password authentication failed", "wrong user or password"),
        ("no password supplied", "a password is needed: PGPASSWORD, ~/.pgpass, or in the URL"),
        ("FATAL: database", "create it first, as with `createdb`"),
        ("FATAL: role", "there is no user of that name"),
        ("no schema has been selected", "there is no schema of the name in the URL's search_path: create it first"),
        ("permission denied", "this user may not do that there"),
        ("No space left", "the server's disk is full: nothing was written; free some space, and go on"),
        ("too many clients", "the server takes no more connections: raise its max_connections, or run fewer agents"),
        ("read-only transaction", "the server takes no writes; is it a standby?"),
    ):
        if part in message:
            return f"{remedy} (PostgreSQL: {message})"
    return message


_OPEN: weakref.WeakSet[PostgresqlDatabase] = weakref.WeakSet()


def _after_fork() -> None:
    for database in list(_OPEN):
        database._engine.dispose(close=False)  # the parent's connections stay the parent's


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
