"""Trials as rows: for the command line, and for export as CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from typing import Any

from hyperopt_core.analysis.fields import Fields
from hyperopt_core.space import SearchSpace
from hyperopt_core.trial import Trial

Row = dict[str, Any]


def table(trials: Sequence[Trial], space: SearchSpace) -> list[Row]:
    """One row a trial, all with the same columns in the same order (see `Fields`); None where a trial has no value.

    >>> from hyperopt_core.space import Float
    >>> rows = table([Trial(0, {"lr": 0.1}, metrics={"loss": 2.0})], SearchSpace({"lr": Float(0, 1)}))
    >>> [rows[0][name] for name in ("number", "state", "lr", "loss")]
    [0, 'running', 0.1, 2.0]
    """
    fields = Fields(trials, space)
    return [{name: row.get(name) for name in fields.names} for row in map(fields, trials)]


def to_csv(rows: Sequence[Row]) -> str:
    """The rows as CSV (RFC 4180) with a header; lists and mappings as JSON, None as an empty cell.

    A text that a spreadsheet would run as a formula is quoted with a leading ``'``; numbers stay as they are.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    if rows:
        writer.writerow([_cell(name) for name in rows[0]])
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return out.getvalue()


def to_json(rows: Sequence[Row]) -> str:
    """The rows as a JSON array of objects, one a line; NaN and infinities, which JSON does not have, as null."""
    lines = [json.dumps(finite(row), ensure_ascii=False, allow_nan=False) for row in rows]
    return "[\n" + ",\n".join(lines) + "\n]\n" if lines else "[]\n"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return str(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    dangerous = text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) and not _is_number(text)
    return f"'{text}" if dangerous else text


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text)) and "_" not in text and text == text.strip()
    except ValueError:
        return False


def finite(value: Any) -> Any:
    """`value` with None for every number in it that is not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {k: finite(v) for k, v in value.items()}
    return [finite(v) for v in value] if isinstance(value, list | tuple) else value
