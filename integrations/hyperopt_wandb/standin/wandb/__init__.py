"""A stand-in for `wandb`: the training programs of a sweep of hyperopt_core log to it, and nothing leaves the machine.

What W&B has and this has not is accepted, named once on stderr, and does nothing.
"""

from __future__ import annotations

from collections.abc import Callable
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


def _of_the_run(name: str) -> Callable[..., Any]:
    """The function of the module that is a method of the open run."""

    def call(*args: Any, **options: Any) -> Any:
        return getattr(needed(f"wandb.{name}()"), name)(*args, **options)

    call.__name__, call.__doc__ = name, f"See `Run.{name}`."
    return call


save = _of_the_run("save")
restore = _of_the_run("restore")
define_metric = _of_the_run("define_metric")
watch = _of_the_run("watch")
alert = _of_the_run("alert")
mark_preempting = _of_the_run("mark_preempting")
log_artifact = _of_the_run("log_artifact")
use_artifact = _of_the_run("use_artifact")
log_model = _of_the_run("log_model")
use_model = _of_the_run("use_model")


def unwatch(*args: Any, **options: Any) -> None:
    """See `watch`."""


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
