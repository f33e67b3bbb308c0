"""From what was typed to a sweep: names, storages, and the folder of the program."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, cast

from hyperopt_core.config import command_line
from hyperopt_core.errors import ConfigError, Fault, StorageError

if TYPE_CHECKING:
    from hyperopt_core.spec import SweepSpec
    from hyperopt_core.storage import Storage
    from hyperopt_core.storage.sql.storage import SqlStorage
    from hyperopt_core.sweep import Sweep

#: File names that say nothing about a sweep; their folder's name does.
_GENERIC = frozenset({"sweep", "sweeps", "config", "sweep_config", "wandb_sweep"})


def open_sweep(name: str, storage: str, files: Path | None = None) -> Sweep:
    """A sweep that is there. Raises `SweepNotFound`, and `StorageError` rather than make an empty database."""
    from hyperopt_core.sweep import Sweep

    return Sweep.open(name, open_existing(storage), files=files)


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


def open_database(storage: str) -> SqlStorage:
    """The database at a URL, made where there is none. Raises `ConfigError` for a storage that is no database."""
    from hyperopt_core.storage import open_storage

    opened = open_storage(storage)
    if not hasattr(opened, "database"):
        raise ConfigError(
            f"--storage {opened.url}: a database is needed, sqlite:///FILE or postgresql://USER@HOST/NAME"
        )
    return cast("SqlStorage", opened)


def name_for(file: Path, spec: SweepSpec, name: str | None) -> str:
    """What a sweep is called: as asked for, as its file says, or after its path. Raises `ConfigError`.

    >>> from hyperopt_core.space import SearchSpace, Float
    >>> from hyperopt_core.spec import SweepSpec
    >>> name_for(Path("examples/digits/sweep.yaml"), SweepSpec(SearchSpace({"x": Float(0, 1)})), None)
    'digits'
    """
    from hyperopt_core.storage.plain import sweep_name

    wanted = spec.name if name is None else name
    if wanted is None:
        wanted = (file.resolve().parent.name if file.stem in _GENERIC else file.stem) or file.stem
    return sweep_name(wanted)


def check_output(path: Path | None) -> None:
    """Raise `ConfigError` where a file has no folder to be in."""
    if path is not None and not path.parent.is_dir():
        raise ConfigError(f"--output {str(path)!r}: there is no folder {str(path.parent)!r}")


def check_command(spec: SweepSpec, folder: Path | None = None) -> None:
    """Raise `ConfigError` where no trial's program can be started, rather than have one trial after the other fail.

    folder: where it is started, if that is known.
    """
    import numpy as np

    sample = spec.space.sample(np.random.default_rng(0))[0]
    with TemporaryDirectory() as scratch:
        words = command_line(spec, sample, directory=Path(scratch))
    if folder is None or not words:
        return
    own = bool(os.path.dirname(words[0]))  # a path, not a name to be looked up in PATH
    path = folder / words[0] if own else Path(shutil.which(words[0]) or "")
    if not path.is_file():
        raise ConfigError([Fault(("command",), f"there is no program {words[0]!r} in {folder if own else 'PATH'}")])
    if not os.access(path, os.X_OK):
        raise ConfigError([Fault(("command",), f"the program {words[0]!r} is not executable: chmod +x {path}")])


def program_folder(spec: SweepSpec, file: Path | None, folder: Path | None) -> Path:
    """Where the program is started: `folder` if given, else here if it is here, else the sweep file's folder.

    Raises `ConfigError` where it is in neither.
    """
    here, beside = Path.cwd() if folder is None else folder.resolve(), file.resolve().parent if file else None
    program = spec.program
    if program is None or "${program}" not in " ".join(spec.command) or (here / program).exists():
        return here
    if folder is not None:
        raise ConfigError(f"the program {program!r} is not in --folder {here}")
    if beside is not None and (beside / program).exists():
        return beside
    places = f"{here}" if beside in (None, here) else f"{here} nor in {beside}"
    remedy = "correct `program`" if file else "start the agent in the program's folder"
    raise ConfigError(
        f"the program {program!r} is {'not' if beside in (None, here) else 'neither'} in {places}: "
        f"{remedy}, or say where it is with --folder"
    )


def anywhere(storage: str) -> str:
    """The same storage for a program that is started, or goes, elsewhere: a file by its full path."""
    path = _file(storage)
    return storage if path is None else f"sqlite:///{path.absolute()}"


def _file(storage: str) -> Path | None:
    """The file of a SQLite URL or a bare path; None for other storages."""
    scheme, found, rest = storage.partition("://")
    if not found:
        return Path(storage)
    return Path(rest.removeprefix("/")) if scheme.lower() == "sqlite" else None
