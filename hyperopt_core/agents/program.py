"""A program that an agent has started, with everything that the program starts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from hyperopt_core.agents import watchdog, wire


class Watchdog:
    """A process that kills the programs of this one should it die. On Windows there is none: the channel has to do."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        if sys.platform != "win32":
            # Its own session: Ctrl-C is not for it. No environment: what kills a trial by its mark leaves it alone.
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", watchdog.__file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                cwd="/",
                env={},
                bufsize=0,
            )

    def tell(self, line: str) -> None:
        """Have a program watched (``+``), or no more (``-``)."""
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):  # somebody has killed it; trials go on without
                self._process.stdin.write(line.encode() + b"\n")  # one short write to a pipe is atomic

    def close(self) -> None:
        """Let it go; nothing is running any more."""
        if self._process is not None:
            self._process.communicate()


class Program:
    """Starts `argv` without a shell, as the head of its own process group. Raises `OSError` where it cannot."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        environment: Mapping[str, str],
        stdout: IO[bytes],
        stderr: IO[bytes],
        guard: Watchdog,
    ) -> None:
        self._process = subprocess.Popen(
            argv,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=sys.platform != "win32",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        self._mark = f"{wire.TOKEN}={environment[wire.TOKEN]}"
        self._guard = guard
        guard.tell(f"+{self._process.pid} {self._mark}")

    def wait(self, seconds: float) -> int | None:
        """The exit code (-n: killed by signal n), or None where it still runs after `seconds`."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def terminate(self) -> None:
        """Ask the whole group to end: SIGTERM, on Windows Ctrl-Break."""
        if sys.platform == "win32":
            self._process.send_signal(signal.CTRL_BREAK_EVENT)
        else:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)

    def close(self) -> int:
        """Kill whatever of it still runs; returns the exit code."""
        if sys.platform == "win32":
            if self._process.poll() is None:
                subprocess.run(["taskkill", "/F", "/T", "/PID", str(self._process.pid)], capture_output=True)
        else:
            watchdog.kill_tree(self._process.pid, self._mark.encode())
        code = self._process.wait()
        self._guard.tell(f"-{self._process.pid} {self._mark}")
        return code
