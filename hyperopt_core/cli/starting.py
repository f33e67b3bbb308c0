"""From a sweep file to a sweep in a storage: a new one, or the one that is there already."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hyperopt_core.cli.opening import name_for
from hyperopt_core.errors import ConfigError, Fault, SweepExists
from hyperopt_core.storage.address import without_password

if TYPE_CHECKING:
    from hyperopt_core.spec import SweepSpec
    from hyperopt_core.sweep import Sweep

_SHOWN = 6


def read_spec(file: Path, *, strict: bool) -> tuple[SweepSpec, list[str]]:
    """What a sweep file asks for, and what there is to say about it. Raises `ConfigError` with every fault."""
    from hyperopt_core.config import advise, load

    warnings: list[Fault] = []
    spec = load(file, strict=strict, faults=warnings)
    return spec, [f"warning: {fault}" for fault in warnings] + [f"advice: {fault}" for fault in advise(spec)]


def create_sweep(
    spec: SweepSpec, file: Path, storage: str, name: str | None, *, new: bool = False, files: Path | None = None
) -> Sweep:
    """A new sweep; with `new` under a name that is free. Raises `SweepExists`."""
    from hyperopt_core.storage import open_storage
    from hyperopt_core.sweep import Sweep

    wanted, store, count = name_for(file, spec, name), open_storage(storage), 1
    while True:
        try:
            return Sweep.create(spec, store, wanted if count == 1 else f"{wanted}-{count}", files=files)
        except SweepExists:
            if not new:
                store.close()
                raise
            count += 1


def create_or_open(
    spec: SweepSpec, file: Path, storage: str, name: str | None, *, new: bool = False, files: Path | None = None
) -> tuple[Sweep, bool]:
    """The sweep of a file, and whether it is new.

    Raises `ConfigError` where a sweep of that name has another configuration, limits aside (see `Sweep.update`).
    """
    from hyperopt_core.sweep import Sweep
    from hyperopt_core.sweep.changes import differences, is_limit

    try:
        return create_sweep(spec, file, storage, name, new=new, files=files), True
    except SweepExists:
        sweep = Sweep.open(name_for(file, spec, name), storage, files=files)
    changed = [key for key in differences(spec, sweep.spec) if not is_limit(key, sweep.spec)]
    if changed:
        sweep.close()
        keys = ", ".join(changed[:_SHOWN]) + (f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else "")
        raise ConfigError(
            f"a sweep {sweep.name!r} with another configuration is in {without_password(storage)} (different: {keys}): "
            f"--new starts a new one beside it, --name gives it a name of your choice"
        )
    return sweep, False
