"""Artifacts: files that a run logs are copied into its trial's folder, and found again from there."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from ._ignored import Lenient
from ._values import plain
from .errors import CommError
from .util import make_artifact_name_safe


class Artifact(Lenient):
    """Files under a name."""

    is_wandb_media = True

    def __init__(
        self,
        name: str,
        type: str = "unspecified",
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        self.name, self.type, self.description = name, type, description
        self.metadata = dict(metadata or {})
        self.aliases: list[str] = ["latest"]
        self.version, self.id, self.state = "v0", make_artifact_name_safe(name), "PENDING"
        self.folder: Path | None = None  # where its files are once it is logged
        self._files: dict[str, Path] = {}

    @property
    def files_by_name(self) -> dict[str, Path]:
        """What it holds."""
        return dict(self._files)

    def add_file(self, local_path: str | Path, name: str | None = None, **options: Any) -> Artifact:
        """Add a file. Raises `ValueError` where there is none."""
        path = Path(local_path)
        if not path.is_file():
            raise ValueError(f"Path is not a file: {local_path}")
        self._files[name or path.name] = path.absolute()
        return self

    def add_dir(self, local_path: str | Path, name: str | None = None, **options: Any) -> None:
        """Add all files of a folder. Raises `ValueError` where there is none."""
        folder = Path(local_path)
        if not folder.is_dir():
            raise ValueError(f"Path is not a directory: {local_path}")
        for path in folder.rglob("*"):
            if path.is_file():
                self._files[str(Path(name or "") / path.relative_to(folder))] = path.absolute()

    @contextmanager
    def new_file(self, name: str, mode: str = "x", encoding: str | None = None) -> Iterator[IO[Any]]:
        """A file to write."""
        path = Path(tempfile.mkdtemp(prefix="wandb-artifact-")) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open(mode.replace("x", "w"), encoding=encoding) as file:
            yield file
        self._files[name] = path

    def add(self, obj: Any, name: str, **options: Any) -> Any:
        """A table or a picture: not stored."""
        return obj

    def add_reference(self, uri: Any, name: str | None = None, **options: Any) -> list[Any]:
        """The address of what lies elsewhere: not stored."""
        return []

    def wait(self, timeout: float | None = None) -> Artifact:
        """Itself: there is nothing to wait for."""
        return self

    save = wait

    def store(self, folder: Path) -> None:
        """Copy its files to `folder`, and what it says of itself beside it."""
        self.folder = folder
        self.state = "COMMITTED"
        folder.mkdir(parents=True, exist_ok=True)
        for name, path in self._files.items():
            target = (folder / name).resolve()
            if folder.resolve() in target.parents and path != target:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, target)
        about = {"type": self.type, "description": self.description, "metadata": plain(self.metadata)}
        _about(folder).write_text(json.dumps(about), encoding="utf-8")

    def get_path(self, name: str) -> Entry:
        """One of its files. Raises `KeyError` where it has none of that name."""
        if not (Path(self.download()) / name).is_file():
            raise KeyError(f"artifact {self.name!r} has no file {name!r}")
        return Entry(self, name)

    get_entry = get_path

    def download(self, root: str | Path | None = None, **options: Any) -> str:
        """The folder with its files; a copy at `root`. Raises `CommError` where it was never logged."""
        if self.folder is None:
            raise CommError(f"artifact {self.name!r} was not logged: there is nothing to download")
        if root is None:
            return str(self.folder)
        shutil.copytree(self.folder, root, dirs_exist_ok=True)
        return str(root)

    checkout = download

    def file(self, root: str | Path | None = None) -> str:
        """The path of its only file. Raises `ValueError` where it has several."""
        files = [path for path in Path(self.download(root)).rglob("*") if path.is_file()]
        if len(files) != 1:
            raise ValueError(f"artifact {self.name!r} has {len(files)} files: use download()")
        return str(files[0])


class Entry:
    """A file of an artifact."""

    def __init__(self, artifact: Artifact, path: str) -> None:
        self.artifact, self.path = artifact, path

    def download(self, root: str | Path | None = None, **options: Any) -> str:
        """The path of the file; of a copy at `root`."""
        return str(Path(self.artifact.download(root)) / self.path)


def _about(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.json")


def find(name: str, folder: Path) -> Artifact:
    """The artifact that was logged into `folder`. Raises `CommError` where there is none."""
    plain_name = name.rpartition("/")[2].partition(":")[0]
    place = folder / make_artifact_name_safe(plain_name)
    if not place.is_dir():
        raise CommError(f"artifact {name!r} is not here: the stand-in has no server, only what this trial has logged")
    about = json.loads(_about(place).read_text(encoding="utf-8")) if _about(place).is_file() else {}
    artifact = Artifact(plain_name, **about)
    artifact.folder, artifact.state = place, "COMMITTED"
    return artifact
