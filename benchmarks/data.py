"""The stored rows, and what optimizers are called where people read of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]

LABELS = {
    "gp": "gp (ours)",
    "gp_8_workers": "gp (ours), 8 workers",
    "cokriging": "cokriging (ours)",
    "tpe": "tpe (ours)",
    "optuna_gp": "Optuna GP",
    "smac": "SMAC3",
    "optuna_tpe": "Optuna TPE",
    "hyperopt_tpe": "Hyperopt TPE",
    "random": "random",
}


def read(path: Path) -> list[Row]:
    """The rows of a file; none where there is no file."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def write(path: Path, rows: Sequence[Row]) -> None:
    """Store rows, one a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n", encoding="utf-8")
