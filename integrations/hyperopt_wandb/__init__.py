"""W&B training programs unchanged and offline: the stand-in module `wandb`, for programs that are started with it.

The folder `STANDIN` holds a package named ``wandb``. Only the processes of a trial have it on their path; here, where
the sweep is run, ``import wandb`` means what it meant before.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import hyperopt_core

__all__ = ["STANDIN", "environment"]

#: The folder that comes first on the path of a W&B program.
STANDIN = Path(__file__).resolve().parent / "standin"


def environment(
    sweep: str = "", *, metric: str = "", storage: str = "", labels: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Environment variables with which a program finds the stand-in.

    sweep, metric: of the trial that it trains. storage: where its own sweeps go, for a program that creates them.
    labels: W&B's project and entity. What the user has set of W&B's own variables stays.

    >>> environment("digits", metric="loss")["HYPEROPT_WANDB_METRIC"]
    'loss'
    """
    path = os.environ.get("PYTHONPATH")
    ours = {
        "PYTHONPATH": os.pathsep.join([str(STANDIN), *([path] if path else [])]),
        # For programs of another Python, in whose environment the package is not installed.
        "HYPEROPT_WANDB_HOME": str(Path(hyperopt_core.__file__).resolve().parents[1]),
        "HYPEROPT_WANDB_METRIC": metric,
        "HYPEROPT_CORE_STORAGE": storage,
    }
    theirs = {
        "WANDB_MODE": "offline",
        "WANDB_API_KEY": "offline",  # some programs leave without one
        "WANDB_SWEEP_ID": sweep,
        "WANDB_PROJECT": (labels or {}).get("project", ""),
        "WANDB_ENTITY": (labels or {}).get("entity", ""),
    }
    known = {name: value for name, value in ours.items() if value}
    return known | {name: value for name, value in theirs.items() if value and name not in os.environ}
