"""The run: what `wandb.init` returns."""

from __future__ import annotations

import glob
import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

from ._artifact import Artifact, find
from ._config import Config, ConfigView
from ._ignored import Lenient, warn, warn_once
from ._record import Defined
from ._summary import Summary
from ._trial import Trial, slug
from .errors import Error, UsageError
from .util import make_artifact_name_safe


class Run(Lenient):
    """One `init` to `finish` of a trial. What it logs goes to the trial, which lasts longer."""

    def __init__(self, trial: Trial, config: Config, options: Mapping[str, Any], leave: Callable[[Run], None]) -> None:
        self._trial, self._leave, self._finished = trial, leave, False
        self.config, self.summary = config, Summary(trial.record)
        self.id = trial.id if not trial.alone else str(options.get("id") or trial.id)
        self.name = str(options.get("name") or self.id)
        self.project = str(options.get("project") or os.environ.get("WANDB_PROJECT") or "uncategorized")
        self.entity = str(options.get("entity") or os.environ.get("WANDB_ENTITY") or "offline")
        self.group, self.job_type = str(options.get("group") or ""), str(options.get("job_type") or "")
        self.notes, self.tags = options.get("notes"), _tags(options.get("tags"))
        self.sweep_id = slug(trial.sweep) if not trial.alone else None
        self.dir = str(trial.folder())
        self.settings = Settings(mode="offline", run_id=self.id, sweep_id=self.sweep_id, files_dir=self.dir)
        self.resumed, self.offline, self.disabled, self.start_time = False, True, False, 0.0
        self._attach_id = self.id

    # --- names -------------------------------------------------------------------------------------------------------

    @property
    def step(self) -> int:
        """The step of the next row."""
        return self._trial.record.step

    @property
    def path(self) -> str:
        """Entity, project and id."""
        return f"{self.entity}/{self.project}/{self.id}"

    @property
    def url(self) -> str:
        """Where its files are: there is no page."""
        return Path(self.dir).as_uri()

    project_url = sweep_url = url

    @property
    def config_static(self) -> ConfigView:
        """The configuration, read only."""
        return ConfigView(self.config)

    def get_url(self) -> str:
        """`url`, by its old name."""
        return self.url

    get_project_url = get_sweep_url = get_url

    def project_name(self) -> str:
        """`project`, by its old name."""
        return self.project

    # --- what is recorded --------------------------------------------------------------------------------------------

    def log(
        self,
        data: Mapping[str, Any],
        step: int | None = None,
        commit: bool | None = None,
        sync: bool | None = None,
        **ignored: Any,
    ) -> None:
        """Log a row. Raises `TypeError` for what is none, `UsageError` after `finish`.

        Ends the program (`SystemExit`) where the sweep wants its trial to end.
        """
        if self._finished:
            raise UsageError(f"Run ({self.id}) is finished. The call to `log` will be ignored.")
        if not isinstance(data, Mapping):
            raise TypeError(f"wandb.log takes a dictionary, not {type(data).__name__}")
        self._trial.record.log(data, None if step is None else int(step), commit)

    def define_metric(
        self,
        name: str,
        step_metric: Any = None,
        step_sync: bool | None = None,
        hidden: bool | None = None,
        summary: str | None = None,
        goal: str | None = None,
        overwrite: bool | None = None,
        **ignored: Any,
    ) -> Any:
        """Say by which other metric `name` (also with ``*``) is measured, and what its summary is."""
        step_name = getattr(step_metric, "name", step_metric)
        kinds = tuple(kind.strip() for kind in (summary or "").split(",") if kind.strip())
        if "best" in kinds:
            kinds = tuple("max" if kind == "best" and goal and goal.startswith("max") else kind for kind in kinds)
            kinds = tuple("min" if kind == "best" else kind for kind in kinds)
        defined = Defined(str(name), step_name, kinds)
        self._trial.record.define(defined)
        return defined

    def finish(self, exit_code: int | None = None, quiet: bool | None = None) -> None:
        """Close the run. The trial goes on: the end of the function or the program ends it."""
        if self._finished:
            return
        self._finished = True
        self._trial.failed = bool(exit_code)
        self._trial.record.flush()
        self._write_files()
        self._leave(self)

    join = finish

    def _write_files(self) -> None:
        for name, values in (("config", self.config.as_dict()), ("summary", dict(self.summary.items()))):
            try:
                (Path(self.dir) / f"{name}.json").write_text(
                    json.dumps(values, indent=2, default=str), encoding="utf-8"
                )
            except OSError as fault:
                warn_once(f"{name}.json cannot be written: {fault}")
        used = {key: self.config.get(key) for key in self._trial.params}
        changed = [key for key, value in self._trial.params.items() if not _holds(used[key], value)]
        if changed:
            warn(f"the program has replaced swept values ({', '.join(changed)}): the sweep has those that it gave")

    def __enter__(self) -> Run:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        code = error.code if isinstance(error, SystemExit) else int(kind is not None)
        self.finish(exit_code=code if isinstance(code, int) else int(code is not None))

    # --- files -------------------------------------------------------------------------------------------------------

    def save(
        self, glob_str: str | os.PathLike[str] | None = None, base_path: Any = None, policy: str = "live", **more: Any
    ) -> bool | list[str]:
        """Copy files into the run's folder; returns their paths there."""
        if glob_str is None:
            return True
        saved = []
        for source in map(Path, glob.glob(os.fspath(glob_str))):
            below = source.relative_to(base_path) if base_path and source.is_relative_to(base_path) else source.name
            target = Path(self.dir) / below
            if source.is_file() and source.resolve() != target.resolve():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
            saved.append(str(target))
        return saved

    def restore(
        self, name: str, run_path: str | None = None, replace: bool = False, root: str | None = None
    ) -> IO[str] | None:
        """A file that was saved, open, or None."""
        places = [Path(root or ".") / name, Path(self.dir) / name]
        found = next((place for place in places if place.is_file()), None)
        return found.open(encoding="utf-8", errors="replace") if found else None

    def log_artifact(
        self, artifact_or_path: Any, name: str | None = None, type: str | None = None, aliases: Any = None, **more: Any
    ) -> Artifact:
        """Copy an artifact's files into the trial's folder."""
        artifact = artifact_or_path
        if not isinstance(artifact, Artifact):
            path = Path(artifact_or_path)
            artifact = Artifact(name or f"run-{self.id}-{path.name}", type or "unspecified")
            artifact.add_dir(path) if path.is_dir() else artifact.add_file(path)
        artifact.store(self._artifacts / make_artifact_name_safe(artifact.name))
        return artifact

    upsert_artifact = finish_artifact = log_artifact

    def use_artifact(self, artifact_or_name: Any, type: str | None = None, **more: Any) -> Artifact:
        """An artifact that this trial has logged. Raises `CommError` for any other."""
        return artifact_or_name if isinstance(artifact_or_name, Artifact) else find(artifact_or_name, self._artifacts)

    def log_model(self, path: Any, name: str | None = None, aliases: Any = None) -> Artifact:
        """Copy a model's files into the trial's folder."""
        return self.log_artifact(path, name, "model")

    def use_model(self, name: str) -> str:
        """The path of a model that this trial has logged."""
        return self.use_artifact(name).download()

    @property
    def _artifacts(self) -> Path:
        return Path(self.dir) / "artifacts"

    # --- accepted without effect -------------------------------------------------------------------------------------

    def alert(self, title: str, text: str, level: Any = None, wait_duration: Any = None) -> None:
        """Shown on stderr: nobody is mailed."""
        warn(f"{title}: {text}")

    def mark_preempting(self) -> None:
        """Where the program fails from here on, its trial is tried again."""
        self._trial.run.mark_preemptible()

    def watch(self, models: Any = None, *args: Any, **options: Any) -> list[Any]:
        """Gradients and weights are not recorded."""
        return []

    def _nothing(self, *args: Any, **options: Any) -> None:
        """Nothing is to be done."""

    unwatch = log_code = link_artifact = link_model = display = _label = upsert = _nothing
    status = _nothing

    def to_html(self, *args: Any, **options: Any) -> str:
        """There is no page."""
        return ""

    def __repr__(self) -> str:
        return f"<run {self.name} of the sweep {self.sweep_id}>" if self.sweep_id else f"<run {self.name}>"


class RunDisabled(Run):
    """W&B's run of mode "disabled": here every run is recorded."""


class Settings(SimpleNamespace):
    """Options of W&B's client: any are taken."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(**options)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return None

    def update(self, *given: Any, **options: Any) -> None:
        """Take more."""
        vars(self).update(options)


def before_init(what: str) -> Error:
    """The error for what needs a run."""
    return Error(f"You must call wandb.init() before {what}")


def _tags(given: Any) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given or ())


def _holds(used: Any, given: Any) -> bool:
    """Whether a value is the swept one; a nested one has more in it where the program configures more."""
    if isinstance(given, Mapping) and isinstance(used, Mapping):
        return all(_holds(used.get(key), value) for key, value in given.items())
    return bool(used == given)
