"""Who may ask a server for what: tokens by name, of which the database holds only digests.

A token is 256 random bits, so a plain SHA-256 is as hard to turn back as any slow hash, and can be looked up.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, insert, select

from hyperopt_core.errors import ConfigError, suggest
from hyperopt_core.storage.roles import Role
from hyperopt_core.storage.sql.database import Database, Refused
from hyperopt_core.storage.sql.tables import tokens

_ADD = insert(tokens)
_ALL = select(tokens).order_by(tokens.c.created_at, tokens.c.name)
_ROLE = select(tokens.c.role).where(tokens.c.digest == bindparam("hashed"))
_REVOKE = delete(tokens).where(tokens.c.name == bindparam("called"))


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A token as it is stored."""

    name: str
    role: Role
    created_at: float  # seconds since the epoch


class Tokens:
    """The tokens of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, name: str, role: Role) -> str:
        """A new token, shown this once. Raises `ConfigError` where the name is taken or cannot be printed."""
        if not name.strip() or not name.isprintable():
            raise ConfigError(f"name {name!r} of a token: a text of printable characters is needed")
        token = secrets.token_urlsafe(32)
        row = {"name": name, "role": role.name.lower(), "digest": digest(token), "created_at": time.time()}
        try:
            with self._database.write() as transaction:
                transaction.send(_ADD, row)
        except Refused as error:
            raise ConfigError(f"there is a token {name!r} already: revoke it, or choose another name") from error
        return token

    def list(self) -> list[TokenRecord]:
        """All tokens, oldest first."""
        (rows,) = self._database.read((_ALL, {}))
        return [TokenRecord(row.name, Role[row.role.upper()], row.created_at) for row in rows]

    def revoke(self, name: str) -> None:
        """Make a token worthless. Raises `ConfigError` where there is none of that name."""
        with self._database.write() as transaction:
            (rows,) = transaction.rows((_ALL, {}))
            known = [row.name for row in rows]
            if name not in known:
                raise ConfigError(f"there is no token {name!r}{suggest(name, known)}")
            transaction.send(_REVOKE, {"called": name})

    def role(self, token: str) -> Role | None:
        """What a token allows; None for one that is not known."""
        (rows,) = self._database.read((_ROLE, {"hashed": digest(token)}))
        return Role[rows[0].role.upper()] if rows else None


def digest(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
