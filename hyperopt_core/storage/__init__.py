"""Where sweeps last: `open_storage` turns a URL into a `Storage`; the table below says which implementation."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import cast

from hyperopt_core.errors import ConfigError, MissingExtra, suggest
from hyperopt_core.storage.address import without_password
from hyperopt_core.storage.protocol import Attempt, Held, Owner, Status, Storage, SweepRecord

__all__ = ["ENTRY_POINTS", "STORAGES", "Attempt", "Held", "Owner", "Status", "Storage", "SweepRecord", "open_storage"]

#: scheme of a URL -> "module:callable", which takes the URL and returns a `Storage`.
STORAGES: Mapping[str, str] = {
    "memory": "hyperopt_core.storage.memory:MemoryStorage",
    "sqlite": "hyperopt_core.storage.sql.sqlite:open_sqlite",
    "postgresql": "hyperopt_core.storage.sql.postgresql:open_postgresql",
    "http": "hyperopt_core.storage.http.client:HttpStorage",
    "https": "hyperopt_core.storage.http.client:HttpStorage",
}

#: other packages add theirs under this group, one entry point a scheme.
ENTRY_POINTS = "hyperopt_core.storages"

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")


def open_storage(url: str | os.PathLike[str]) -> Storage:
    """Open the storage at `url`: ``memory://``, ``postgresql://user@host/database``, ``sqlite:///sweeps.db`` or a bare
    path, which means SQLite.

    ``memory://`` is a fresh one each time. Raises `ConfigError` for an unknown scheme, `MissingExtra` without
    SQLAlchemy, and `StorageError` where the database cannot be opened.

    >>> open_storage("memory://").list_sweeps()
    []
    """
    url = os.fspath(url)
    match = _SCHEME.match(url)
    if match is None and (start := url.partition(":")[0].lower()) in STORAGES and ":" in url:
        raise ConfigError(f"storage {start}: write {start}:// before the rest, as in memory:// or sqlite:///sweeps.db")
    scheme = match[1].lower() if match else "sqlite"
    target = STORAGES.get(scheme) or _from_entry_points(scheme)
    if target is None:
        known = _known()
        raise ConfigError(
            f"storage {without_password(url)!r}: unknown scheme {scheme!r}{suggest(scheme, known)}; "
            f"known are {', '.join(f'{name}://' for name in known)} and bare paths, which mean SQLite"
        )
    module, _, name = target.partition(":")
    try:
        opener = getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.partition(".")[0] == "sqlalchemy":
            raise MissingExtra("sqlalchemy", "sweeps", f"the storage {without_password(url)}") from error
        raise
    return cast(Storage, opener(url))


def _from_entry_points(scheme: str) -> str | None:
    return next((entry.value for entry in entry_points(group=ENTRY_POINTS) if entry.name == scheme), None)


def _known() -> list[str]:
    return sorted({*STORAGES, *(entry.name for entry in entry_points(group=ENTRY_POINTS))})
