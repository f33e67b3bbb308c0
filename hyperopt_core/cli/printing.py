"""Printing: plain lines, tables, JSON."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
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
    print(json.dumps(_finite(value)), flush=True)


def say_table(columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str] = ()) -> None:
    """A table as wide as its content; only what does not fit the terminal is cut. `right`: columns of numbers."""
    from rich.table import Table
    from rich.text import Text

    out = console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(
            Text(safe(column)), justify="right" if column in right else "left", no_wrap=True, overflow="ellipsis"
        )
    for row in rows:
        table.add_row(*(Text(safe(cell)) for cell in row))
    # A pipe or a file has no width: nothing is cut there.
    out.print(table, width=None if out.is_terminal else max(out.measure(table).maximum, 80))


def console() -> Console:
    """stdout as rich sees it."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value
