"""``hyperopt-core agent``: join a sweep that is there."""

from __future__ import annotations

from hyperopt_core.cli.options import (
    DEFAULT_STORAGE,
    Agents,
    Executor,
    ExecutorKind,
    Files,
    Folder,
    Gpus,
    Json,
    Limit,
    Name,
    PerTrial,
    Storage,
    Wandb,
)


def agent(
    name: Name,
    storage: Storage = DEFAULT_STORAGE,
    agents: Agents = None,
    limit: Limit = None,
    executor: Executor = ExecutorKind.THREAD,
    gpus: Gpus = None,
    per_trial: PerTrial = None,
    folder: Folder = None,
    files: Files = None,
    wandb: Wandb = False,
    json: Json = False,
) -> int:
    """Join a sweep and run its trials until it ends.

    Any number of agents may work on one sweep at once.
    """
    from hyperopt_core.cli.opening import check_command, open_sweep, program_folder
    from hyperopt_core.cli.working import share, work

    with open_sweep(name, storage, files) as sweep:
        place = program_folder(sweep.spec, None, folder)
        check_command(sweep.spec, place)
        workers, shared = share(agents, sweep.spec.parallelism, gpus, per_trial)
        return work(
            sweep,
            storage=storage,
            folder=place,
            agents=workers,
            executor=executor,
            gpus=shared,
            limit=limit,
            wandb=wandb,
            as_json=json,
        )
