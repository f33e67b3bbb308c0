"""What SQLite needs of the file system: a lock that waits in turn, and disks that several processes can share."""

from __future__ import annotations

import os
import random
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

from hyperopt_core.errors import StorageError

#: file systems on which SQLite's write-ahead log, which needs memory shared by all its users, is not safe.
NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs3", "nfs4", "cifs", "smb2", "smb3", "smbfs", "9p", "fuse", "afs", "ceph", "glusterfs", "lustre", "gpfs"}
    | {"beegfs", "pvfs2", "ncpfs"}
)
_ESCAPE = re.compile(r"\\([0-7]{3})")


def network_file_system(path: str, mounts: str = "/proc/mounts") -> str | None:
    """The type of the network file system that `path` lies on; None for a local one, and where nobody knows."""
    try:
        lines = Path(mounts).read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    path = os.path.realpath(path)
    kind, depth = "", -1
    for line in lines:
        _, folder, found, *_ = line.split(" ")
        folder = _ESCAPE.sub(lambda match: chr(int(match[1], 8)), folder)
        inside = path == folder or path.startswith(folder.rstrip("/") + "/")
        if inside and len(folder) >= depth:  # a later mount hides an earlier one
            kind, depth = found, len(folder)
    return kind if kind.partition(".")[0] in NETWORK_FILE_SYSTEMS else None


class FileLock:
    """An advisory lock between processes, and between the storages of one process.

    SQLite lets writers race for its lock, and with many of them some starve. This one is asked for again so soon that
    every writer has its turn. A lock whose holder has stopped is waited for no longer than `timeout` seconds.
    """

    def __init__(self, path: str, timeout: float) -> None:
        self._path = path
        self._timeout = timeout
        self._file: int | None = None

    def acquire(self) -> None:
        """Raises `StorageError` after `timeout` seconds."""
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
        deadline = time.monotonic() + self._timeout
        while not _try_lock(self._file):
            if time.monotonic() > deadline:
                raise StorageError(
                    f"{self._path}: another process has held this lock for more than {self._timeout:g} s; "
                    f"is one stopped, or the disk very slow?"
                )
            time.sleep(random.uniform(0.0003, 0.002))

    def release(self) -> None:
        """Let the next one in."""
        assert self._file is not None
        _unlock(self._file)

    def close(self) -> None:
        """Close the file; `acquire` opens it again."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


_try_lock: Callable[[int], bool]
_unlock: Callable[[int], None]

if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: int) -> bool:
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
