"""Transactions of PostgreSQL in as few messages as they can be.

Every message costs a turn of two processes on their processors, and what is locked stays locked meanwhile. So the
statements that need no answer of one another go together, as one text, and the last ones together with the commit:
what they lock is locked for as long as the server takes, however busy the client's machine is.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from psycopg import ClientCursor, Connection
from psycopg.rows import namedtuple_row
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from hyperopt_core.storage.sql.database import Query, Statement

_DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]


class Batch:
    """A `Transaction` on a connection that begins and ends none by itself."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._encoding = connection.info.encoding
        self._cursor = ClientCursor(connection, row_factory=namedtuple_row)
        self._texts: list[str] = []
        self._answers: list[list[Any]] = []

    def rows(self, *queries: Query) -> list[list[Any]]:
        """The rows that each query finds, asked for together with all that was sent before."""
        found = [self.send(*query) for query in queries]
        self.flush()
        return found

    def send(self, statement: Statement, parameters: Mapping[str, Any]) -> list[Any]:
        """Have a statement go with the next message; the list holds its rows from then on."""
        text, defaults = _compiled(statement, tuple(parameters))
        return self.say(self._cursor.mogrify(text, {**defaults, **parameters}))

    def say(self, text: str) -> list[Any]:
        """`send` of a statement without parameters."""
        self._texts.append(text)
        self._answers.append([])
        return self._answers[-1]

    def flush(self) -> None:
        """Send the message, and take in what it is answered with."""
        texts, self._texts = self._texts, []
        answers, self._answers = self._answers, []
        cursor = self._cursor
        cursor.execute("; ".join(texts).encode(self._encoding))
        for answer in answers:
            if cursor.pgresult is not None and cursor.pgresult.nfields:
                answer += cursor.fetchall()
            cursor.nextset()


@lru_cache(maxsize=256)
def _compiled(statement: Statement, names: tuple[str, ...]) -> tuple[str, Mapping[str, Any]]:
    """A statement in PostgreSQL's words for parameters of these names, and the values that it brings itself."""
    compiled = statement.compile(dialect=_DIALECT, column_keys=list(names))
    return str(compiled), compiled.params
