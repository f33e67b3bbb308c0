"""Ends what a trial's program has started: after every trial, and when the agent itself dies, even by kill -9.

For the latter an agent starts this file as a process of its own and writes to it what it has running. Nothing but the
standard library is imported, so that it starts in a few milliseconds and stays small.
"""

from __future__ import annotations

import os
import select
import signal
import time
from contextlib import suppress


def kill_tree(group: int, mark: bytes) -> None:
    """Kill process group `group`, and on Linux every process with `mark` in its environment.

    Launchers put their workers into sessions of their own (torchrun does); the environment is what they all inherit.
    Processes that are forked meanwhile are found in the next round.
    """
    for _ in range(20):
        marked = _carriers(mark)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
        for pid in marked:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if not marked:
            return
        time.sleep(0.005)


def _carriers(mark: bytes) -> list[int]:
    found = []
    names = os.listdir("/proc") if os.path.isdir("/proc") else []
    for pid in (int(name) for name in names if name.isdigit()):
        # One that has ended, or is another user's, cannot be read.
        with suppress(OSError), open(f"/proc/{pid}/environ", "rb") as file:
            if mark in file.read():
                found.append(pid)
    return found


def main() -> None:
    """Keep the list that the agent writes to stdin, ``+GROUP MARK``, ``-GROUP MARK``; at its end kill what is on it."""
    agent, rest = os.getppid(), b""
    running: set[bytes] = set()
    # A fork of the agent may hold the pipe open after it: look for the agent as well.
    while os.getppid() == agent:
        if not select.select([0], [], [], 1.0)[0]:
            continue
        data = os.read(0, 65536)
        if not data:
            break
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            (running.add if line.startswith(b"+") else running.discard)(line[1:])
    for entry in running:
        group, mark = entry.split(b" ", 1)
        kill_tree(int(group), mark)


if __name__ == "__main__":
    main()
