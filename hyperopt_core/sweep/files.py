"""Where the files of a sweep's trials go."""

from __future__ import annotations

import hashlib
import re
import tempfile
import threading
from pathlib import Path

from hyperopt_core.errors import StorageError

_HERE = "sweeps-files"


class Folders:
    """One sweep's folders of trials. given: where they are to be, if somebody said so."""

    def __init__(self, url: str, name: str, created_at: float, given: str | Path | None) -> None:
        self.given = None if given is None else Path(given)
        self.root = trials_directory(url, name, created_at, self.given)
        self._temporary: Path | None = None
        self._lock = threading.Lock()  # threads must not each make one: a paused trial would not find its files again

    def of(self, number: int) -> Path:
        """The folder of a trial; it exists. Raises `StorageError` where it cannot be made."""
        root = self.root
        if root is None:
            with self._lock:
                root = self._temporary = self._temporary or Path(tempfile.mkdtemp(prefix="hyperopt-"))
        path = root / f"{number:05d}"
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise StorageError(
                f"the folder {path.absolute()} for the files of trial {number} cannot be made: {fault.strerror};"
                " --files or HYPEROPT_CORE_FILES names another place"
            ) from None
        return path


def trials_directory(url: str, name: str, created_at: float, files: Path | None = None) -> Path | None:
    """The folder for the trials of sweep `name`; None for a sweep in memory.

    It is beside a SQLite file, else in `files`, which agents on several machines share; default ``sweeps-files`` here.
    There, sweeps of one name in several databases are told apart by the moment when they were created.

    >>> trials_directory("sqlite:///runs/sweeps.db", "digits", 0.0).as_posix()
    'runs/sweeps-files/digits'
    >>> trials_directory("http://host:8000", "digits", 1.5, Path("/data")).as_posix()
    '/data/digits-dd89b93d'
    """
    scheme, _, rest = url.partition("://")
    if scheme == "memory" and files is None:
        return None
    if scheme == "sqlite" and files is None:
        path = Path(rest.removeprefix("/"))
        return path.with_name(f"{path.stem}-files") / safe_name(name)
    moment = hashlib.sha256(f"{created_at:.3f}".encode()).hexdigest()[:8]
    return (files or Path(_HERE)) / f"{safe_name(name)}-{moment}"


def safe_name(name: str) -> str:
    """`name` as one folder's name: whatever it holds, it stays inside; different names stay different.

    >>> safe_name("digits"), safe_name("../../x")
    ('digits', 'x-9cdf6a50')
    """
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-")[:60]
    if plain == name:
        return name
    return f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:8]}".lstrip("-")
