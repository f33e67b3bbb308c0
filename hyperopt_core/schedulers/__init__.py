"""Schedulers: the table of their names, and how one is made. Each is one file that imports no other scheduler."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from hyperopt_core.errors import ConfigError, Fault, suggest
from hyperopt_core.maths.halving import steps_text
from hyperopt_core.schedulers.protocol import Job, Scheduler, Setting

__all__ = ["SCHEDULERS", "Job", "Scheduler", "Setting", "explain_scheduler", "make_scheduler"]

#: name -> "module:Class", imported when it is first asked for.
SCHEDULERS: dict[str, str] = {
    "asha": "hyperopt_core.schedulers.asha:ASHA",
    "auto": "hyperopt_core.schedulers.auto:Auto",
    "hyperband": "hyperopt_core.schedulers.hyperband:Hyperband",
    "median": "hyperopt_core.schedulers.median:Median",
    "never": "hyperopt_core.schedulers.never:Never",
    "patience": "hyperopt_core.schedulers.patience:Patience",
    "percentile": "hyperopt_core.schedulers.percentile:Percentile",
    "successive_halving": "hyperopt_core.schedulers.successive_halving:SuccessiveHalving",
    "threshold": "hyperopt_core.schedulers.threshold:Threshold",
    "wandb": "hyperopt_core.schedulers.wandb:WandbHyperband",
}
#: Options of Hyperband that W&B's rule of that name does not have.
_OF_HYPERBAND = ("min_steps", "max_steps")


def make_scheduler(
    early_terminate: str | Mapping[str, Any] | Scheduler | None,
    *,
    max_steps: int | None = None,
    resumable: bool = False,
    goal: str = "minimize",
) -> Scheduler:
    """The scheduler that `early_terminate` names or holds; None never stops a trial. Raises `ConfigError`.

    A mapping holds the name as `type` and the scheduler's options beside it. `{"type": "hyperband"}` is W&B's rule of
    that name, "wandb" here, unless it holds an option that only Hyperband has, `min_steps` or `max_steps`. What options
    leave open is taken from the other arguments. An instance serves as a template: each sweep gets one of its own.

    >>> make_scheduler("hyperband", max_steps=27).name, make_scheduler({"type": "hyperband", "min_iter": 3}).name
    ('hyperband', 'wandb')
    """
    setting = Setting(max_steps, resumable, goal)
    if early_terminate is None:
        return make_scheduler("never")
    if isinstance(early_terminate, str):
        return _fitted(_made(early_terminate, {}), setting)
    if not isinstance(early_terminate, Mapping):
        if not hasattr(early_terminate, "next_job"):
            raise ConfigError(f"early_terminate is {early_terminate!r}: give a name, a mapping or a scheduler")
        return _fitted(early_terminate, setting)
    options = dict(early_terminate)
    name = options.pop("type", None)
    if not isinstance(name, str):
        known = ", ".join(SCHEDULERS)
        raise ConfigError(f"early_terminate is {early_terminate!r} and names no type of early stopping: one of {known}")
    return _fitted(_made(scheduler_name(early_terminate), options), setting)


def scheduler_name(early_terminate: Mapping[str, Any]) -> str:
    """The name in the table of what a mapping means."""
    name = str(early_terminate["type"])
    return "wandb" if name == "hyperband" and not any(k in early_terminate for k in _OF_HYPERBAND) else name


def explain_scheduler(scheduler: Scheduler) -> str:
    """What the scheduler does, and where.

    >>> explain_scheduler(make_scheduler({"type": "hyperband", "min_iter": 3}))
    'wandb, as early_terminate says, at steps 3, 9, 27, 81, 243, ...'
    """
    if scheduler.name == "never":
        return "never, as there is no early_terminate: every trial is trained to its end"
    if (explain := getattr(scheduler, "explain", None)) is not None:
        return f"{scheduler.name}: {explain()}"
    steps = getattr(scheduler, "rungs", ()) or getattr(scheduler, "bands", ())
    return f"{scheduler.name}, as early_terminate says" + (f", at steps {steps_text(steps)}" if steps else "")


def _made(name: str, options: Mapping[str, Any]) -> Any:
    if name not in SCHEDULERS:
        known = ", ".join(SCHEDULERS)
        raise ConfigError(f"{name!r} is no type of early stopping: one of {known}{suggest(name, SCHEDULERS)}")
    module, _, attribute = SCHEDULERS[name].partition(":")
    make = getattr(import_module(module), attribute)
    known_options = inspect.signature(make).parameters
    faults = [
        Fault((str(k),), f"is no option of {name}{suggest(str(k), known_options)}")
        for k in options
        if k not in known_options
    ]
    if faults:
        raise ConfigError([Fault(("early_terminate", *f.path), f.message) for f in faults])
    try:
        return make(**options)
    except ConfigError as fault:
        raise ConfigError([Fault(("early_terminate", *f.path), f.message) for f in fault.faults]) from None


def _fitted(scheduler: Any, setting: Setting) -> Scheduler:
    """A scheduler for one sweep; one that is no template is given back."""
    try:
        return scheduler.fitted(setting) if hasattr(scheduler, "fitted") else scheduler
    except ConfigError as fault:
        raise ConfigError([Fault(("early_terminate", *f.path), f.message) for f in fault.faults]) from None
