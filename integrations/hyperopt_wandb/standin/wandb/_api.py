"""`wandb.Api`: sweeps and their runs, from the storage of hyperopt_core; of a server's there is nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

from . import _trial
from ._agent import storage
from ._ignored import Lenient
from .errors import CommError

#: hyperopt_core's states in W&B's words.
_STATES = {"completed": "finished", "stopped": "finished", "failed": "failed", "cancelled": "killed"}


class Api:
    """Looks into the storage. Raises `CommError` for what only a server has."""

    def __init__(self, overrides: Mapping[str, Any] | None = None, timeout: int | None = None, **more: Any) -> None:
        self.settings: dict[str, Any] = dict(overrides or {})
        self.default_entity, self.api_key = "offline", None
        self.viewer = SimpleNamespace(username="offline", entity="offline", email="", teams=[])

    def sweep(self, path: str = "") -> PublicSweep:
        """A sweep by its id, which stands last in `path`. Raises `CommError`."""
        core, name = _trial.core(), path.rpartition("/")[2]
        own = _trial.current().sweep  # whose id is not its name where that has spaces or slashes
        try:
            with core.Sweep.open(own if name == _trial.slug(own) else name, storage()) as sweep:
                return PublicSweep(sweep)
        except core.errors.HyperoptError as fault:
            raise CommError(f"sweep {path!r}: {fault}") from None

    def run(self, path: str = "") -> PublicRun:
        """A run of a sweep by its id, which stands last in `path`. Raises `CommError`."""
        sweep, _, number = path.rpartition("/")[2].rpartition("-")
        runs = self.sweep(sweep).runs if sweep and number.isdigit() else []
        if not runs or int(number) >= len(runs):
            raise CommError(f"run {path!r}: there is no such run of a sweep here; their ids are SWEEP-NUMBER")
        return runs[int(number)]

    def runs(self, path: str = "", *args: Any, **options: Any) -> list[PublicRun]:
        """Runs of a project: here, none but those of sweeps."""
        raise _offline("runs")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)

        def refuse(*args: Any, **options: Any) -> Any:
            raise _offline(name)

        return refuse


class PublicSweep(Lenient):
    """A sweep as W&B's API shows it."""

    def __init__(self, sweep: Any) -> None:
        self.id = self.name = sweep.name
        self.config: dict[str, Any] = sweep.spec.to_dict()
        self.state = "RUNNING" if sweep.status == "running" else str(sweep.status).upper()
        best = sweep.best
        self._best = best.number if best else None
        self.runs = [PublicRun(sweep.name, trial, sweep.history.curve(trial.number)) for trial in sweep.trials]
        self.order = ("+" if sweep.spec.objective.goal == "minimize" else "-") + sweep.spec.objective.metric

    def best_run(self, order: str | None = None) -> PublicRun | None:
        """The run with the best value."""
        return None if self._best is None else self.runs[self._best]

    def load(self, force: bool = False) -> dict[str, Any]:
        """What there is is loaded."""
        return self.config


class PublicRun(Lenient):
    """A trial as W&B's API shows it."""

    def __init__(self, sweep: str, trial: Any, curve: Any) -> None:
        self.id = self.name = f"{_trial.slug(sweep)}-{trial.number}"
        self.state = _STATES.get(str(trial.state), "running")
        self.config, self.summary = dict(trial.params), dict(trial.metrics)
        self.summary_metrics, self.created_at = self.summary, trial.started_at
        self.tags: list[str] = []
        self._curve = curve

    def history(self, *args: Any, pandas: bool = False, **options: Any) -> list[dict[str, Any]]:
        """The rows."""
        return list(self.scan_history())

    def scan_history(self, *args: Any, **options: Any) -> Iterator[dict[str, Any]]:
        """The rows, one after the other."""
        for measurement in self._curve:
            yield {"_step": measurement.step, **measurement.metrics}


def _offline(what: str) -> CommError:
    return CommError(
        f"wandb.Api().{what} needs W&B's server, and this program runs offline; Api().sweep(id) and its runs are there"
    )
