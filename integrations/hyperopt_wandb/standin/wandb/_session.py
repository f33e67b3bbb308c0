"""The run that is open in this process: `init`, `finish` and what `wandb` shows of it."""

from __future__ import annotations

import atexit
import os
import sys
from typing import Any

from . import _trial
from ._config import Config
from ._ignored import warn_once
from ._run import Run, before_init
from ._summary import Summary
from ._values import mapping

_run: Run | None = None
_THE_SWEEP_S = ("entity", "id")


def init(config: Any = None, *, reinit: Any = None, **options: Any) -> Run:
    """Open the run of this process's trial; the open one, if there is one and `reinit` does not say otherwise.

    Swept values go over `config`. Modes, folders and resuming change nothing: everything is recorded in the sweep.
    """
    global _run
    trial = _trial.current()
    if _run is not None and _run._trial.pid != os.getpid():
        _run = None  # the parent's, which a fork has brought along
    if _run is not None and (_run._trial is not trial or _wants_another(reinit)):
        _close()
    if _run is not None:
        return _run
    if not trial.alone:
        for key in _THE_SWEEP_S:
            if options.get(key):
                warn_once(f"init({key}=...) is ignored in a sweep")
    include, exclude = options.get("config_include_keys"), options.get("config_exclude_keys")
    given = mapping(config)
    given = {k: v for k, v in given.items() if (not include or k in include) and (not exclude or k not in exclude)}
    free = bool(options.get("allow_val_change"))
    _run = Run(trial, Config(given, locked=trial.params, free=free), options, _left)
    return _run


def _wants_another(reinit: Any) -> bool:
    return reinit in (True, "true", "finish_previous", "create_new")


def _left(run: Run) -> None:
    global _run
    if _run is run:
        _run = None


def _close() -> None:
    if _run is not None:
        _run.finish()


def finish(exit_code: int | None = None, quiet: bool | None = None) -> None:
    """Close the open run, if there is one."""
    if _run is not None:
        _run.finish(exit_code)


def needed(what: str) -> Run:
    """The open run. Raises `Error` where there is none."""
    if _run is None:
        raise before_init(what)
    return _run


def run() -> Run | None:
    """`wandb.run`"""
    return _run


def config() -> Config:
    """`wandb.config`: before `init`, the values that the sweep gives."""
    return _run.config if _run is not None else Config(locked=_trial.current().params)


def summary() -> Summary:
    """`wandb.summary`"""
    return needed("wandb.summary").summary


def end_trial() -> None:
    """What is left of a trial that ends: a run without `finish`, a row without commit."""
    _close()
    _trial.current().record.flush()


def _at_exit() -> None:
    trial = _trial._current
    if trial is None or trial.pid != os.getpid() or trial.alone:
        return
    failed = trial.failed and _run is None
    end_trial()
    if failed:  # the program said so itself; Python would end with 0
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(1)


atexit.register(_at_exit)
