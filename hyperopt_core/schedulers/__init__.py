"""Schedulers: the table of their names, and how one is made. Each is one file that imports no other scheduler."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from hyperopt_core.errors import ConfigError, suggest
from hyperopt_core.schedulers.protocol import Job, Scheduler

__all__ = ["SCHEDULERS", "Job", "Scheduler", "make_scheduler"]

#: name -> "module:Class", imported when it is first asked for.
SCHEDULERS: dict[str, str] = {
    "never": "hyperopt_core.schedulers.never:Never",
}


def make_scheduler(
    early_terminate: str | Mapping[str, Any] | Scheduler | None, *, max_steps: int | None = None
) -> Scheduler:
    """The scheduler that `early_terminate` names or holds; None never stops a trial. Raises `ConfigError`.

    >>> make_scheduler(None).name
    'never'
    """
    if early_terminate is None:
        early_terminate = "never"
    if not isinstance(early_terminate, str):
        raise ConfigError(f"early_terminate is {early_terminate!r}: one of {', '.join(SCHEDULERS)}")
    if early_terminate not in SCHEDULERS:
        hint = suggest(early_terminate, SCHEDULERS)
        raise ConfigError(f"early_terminate is {early_terminate!r}: one of {', '.join(SCHEDULERS)}{hint}")
    module, _, attribute = SCHEDULERS[early_terminate].partition(":")
    return getattr(import_module(module), attribute)()  # type: ignore[no-any-return]
