"""Who claims a trial, and whether a process on this host that claimed one is still there.

A lease is normally lost by time. On the same host there is a quicker way: the kernel knows whether the process lives.
"""

from __future__ import annotations

import os
import platform
from functools import cache
from pathlib import Path

from hyperopt_core.storage.protocol import Owner


def this_owner(slot: int = 0) -> Owner:
    """The `Owner` of a slot of this process.

    >>> this_owner(2).id.endswith(f"-{os.getpid()}-2")
    True
    """
    pid = os.getpid()
    return Owner(
        id=f"{platform.node() or 'host'}-{pid}-{slot}",
        host=_host(),
        pid=pid,
        pid_start=f"{_pid_namespace()}:{_start_time(pid) or ''}",
        boot_id=_boot_id(),
    )


def is_gone(owner: Owner) -> bool | None:
    """True where the owner's process has ended for certain, False where it runs, None where nobody here can tell.

    Only a process of the same host and, in containers, of the same process namespace can be told.
    """
    if not owner.pid or owner.host != _host():
        return None
    if owner.boot_id != _boot_id():
        return True if owner.boot_id and _boot_id() else None
    namespace, _, start = owner.pid_start.partition(":")
    if namespace != _pid_namespace() or os.name != "posix":
        return None
    try:
        os.kill(owner.pid, 0)
    except ProcessLookupError:
        return True
    except OSError:  # it is there, and is another user's
        pass
    current = _start_time(owner.pid)
    if current is None or not start:
        return None  # some process has this pid, perhaps another one
    return current != start


@cache
def _host() -> str:
    """The host's name, with its machine id where it has one: hosts of the same name are not taken for one another."""
    machine = _read("/etc/machine-id")
    return f"{platform.node()} {machine[:12]}" if machine else platform.node()


@cache
def _boot_id() -> str:
    return _read("/proc/sys/kernel/random/boot_id")


def _pid_namespace() -> str:
    """The namespace in which this process's pid means something; empty where there are none."""
    try:
        return os.readlink("/proc/self/ns/pid").strip("pid:[]")
    except OSError:
        return ""


def _start_time(pid: int) -> str | None:
    """Clock ticks from boot to the start of process `pid`; "" for one that has died; None where unknown."""
    # The second field is the program's name in parentheses and may hold spaces: count from behind it.
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    if len(fields) < 20:
        return None
    return "" if fields[0] in "ZX" else fields[19]


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
