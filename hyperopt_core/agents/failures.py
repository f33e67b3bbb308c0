"""How a failure is called in a trial's reason."""

from __future__ import annotations

import re
import signal

_NO_MEMORY = re.compile(
    r"out of memory|OutOfMemory|\bMemoryError\b|cannot allocate memory|std::bad_alloc|RESOURCE_EXHAUSTED|ALLOC_FAILED",
    re.IGNORECASE,
)


def named(error: str) -> str:
    """`error` with its kind before it, where its first line shows that memory was short.

    >>> named("RuntimeError: CUDA out of memory. Tried to allocate 20 GiB")
    'out of memory: RuntimeError: CUDA out of memory. Tried to allocate 20 GiB'
    """
    first = error.partition("\n")[0]
    return f"out of memory: {error}" if _NO_MEMORY.search(first) else error


def ending(code: int, stderr: str) -> str:
    """How a program ended: its exit code or signal, and the last line that it wrote to stderr.

    >>> ending(1, "Traceback ...\\nValueError: lr")
    'exit code 1: ValueError: lr'
    >>> ending(-11, "")
    'killed by SIGSEGV'
    """
    last = stderr.rstrip().rpartition("\n")[2].strip()
    how = f"exit code {code}" if code >= 0 else f"killed by {_signal(-code)}"
    if how == "killed by SIGKILL" and not _NO_MEMORY.search(last):
        how += ", perhaps for want of memory"
    return named(how + (f": {last}" if last else ""))


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
