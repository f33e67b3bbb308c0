"""The schema. A change to it raises `VERSION` and comes with an entry of `MIGRATIONS` for older databases."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    inspect,
    select,
    text,
)

from hyperopt_core.errors import StorageError

VERSION = 2

metadata = MetaData()

schema_version = Table("schema_version", metadata, Column("version", Integer, nullable=False))

sweeps = Table(
    "sweeps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("spec", Text, nullable=False),  # JSON
    Column("seed", Text, nullable=False),  # JSON: any integer
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("next_number", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    UniqueConstraint("name"),
    sqlite_autoincrement=True,  # an agent with the id of a deleted sweep must not find another one under it
)

trials = Table(
    "trials",
    metadata,
    Column("sweep_id", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("params", Text),  # JSON; NULL until proposed
    Column("origin", Text, nullable=False),  # JSON: [strategy, reason, details]
    Column("key", Text),
    Column("budget", BigInteger),
    Column("attempt", Integer, nullable=False),
    Column("base_attempt", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("next_step", Float, nullable=False),
    Column("resume", Boolean, nullable=False),
    Column("cancel_requested", Boolean, nullable=False),
    Column("values", Text, nullable=False),  # JSON
    Column("metrics", Text, nullable=False),  # JSON
    Column("reason", Text, nullable=False),
    Column("error", Text),
    Column("owner", Text),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("pid_start", Text, nullable=False),
    Column("boot_id", Text, nullable=False),
    Column("beat", BigInteger, nullable=False),
    Column("started_at", Float),
    Column("ended_at", Float),
    Column("seq", BigInteger, nullable=False),
    PrimaryKeyConstraint("sweep_id", "number"),
    ForeignKeyConstraint(["sweep_id"], ["sweeps.id"]),
    Index("trials_by_seq", "sweep_id", "seq"),
    Index("trials_by_state", "sweep_id", "state", "number"),
    Index(
        "trials_by_key",
        "sweep_id",
        "key",
        unique=True,
        sqlite_where=text("key IS NOT NULL"),
        postgresql_where=text("key IS NOT NULL"),
    ),
)

attempts = Table(
    "attempts",
    metadata,
    Column("sweep_id", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("owner", Text, nullable=False),
    Column("started_at", Float, nullable=False),
    Column("ended_at", Float),
    Column("outcome", Text),  # JSON
    Column("note", Text, nullable=False),
    PrimaryKeyConstraint("sweep_id", "number", "attempt"),
    ForeignKeyConstraint(["sweep_id", "number"], ["trials.sweep_id", "trials.number"]),
    sqlite_with_rowid=False,
)

# Append-only, and stored in the order in which `changes` reads it.
reports = Table(
    "reports",
    metadata,
    Column("sweep_id", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("place", Integer, nullable=False),  # among the measurements that were written together
    Column("number", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("step", Float, nullable=False),
    Column("metrics", Text, nullable=False),  # JSON
    Column("at", Float, nullable=False),
    PrimaryKeyConstraint("sweep_id", "seq", "place"),
    ForeignKeyConstraint(["sweep_id", "number"], ["trials.sweep_id", "trials.number"]),
    sqlite_with_rowid=False,
)


# Who may ask a server for what. A token itself is known to its owner alone.
tokens = Table(
    "tokens",
    metadata,
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("digest", Text, nullable=False),  # SHA-256 of the token, hexadecimal
    Column("created_at", Float, nullable=False),
    PrimaryKeyConstraint("name"),
    UniqueConstraint("digest"),
)

_FIRST_TABLES = frozenset({"schema_version", "sweeps", "trials", "attempts", "reports"})

#: version -> what makes a database of that version one of the next.
MIGRATIONS: Mapping[int, Callable[[Connection], None]] = {1: tokens.create}


def version_of(connection: Connection, where: str) -> int:
    """The schema's version; 0 for an empty database.

    Raises `StorageError` for a database of another program, or of a newer version.
    """
    names = set(inspect(connection).get_table_names())
    if not names:
        return 0
    if not names >= _FIRST_TABLES:
        raise StorageError(f"{where} holds tables of another program ({', '.join(sorted(names)[:5])}); choose another")
    version: int = connection.execute(select(schema_version.c.version)).scalar_one()
    if version > VERSION:
        raise StorageError(
            f"{where} was written by a newer version of hyperopt-core (schema {version}; this one knows up to "
            f"{VERSION}); upgrade hyperopt-core, or choose another database"
        )
    return version


def prepare(connection: Connection, where: str) -> None:
    """Make the tables of an empty database, or bring an older one up to `VERSION`, all in the running transaction.

    It must exclude other writers. Raises `StorageError` as `version_of` does.
    """
    version = version_of(connection, where)
    if version == 0:
        metadata.create_all(connection)
        connection.execute(schema_version.insert().values(version=VERSION))
        return
    for older in range(version, VERSION):
        MIGRATIONS[older](connection)
    connection.execute(schema_version.update().values(version=VERSION))
