"""Printing: plain lines, tables, JSON."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hyperopt_core.cli.text import safe

if TYPE_CHECKING:
    from rich.console import Console


def say(text: str = "") -> None:
    """A line on stdout, shown as it is but for what would act on the terminal."""
    print(safe(text, keep_lines=True))


def note(text: str) -> None:
    """A line on stderr: what is not the command's result."""
    print(safe(text, keep_lines=True), file=sys.stderr, flush=True)


def say_json(value: Any) -> None:
    """`value` as one line of JSON; NaN and infinities, which JSON does not have, as null."""
    from hyperopt_core.analysis.table import finite

    print(json.dumps(finite(value)), flush=True)


def say_table(columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str] = ()) -> None:
    """A table; right: columns of numbers. Only the last column is cut, to the width of a terminal, and only there."""
    lines = [[safe(cell) for cell in row] for row in (columns, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in lines:
        cells = [
            cell.rjust(width) if name in right else cell.ljust(width)
            for name, cell, width in zip(columns, line, widths, strict=True)
        ]
        text = "  ".join(cells).rstrip()
        print(text if room is None or len(text) <= room else text[: room - 1] + "…")


def console() -> Console:
    """stdout as rich sees it."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)
