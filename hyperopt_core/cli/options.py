"""Arguments and options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

from typer import Argument, Option


class ExecutorKind(StrEnum):
    """How the agents of one command run side by side."""

    THREAD = "thread"
    PROCESS = "process"


DEFAULT_STORAGE = "sqlite:///sweeps.db"

SweepFile: TypeAlias = Annotated[Path, Argument(metavar="SWEEP.yaml", help="A sweep file, W&B's form.")]
Name: TypeAlias = Annotated[str, Argument(metavar="NAME", help="The sweep's name; `status` lists them.")]
Storage: TypeAlias = Annotated[
    str,
    Option(
        metavar="URL",
        envvar="HYPEROPT_CORE_STORAGE",
        help="Where sweeps are kept: a SQLite file, postgresql://..., or http://... that `serve` answers.",
    ),
]
Json: TypeAlias = Annotated[bool, Option("--json", help="Print JSON, for programs.")]
Metric: TypeAlias = Annotated[str | None, Option(metavar="METRIC", help="Another metric that the trials reported.")]
Goal: TypeAlias = Annotated[str | None, Option(metavar="GOAL", help="minimize or maximize that metric.")]
Where: TypeAlias = Annotated[
    str | None, Option(metavar="CONDITION", help='Only trials that meet it, e.g. "val_acc > 0.92 and lr < 0.01".')
]
Agents: TypeAlias = Annotated[
    int | None,
    Option(min=1, max=10_000, metavar="N", help="Trials at a time; default: the file's `parallelism`, or 1."),
]
Executor: TypeAlias = Annotated[
    ExecutorKind, Option(metavar="KIND", help="What an agent is on this machine: thread or process.")
]
Limit: TypeAlias = Annotated[int | None, Option(min=1, metavar="N", help="At most N trials in all.")]
Folder: TypeAlias = Annotated[
    Path | None,
    Option(
        metavar="FOLDER",
        help="Where the program is started; default: here if it is here, else the sweep file's folder.",
        file_okay=False,
        exists=True,
    ),
]
Wandb: TypeAlias = Annotated[
    bool, Option("--wandb", help="The program logs to W&B: give it a stand-in that brings everything here instead.")
]
Gpus: TypeAlias = Annotated[
    str | None,
    Option(metavar="N", help="Share out N GPUs, or those with these ids (0,2): CUDA_VISIBLE_DEVICES for each trial."),
]
PerTrial: TypeAlias = Annotated[
    float | None, Option(metavar="N", help="GPUs that a trial gets: 1 (default), 2, ..., or a part of one, like 0.5.")
]
Files: TypeAlias = Annotated[
    Path | None,
    Option(
        metavar="FOLDER",
        envvar="HYPEROPT_CORE_FILES",
        help="Where logs and checkpoints go, shared by all machines; default: beside a SQLite file, or sweeps-files.",
        file_okay=False,
    ),
]
Strict: TypeAlias = Annotated[bool, Option("--strict", help="Take warnings for errors.")]
SweepName: TypeAlias = Annotated[
    str | None,
    Option(metavar="NAME", help="The sweep's name; default: the file's `name`, or one from its path."),
]
