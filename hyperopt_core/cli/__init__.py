"""The command line: one file a command, which parses, calls and prints.

Exit codes: 0 done; 1 an error, in one message on stderr; 2 the command line itself is wrong; 3 the sweep was stopped or
cancelled before its end; 130 ended by Ctrl-C. A reader that closes the pipe early (``| head``) is no error.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from hyperopt_core.errors import HyperoptError, MissingExtra

__all__ = ["main"]

ERROR, INTERRUPTED = 1, 130
_DEBUG = "HYPEROPT_CORE_DEBUG"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (default: that of the process) and return its exit code; never shows a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a character that the terminal lacks is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Nobody reads on. Python would complain again when it flushes stdout at its end: give it nowhere to write.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
    except HyperoptError as error:
        return _fail(str(error))
    except Exception as error:  # a fault of this program: say it in one line, and how to see more
        if os.environ.get(_DEBUG):
            raise
        return _fail(f"{type(error).__name__}: {error}".splitlines()[0] + f" ({_DEBUG}=1 shows where)")


def _run(arguments: Sequence[str] | None) -> int:
    try:
        from hyperopt_core.cli.app import run
    except ModuleNotFoundError as missing:
        if missing.name not in ("typer", "rich"):
            raise
        raise MissingExtra(str(missing.name), "sweeps", "the command line") from None
    return run(arguments)


def _fail(message: str) -> int:
    from hyperopt_core.cli.text import safe

    print(f"error: {safe(message, keep_lines=True)}", file=sys.stderr)
    return ERROR
