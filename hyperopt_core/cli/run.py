"""``hyperopt-core run``: from a sweep file to the best configuration."""

from __future__ import annotations

from typing import Annotated

from typer import Option

from hyperopt_core.cli.options import (
    DEFAULT_STORAGE,
    Agents,
    Executor,
    ExecutorKind,
    Folder,
    Json,
    Storage,
    Strict,
    SweepFile,
    SweepName,
)


def run(
    file: SweepFile,
    name: SweepName = None,
    storage: Storage = DEFAULT_STORAGE,
    agents: Agents = None,
    executor: Executor = ExecutorKind.THREAD,
    folder: Folder = None,
    new: Annotated[bool, Option("--new", help="Start a new sweep beside one of the same name.")] = False,
    strict: Strict = False,
    json: Json = False,
) -> int:
    """Create the sweep of a file, or go on with it, and run its trials on this machine until it ends.

    The same command again goes on with the sweep where it stopped, after Ctrl-C or anything else. Ctrl-C once lets
    the trials that run finish, twice ends them (they are tried again later), thrice kills them.
    """
    from hyperopt_core.cli.opening import program_folder
    from hyperopt_core.cli.printing import note
    from hyperopt_core.cli.starting import create_or_open, read_spec
    from hyperopt_core.cli.working import work

    spec = read_spec(file, strict=strict)
    place = program_folder(spec, file, folder)
    sweep, is_new = create_or_open(spec, file, storage, name, new=new)
    with sweep:
        if is_new:
            note(f"sweep {sweep.name}: new, in {storage}")
        else:
            note(f"sweep {sweep.name}: going on after {len(sweep.trials)} trials ({sweep.status})")
        slots = agents or spec.parallelism
        return work(sweep, storage=storage, folder=place, agents=slots, executor=executor, as_json=json)
