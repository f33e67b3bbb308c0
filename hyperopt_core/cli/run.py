"""``hyperopt-core run``: from a sweep file to the best configuration."""

from __future__ import annotations

from typing import Annotated

from typer import Option

from hyperopt_core.cli.options import (
    DEFAULT_STORAGE,
    Agents,
    Executor,
    ExecutorKind,
    Files,
    Folder,
    Gpus,
    Json,
    PerTrial,
    Storage,
    Strict,
    SweepFile,
    SweepName,
    Wandb,
)


def run(
    file: SweepFile,
    name: SweepName = None,
    storage: Storage = DEFAULT_STORAGE,
    agents: Agents = None,
    executor: Executor = ExecutorKind.THREAD,
    gpus: Gpus = None,
    per_trial: PerTrial = None,
    folder: Folder = None,
    files: Files = None,
    new: Annotated[bool, Option("--new", help="Start a new sweep beside one of the same name.")] = False,
    wandb: Wandb = False,
    strict: Strict = False,
    json: Json = False,
) -> int:
    """Run the sweep of a file, or go on with it where it stopped.

    The trials run on this machine until the sweep ends. The same command goes on after Ctrl-C or anything else.
    Ctrl-C once lets the trials that run finish, twice ends them (they are tried again later), thrice kills them.
    """
    from hyperopt_core.cli.opening import check_command, program_folder
    from hyperopt_core.cli.printing import note
    from hyperopt_core.cli.starting import create_or_open, read_spec
    from hyperopt_core.cli.text import counted, safe
    from hyperopt_core.cli.working import share, work
    from hyperopt_core.storage import Status
    from hyperopt_core.storage.address import without_password

    spec, remarks = read_spec(file, strict=strict)
    place = program_folder(spec, file, folder)
    check_command(spec, place)
    workers, shared = share(agents, spec.parallelism, gpus, per_trial)
    sweep, is_new = create_or_open(spec, file, storage, name, new=new, files=files)
    with sweep:
        changed = [] if is_new else sweep.update(spec)
        if is_new:
            chosen = safe(sweep.explain(), keep_lines=True)
            note("\n".join([*remarks, f"sweep {sweep.name}: new, in {without_password(storage)}", chosen]))
        elif sweep.status is Status.FINISHED:
            note(f"sweep {sweep.name}: finished before; --new starts another one of the same file")
        else:
            new_limits = f" with another {', '.join(changed)}" if changed else ""
            note(f"sweep {sweep.name}: going on after {counted(len(sweep.trials), 'trial')}{new_limits}")
        return work(
            sweep,
            storage=storage,
            folder=place,
            agents=workers,
            executor=executor,
            gpus=shared,
            wandb=wandb,
            as_json=json,
            go_on=f"--name {sweep.name} instead of --new goes on" if new else "the same command goes on",
        )
