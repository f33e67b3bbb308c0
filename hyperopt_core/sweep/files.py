"""Where the files of a sweep's trials go."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path


def trials_directory(url: str, name: str) -> Path | None:
    """The folder beside a SQLite file for the trials of sweep `name`; None for storages that are no file.

    >>> trials_directory("sqlite:///runs/sweeps.db", "digits").as_posix()
    'runs/sweeps-files/digits'
    """
    scheme, _, rest = url.partition(":///")
    if scheme != "sqlite":
        return None
    path = Path(rest)
    return path.with_name(f"{path.stem}-files") / safe_name(name)


def safe_name(name: str) -> str:
    """`name` as one folder's name: whatever it holds, it stays inside; different names stay different.

    >>> safe_name("digits"), safe_name("../../x")
    ('digits', 'x-9cdf6a50')
    """
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-")[:60]
    if plain == name:
        return name
    return f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:8]}".lstrip("-")
