"""Running agents on a sweep and showing it: what `run` and `agent` share."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hyperopt_core.cli.options import ExecutorKind
from hyperopt_core.cli.printing import note, say, say_json
from hyperopt_core.errors import ConfigError, InvalidTrial

if TYPE_CHECKING:
    from hyperopt_core.agents.gpus import Gpus
    from hyperopt_core.sweep import Sweep

UNFINISHED, INTERRUPTED = 3, 130


def share(
    agents: int | None, parallelism: int | None, gpus: str | None, per_trial: float | None
) -> tuple[int, Gpus | None]:
    """How many agents there are, by default `parallelism` and with `gpus` as many as they fit, and the GPUs of each.

    Raises `ConfigError` for a request that never fits.
    """
    from hyperopt_core.agents.gpus import share_out

    if gpus is None:
        if per_trial is not None:
            raise ConfigError(f"--per-trial {per_trial:g} shares out GPUs: say with --gpus which there are")
        return agents or parallelism or 1, None
    shared = share_out(gpus, 1.0 if per_trial is None else per_trial)
    workers = agents or min(parallelism or shared.slots, shared.slots)
    shared.check_workers(workers)
    return workers, shared


def work(
    sweep: Sweep,
    *,
    storage: str,
    folder: Path,
    agents: int,
    executor: ExecutorKind,
    gpus: Gpus | None = None,
    limit: int | None = None,
    wandb: bool = False,
    as_json: bool = False,
    go_on: str = "the same command goes on",
) -> int:
    """Run agents until the sweep ends, or Ctrl-C; returns the exit code.

    agents, gpus: see `share`. wandb: the programs get the stand-in for W&B. go_on: what to do after Ctrl-C.
    """
    from hyperopt_core.agents.command import CommandEvaluator
    from hyperopt_core.agents.executors import run_agents, thread_limits
    from hyperopt_core.agents.interrupt import Interrupt, Level
    from hyperopt_core.agents.signals import handle_signals
    from hyperopt_core.cli.display import Display
    from hyperopt_core.cli.snapshot import Snapshot
    from hyperopt_core.cli.summary import command, summary
    from hyperopt_core.storage import Status
    from hyperopt_core.trial import State

    if sweep.status is Status.PAUSED:
        note(f"sweep {sweep.name} is paused ({sweep.reason}); `{command('resume', sweep.name, storage)}` lets it go on")
    interrupt = Interrupt()
    environment = thread_limits(agents) | (_wandb(sweep, storage) if wandb else {})
    with Display(sweep, as_json=as_json) as display, handle_signals(interrupt, display.tell):
        run_agents(
            sweep,
            partial(CommandEvaluator, directory=folder, environment=environment),
            workers=agents,
            executor="process" if executor is ExecutorKind.PROCESS else "thread",
            interrupt=interrupt,
            reopen=sweep.reopen,
            limit=limit,
            gpus=gpus,
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
    completed = any(trial.state is State.COMPLETED for trial in sweep.trials)  # with a value, where one is required
    if status is Status.FINISHED and sweep.best is None and not completed:
        raise InvalidTrial(f"no trial of sweep {sweep.name!r} has a value: {_last_reason(sweep)}")
    return 0


def _wandb(sweep: Sweep, storage: str) -> dict[str, str]:
    from hyperopt_core.cli.opening import anywhere
    from hyperopt_wandb import environment

    place, spec = anywhere(storage), sweep.spec
    return environment(sweep.name, metric=spec.objective.metric, storage=place, labels=spec.labels)


def _last_reason(sweep: Sweep) -> str:
    """Why the last trial has no value."""
    reasons = [f"trial {trial.number} {trial.state}: {trial.reason}" for trial in sweep.trials if trial.reason]
    return reasons[-1] if reasons else "there are no trials"
