"""Where Optuna keeps studies: a database, or a journal file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import optuna
from optuna.storages.journal import JournalFileBackend

_SQLITE = b"SQLite format 3\0"


def open_optuna(where: str | Path) -> Any:
    """The storage at a URL or in a file: SQLite or journal by what it holds, a new one by its name."""
    text = str(where)
    if "://" in text:
        return optuna.storages.RDBStorage(text)
    path = Path(text)
    if _is_database(path):
        return optuna.storages.RDBStorage(f"sqlite:///{path}")
    return optuna.storages.JournalStorage(JournalFileBackend(str(path)))


def _is_database(path: Path) -> bool:
    if path.exists() and path.stat().st_size:
        with path.open("rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    return path.suffix.lower() in (".db", ".sqlite", ".sqlite3")
