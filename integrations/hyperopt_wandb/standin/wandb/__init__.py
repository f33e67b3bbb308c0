"""A stand-in for `wandb`: the training programs of a sweep of hyperopt_core log to it, and nothing leaves the machine.

What W&B has and this has not is accepted, named once on stderr, and does nothing.
"""

from __future__ import annotations

from enum import Enum
from importlib import import_module
from typing import Any

from . import _session, errors
from ._agent import agent, sweep
from ._api import Api
from ._artifact import Artifact
from ._config import Config
from ._ignored import Ignored, warn, warn_once
from ._media import Audio, Graph, Histogram, Html, Image, Media, Molecule, Object3D, Plotly, Table, Video
from ._run import Run, RunDisabled, Settings
from ._session import finish, init, needed
from ._submodules import PACKAGES, install
from .errors import CommError, Error, UsageError

__version__ = "0.31.0"
__all__ = [
    "Api",
    "Artifact",
    "Audio",
    "CommError",
    "Config",
    "Error",
    "Graph",
    "Histogram",
    "Html",
    "Image",
    "Media",
    "Molecule",
    "Object3D",
    "Plotly",
    "Run",
    "RunDisabled",
    "Settings",
    "Table",
    "UsageError",
    "Video",
    "agent",
    "errors",
    "finish",
    "init",
    "log",
    "login",
    "sweep",
]

install()

join = finish


class AlertLevel(Enum):
    """How urgent an alert is."""

    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"


def log(data: Any, step: int | None = None, commit: bool | None = None, sync: bool | None = None, **more: Any) -> None:
    """Log a row to the open run. Raises `Error` where there is none."""
    needed("wandb.log()").log(data, step=step, commit=commit)


def login(*args: Any, **options: Any) -> bool:
    """Nobody logs in; keys are not looked at."""
    return True


def save(*args: Any, **options: Any) -> Any:
    """See `Run.save`."""
    return needed("wandb.save()").save(*args, **options)


def restore(*args: Any, **options: Any) -> Any:
    """See `Run.restore`."""
    return needed("wandb.restore()").restore(*args, **options)


def define_metric(*args: Any, **options: Any) -> Any:
    """See `Run.define_metric`."""
    return needed("wandb.define_metric()").define_metric(*args, **options)


def watch(*args: Any, **options: Any) -> Any:
    """See `Run.watch`."""
    return needed("wandb.watch()").watch(*args, **options)


def unwatch(*args: Any, **options: Any) -> None:
    """See `watch`."""


def alert(*args: Any, **options: Any) -> None:
    """See `Run.alert`."""
    needed("wandb.alert()").alert(*args, **options)


def mark_preempting() -> None:
    """See `Run.mark_preempting`."""
    needed("wandb.mark_preempting()").mark_preempting()


def log_artifact(*args: Any, **options: Any) -> Any:
    """See `Run.log_artifact`."""
    return needed("wandb.log_artifact()").log_artifact(*args, **options)


def use_artifact(*args: Any, **options: Any) -> Any:
    """See `Run.use_artifact`."""
    return needed("wandb.use_artifact()").use_artifact(*args, **options)


def log_model(*args: Any, **options: Any) -> Any:
    """See `Run.log_model`."""
    return needed("wandb.log_model()").log_model(*args, **options)


def use_model(*args: Any, **options: Any) -> Any:
    """See `Run.use_model`."""
    return needed("wandb.use_model()").use_model(*args, **options)


def plot_table(*args: Any, **options: Any) -> Any:
    """See `wandb.plot`."""
    return import_module(f"{__name__}.plot").plot_table(*args, **options)


def termlog(text: str = "", *args: Any, **options: Any) -> None:
    """A line on stderr."""
    (warn if options.get("repeat", True) else warn_once)(text)


termwarn = termerror = termlog


def _nothing(*args: Any, **options: Any) -> None:
    """Nothing is to be done: there is no service and no server."""


require = setup = teardown = log_code = link_model = link_artifact = _nothing


def _attach(*args: Any, **options: Any) -> Run:
    return init()


_OF_THE_SESSION = {"run": _session.run, "config": _session.config, "summary": _session.summary}


def __getattr__(name: str) -> Any:
    if name in _OF_THE_SESSION:
        return _OF_THE_SESSION[name]()
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in PACKAGES:
        return import_module(f"{__name__}.{name}")
    return Ignored(f"wandb.{name}")
