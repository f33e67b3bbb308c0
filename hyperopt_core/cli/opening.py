"""From what was typed to a sweep: names, storages, and the folder of the program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hyperopt_core.errors import ConfigError, StorageError

if TYPE_CHECKING:
    from hyperopt_core.spec import SweepSpec
    from hyperopt_core.storage import Storage
    from hyperopt_core.sweep import Sweep

#: File names that say nothing about a sweep; their folder's name does.
_GENERIC = frozenset({"sweep", "sweeps", "config", "sweep_config", "wandb_sweep"})


def open_sweep(name: str, storage: str) -> Sweep:
    """A sweep that is there. Raises `SweepNotFound`, and `StorageError` rather than make an empty database."""
    from hyperopt_core.sweep import Sweep

    return Sweep.open(name, open_existing(storage))


def open_existing(storage: str) -> Storage:
    """The storage at a URL. Raises `StorageError` where it would be a new, empty one."""
    from hyperopt_core.storage import open_storage

    path = _file(storage)
    if path is not None and not path.exists():
        raise StorageError(
            f"there is no database {path}: `hyperopt-core run SWEEP.yaml` makes it; "
            f"--storage or HYPEROPT_CORE_STORAGE says where yours is"
        )
    return open_storage(storage)


def name_for(file: Path, spec: SweepSpec, name: str | None) -> str:
    """What a sweep is called: as asked for, as its file says, or after the file's path.

    >>> from hyperopt_core.space import SearchSpace, Float
    >>> from hyperopt_core.spec import SweepSpec
    >>> name_for(Path("examples/digits/sweep.yaml"), SweepSpec(SearchSpace({"x": Float(0, 1)})), None)
    'digits'
    """
    if name or spec.name:
        return name or str(spec.name)
    return (file.resolve().parent.name if file.stem in _GENERIC else file.stem) or file.stem


def program_folder(spec: SweepSpec, file: Path | None, folder: Path | None) -> Path:
    """Where the program is started: `folder` if given, else here if it is here, else the sweep file's folder.

    Raises `ConfigError` where it is in neither.
    """
    here, beside = Path.cwd(), file.resolve().parent if file else None
    if folder is not None:
        return folder.resolve()
    program = spec.program
    if program is None or "${program}" not in " ".join(spec.command) or (here / program).exists():
        return here
    if beside is not None and (beside / program).exists():
        return beside
    places = f"{here}" if beside in (None, here) else f"{here} nor in {beside}"
    remedy = "correct `program`" if file else "start the agent in the program's folder"
    raise ConfigError(
        f"the program {program!r} is {'not' if beside in (None, here) else 'neither'} in {places}: "
        f"{remedy}, or say where it is with --folder"
    )


def _file(storage: str) -> Path | None:
    """The file of a SQLite URL or a bare path; None for other storages."""
    scheme, found, rest = storage.partition("://")
    if not found:
        return Path(storage)
    return Path(rest.removeprefix("/")) if scheme.lower() == "sqlite" else None
