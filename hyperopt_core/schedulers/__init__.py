"""Schedulers: the table of their names, and how one is made. Each is one file that imports no other scheduler."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from hyperopt_core.errors import ConfigError, Fault, suggest
from hyperopt_core.schedulers.protocol import Job, Scheduler

__all__ = ["SCHEDULERS", "Job", "Scheduler", "make_scheduler"]

#: name -> "module:Class", imported when it is first asked for.
SCHEDULERS: dict[str, str] = {
    "hyperband": "hyperopt_core.schedulers.wandb:WandbHyperband",
    "never": "hyperopt_core.schedulers.never:Never",
}


def make_scheduler(
    early_terminate: str | Mapping[str, Any] | Scheduler | None, *, max_steps: int | None = None
) -> Scheduler:
    """The scheduler that `early_terminate` names or holds; None never stops a trial. Raises `ConfigError`.

    A mapping holds the name as `type` and the scheduler's options beside it, as W&B writes it.

    >>> make_scheduler({"type": "hyperband", "min_iter": 3}).name
    'hyperband'
    """
    if early_terminate is None:
        return make_scheduler("never")
    if isinstance(early_terminate, str):
        return make_scheduler({"type": early_terminate})
    if not isinstance(early_terminate, Mapping):
        if not hasattr(early_terminate, "next_job"):
            raise ConfigError(f"early_terminate is {early_terminate!r}: give a name, a mapping or a scheduler")
        return early_terminate
    options = dict(early_terminate)
    name = options.pop("type", None)
    if not isinstance(name, str) or name not in SCHEDULERS:
        given = f"early_terminate is {early_terminate!r} and names no type" if name is None else f"{name!r} is no type"
        raise ConfigError(f"{given} of early stopping: one of {', '.join(SCHEDULERS)}{suggest(str(name), SCHEDULERS)}")
    module, _, attribute = SCHEDULERS[name].partition(":")
    make = getattr(import_module(module), attribute)
    known = inspect.signature(make).parameters
    faults = [Fault((str(k),), f"is no option of {name}{suggest(str(k), known)}") for k in options if k not in known]
    if faults:
        raise ConfigError([Fault(("early_terminate", *f.path), f.message) for f in faults])
    try:
        return make(**options)
    except ConfigError as fault:
        raise ConfigError([Fault(("early_terminate", *f.path), f.message) for f in fault.faults]) from None
