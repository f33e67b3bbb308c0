"""Ctrl-C and SIGTERM raise an agent's interrupt by one level each."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from hyperopt_core.agents.interrupt import Interrupt, Level

_WORDS = {
    Level.FINISH: "finishing the trials that run; once more to end them now",
    Level.END: "ending the trials that run, they will be tried again; once more to kill them",
    Level.KILL: "killing the trials that run",
}


def _to_stderr(line: str) -> None:
    # Not print: the handler may have interrupted a write to the same buffer, which does not take a second one.
    with suppress(OSError):
        os.write(2, f"\n{line}\n".encode())


@contextmanager
def handle_signals(interrupt: Interrupt, say: Callable[[str], None] = _to_stderr) -> Iterator[None]:
    """Let SIGINT and SIGTERM escalate `interrupt` inside the block, and `say` one line each time.

    Python gives signals to the main thread only: in another one this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def escalate(number: int, frame: FrameType | None) -> None:
        say(_WORDS[interrupt.escalate()])

    before = {number: signal.signal(number, escalate) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
