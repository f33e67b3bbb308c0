"""Runs that were exported from W&B: the table of a project as CSV, or its API's answer as JSON.

Columns ``config.NAME`` and ``summary.NAME``, a ``config`` and a ``summary`` column that hold mappings, and the plain
names of the run table are all understood.
"""

from __future__ import annotations

import ast
import csv
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hyperopt_core import ConfigError, State, Trial

_PARTS = {"config": "config", "summary": "summary", "summary_metrics": "summary"}
#: W&B's states, and our own, as those that a trial can be taken over in.
_STATES = {
    "finished": State.COMPLETED,
    "completed": State.COMPLETED,
    "stopped": State.STOPPED,
    "killed": State.STOPPED,
    "failed": State.FAILED,
    "crashed": State.FAILED,
    "cancelled": State.CANCELLED,
}


def read_runs(path: Path, parameters: Iterable[str]) -> list[Trial]:
    """The runs in a file that have ended. parameters: the dotted names of the space; all else that is a number is a
    metric.

    Raises `ConfigError` for a file that holds no table of runs.
    """
    names = set(parameters)
    return [trial for number, row in enumerate(_rows(path)) if (trial := _trial(number, row, names))]


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix.lower() == ".csv":
            csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
            table = csv.DictReader(text.splitlines(keepends=True))
            rows: Any = [{key: _read(cell) for key, cell in row.items() if key and cell} for row in table]
        elif text.lstrip().startswith("["):
            rows = json.loads(text)
        else:
            rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    except (OSError, ValueError, csv.Error) as fault:
        raise ConfigError(f"{path} cannot be read as CSV or JSON: {fault}") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows) or not rows:
        raise ConfigError(f"{path} holds no runs: a table with a row for each is needed, or a JSON list of objects")
    return rows


def _read(cell: str) -> Any:
    """What a cell holds: a JSON or a Python literal, or a text."""
    for read in (json.loads, ast.literal_eval):
        try:
            return read(cell)
        except (ValueError, SyntaxError, RecursionError):
            continue
    return {"true": True, "false": False}.get(cell.lower(), cell)


def _trial(number: int, row: Mapping[str, Any], names: set[str]) -> Trial | None:
    """The run of a row, parameters under dotted names; None where it has not ended."""
    state = _STATES.get(str(row.get("state", row.get("State", "finished"))).lower())
    if state is None:
        return None
    config, metrics = {}, {}
    for key, value in _flat(row):
        part, dot, name = key.partition(".")
        slash, _, below = key.partition("/")
        if dot and part in _PARTS:
            kind = _PARTS[part]
        elif slash in _PARTS and below:
            kind, name = _PARTS[slash], below
        else:
            kind, name = "config" if key in names else "summary", key
        name = name.removesuffix(".value") if kind == "config" and name not in names else name
        if kind == "config" and name in names:
            config[name] = value
        elif kind == "summary" and isinstance(value, int | float):
            metrics[name] = float(value)
    return Trial(number, config, state, metrics=metrics, reason=str(row.get("reason", "")) or _reason(state))


def _reason(state: State) -> str:
    return "" if state is State.COMPLETED else f"{state} in W&B"


def _flat(row: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    """Values under dotted names; in parts that stand alone as a mapping or its JSON."""
    for key, given in row.items():
        value = _read(given) if key in _PARTS and isinstance(given, str) else given
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value
