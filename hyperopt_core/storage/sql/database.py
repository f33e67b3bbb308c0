"""What the transactions of a storage need of a database, whichever it is."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias

from sqlalchemy import Delete, Insert, Select, Update

#: A constant of its module: databases keep what they make of it.
Statement: TypeAlias = Select[Any] | Insert | Update | Delete
#: One with its parameters by name.
Query: TypeAlias = tuple[Statement, Mapping[str, Any]]


class Refused(Exception):
    """A constraint of the schema does not allow what was written; all of its transaction is undone."""


class Transaction(Protocol):
    """A transaction that writes: first what a decision rests on is read, then what follows from it is sent."""

    def rows(self, *queries: Query) -> list[list[Any]]:
        """The rows that each query finds, asked for together. Locks that they take are kept to the end."""

    def send(self, statement: Statement, parameters: Mapping[str, Any]) -> list[Any]:
        """Have a statement run by the end of the transaction; the list holds its rows from then on."""


class Database(Protocol):
    """What differs from one SQL database to the next: how to connect, to lock, and to make sure."""

    @property
    def url(self) -> str:
        """Where it is, without a password."""

    @property
    def secret_url(self) -> str:
        """The same with it."""

    def read(self, *queries: Query, lasting: bool = False) -> list[list[Any]]:
        """The rows that each query finds, at one moment; `lasting`: nothing of it is lost in a power cut any more."""

    def write(self, *, durable: bool = True) -> AbstractContextManager[Transaction]:
        """A transaction that writes; `durable`: outlasts a power cut once it has ended. Raises `Refused` at its end."""

    def close(self) -> None:
        """Let go of files and connections."""
