"""``hyperopt-core create``: a sweep that agents can join."""

from __future__ import annotations

from hyperopt_core.cli.options import DEFAULT_STORAGE, Json, Storage, Strict, SweepFile, SweepName


def create(
    file: SweepFile,
    name: SweepName = None,
    storage: Storage = DEFAULT_STORAGE,
    strict: Strict = False,
    json: Json = False,
) -> None:
    """Create the sweep of a file without running it.

    `agent NAME` joins it, from any number of terminals.
    """
    from hyperopt_core.cli.opening import check_command
    from hyperopt_core.cli.printing import note, say, say_json
    from hyperopt_core.cli.starting import create_sweep, read_spec
    from hyperopt_core.cli.summary import command
    from hyperopt_core.storage.address import without_password

    spec, remarks = read_spec(file, strict=strict)
    check_command(spec)
    with create_sweep(spec, file, storage, name) as sweep:
        for remark in remarks:
            note(remark)
        place = without_password(storage)
        if json:
            say_json({"name": sweep.name, "storage": place, "seed": sweep.spec.seed})
        else:
            say(f"created sweep {sweep.name} in {place}\njoin it: {command('agent', sweep.name, storage)}")
