"""Running agents on a sweep and showing it: what `run` and `agent` share."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hyperopt_core.cli.options import ExecutorKind
from hyperopt_core.cli.printing import note, say, say_json
from hyperopt_core.errors import InvalidTrial

if TYPE_CHECKING:
    from hyperopt_core.sweep import Sweep

UNFINISHED, INTERRUPTED = 3, 130


def work(
    sweep: Sweep,
    *,
    storage: str,
    folder: Path,
    agents: int | None,
    parallelism: int | None,
    executor: ExecutorKind,
    gpus: str | None = None,
    per_trial: float = 1.0,
    limit: int | None = None,
    wandb: bool = False,
    as_json: bool = False,
    go_on: str = "the same command goes on",
) -> int:
    """Run agents until the sweep ends, or Ctrl-C; returns the exit code.

    agents: default `parallelism`, and with `gpus` as many as they fit. wandb: the programs get the stand-in for W&B.
    go_on: what to do after Ctrl-C.
    """
    from hyperopt_core.agents.command import CommandEvaluator
    from hyperopt_core.agents.executors import run_agents, thread_limits
    from hyperopt_core.agents.gpus import share_out
    from hyperopt_core.agents.interrupt import Interrupt, Level
    from hyperopt_core.agents.signals import handle_signals
    from hyperopt_core.cli.display import Display
    from hyperopt_core.cli.snapshot import Snapshot
    from hyperopt_core.cli.summary import command, summary
    from hyperopt_core.storage import Status

    if sweep.status is Status.PAUSED:
        note(f"sweep {sweep.name} is paused ({sweep.reason}); `{command('resume', sweep.name, storage)}` lets it go on")
    shared = None if gpus is None else share_out(gpus, per_trial)
    slots = 1 if shared is None else shared.slots
    workers = agents or (parallelism or slots if shared is None else min(parallelism or slots, slots))
    if shared is not None:
        shared.check_workers(workers)
    interrupt = Interrupt()
    environment = thread_limits(workers) | (_wandb(sweep) if wandb else {})
    with Display(sweep, as_json=as_json) as display, handle_signals(interrupt, display.tell):
        run_agents(
            sweep,
            partial(CommandEvaluator, directory=folder, environment=environment),
            workers=workers,
            executor="process" if executor is ExecutorKind.PROCESS else "thread",
            interrupt=interrupt,
            reopen=sweep.reopen,
            limit=limit,
            gpus=shared,
        )
    status = sweep.status
    if as_json:
        say_json({"event": "summary", **Snapshot.of(sweep).to_json()})
    else:
        say(summary(sweep, storage, folder))
    if status in (Status.STOPPED, Status.CANCELLED):
        note(f"error: the sweep is {status}: {sweep.reason}")
        note(f"to go on all the same: {command('resume', sweep.name, storage)}, and an agent")
        return UNFINISHED
    if interrupt.level is not Level.NONE:
        note(f"interrupted; {go_on}")
        return INTERRUPTED
    if status is Status.FINISHED and sweep.best is None:
        raise InvalidTrial(f"no trial of sweep {sweep.name!r} has a value: {_last_reason(sweep)}")
    return 0


def _wandb(sweep: Sweep) -> dict[str, str]:
    from hyperopt_wandb import environment

    return environment(sweep.name, metric=sweep.spec.objective.metric, labels=sweep.spec.labels)


def _last_reason(sweep: Sweep) -> str:
    """Why the last trial has no value."""
    reasons = [f"trial {trial.number} {trial.state}: {trial.reason}" for trial in sweep.trials if trial.reason]
    return reasons[-1] if reasons else "there are no trials"
