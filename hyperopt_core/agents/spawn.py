"""Calls in processes of their own: one that dies takes its own call with it and nothing else.

The standard library's process pool ends all its workers when one of them dies; here those would be other trials.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from hyperopt_core.agents.interrupt import Interrupt, Level
from hyperopt_core.errors import HyperoptError

_GRACE = 10.0  # seconds that a trial has to end once the process that started it has died
_starting = threading.Lock()  # the environment of the whole process changes for a moment


class WorkerDied(HyperoptError, RuntimeError):
    """A worker process ended without a result: killed, out of memory, crashed, or unable to start."""

    def __init__(self, exit_code: int, began: bool) -> None:
        self.exit_code, self.began = exit_code, began
        how = f"was killed by {signal.Signals(-exit_code).name}" if exit_code < 0 else f"ended with code {exit_code}"
        hint = (
            ""
            if began
            else " before it began, see stderr: a script that runs a sweep in processes does so under"
            " `if __name__ == '__main__':`, and its objective stands in a module that can be imported"
        )
        super().__init__(f"a worker process {how}{hint}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.exit_code, self.began)


class Processes:
    """Calls functions, each in a new process.

    environment: variables that are set there from the very start. The processes leave Ctrl-C to this one, follow
    `interrupt`, and end when this one has died.
    """

    def __init__(self, interrupt: Interrupt, environment: Mapping[str, str]) -> None:
        self._interrupt, self._environment = interrupt, environment
        self._running: set[SpawnProcess] = set()
        interrupt.share()

    def submit(self, function: Callable[..., Any], /, *args: Any, environment: Mapping[str, str] = {}) -> Future[Any]:
        """Start a process that calls `function(interrupt, *args)`; the future raises `WorkerDied` where it dies.

        environment: variables of this one alone, whatever they are here.
        """
        spawn = multiprocessing.get_context("spawn")
        reader, writer = spawn.Pipe(duplex=False)
        process = spawn.Process(target=_call, args=(writer, self._interrupt, function, args))
        with writer, _starting, _set(self._environment, environment):
            process.start()
        self._running.add(process)
        future: Future[Any] = Future()
        threading.Thread(target=self._collect, args=(future, process, reader), daemon=True).start()
        return future

    def kill(self) -> None:
        """Kill those that run."""
        for process in list(self._running):
            process.kill()

    def _collect(self, future: Future[Any], process: SpawnProcess, reader: Connection) -> None:
        began, result, error = False, None, None
        with reader:
            try:
                began = reader.recv()
                result, error = reader.recv()
            except (EOFError, OSError):
                process.join()
                error = WorkerDied(process.exitcode or 0, began)
        process.join()
        self._running.discard(process)
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)


@contextmanager
def _set(defaults: Mapping[str, str], own: Mapping[str, str]) -> Iterator[None]:
    # A spawned process imports the user's program, and with it numpy, before anything of ours runs there.
    new = {name: value for name, value in defaults.items() if name not in os.environ} | dict(own)
    before = {name: os.environ[name] for name in new if name in os.environ}
    os.environ.update(new)
    try:
        yield
    finally:
        for name in new.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)


def _call(writer: Connection, interrupt: Interrupt, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
    # The terminal sends Ctrl-C to every process; the parent decides. A handler, unlike SIG_IGN, is not inherited.
    signal.signal(signal.SIGINT, lambda number, frame: None)
    threading.Thread(target=_follow_parent, args=(interrupt,), daemon=True).start()
    result, error = None, None
    with suppress(BrokenPipeError):
        writer.send(True)
        try:
            result = function(interrupt, *args)
        except BaseException as raised:
            error = raised if _travels(raised) else RuntimeError(f"{type(raised).__name__}: {raised}")
        writer.send((result, error))


def _follow_parent(interrupt: Interrupt) -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        interrupt.escalate(Level.END)
        time.sleep(_GRACE)
        os._exit(1)


def _travels(error: BaseException) -> bool:
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return False
    return True
