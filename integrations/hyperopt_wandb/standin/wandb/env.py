"""W&B's environment variables, by the functions that frameworks call."""

from __future__ import annotations

import os
from collections.abc import Callable, MutableMapping
from typing import Any

from ._submodules import lookup

PROJECT, ENTITY, MODE, API_KEY = "WANDB_PROJECT", "WANDB_ENTITY", "WANDB_MODE", "WANDB_API_KEY"
RUN_ID, SWEEP_ID, DIR, SILENT = "WANDB_RUN_ID", "WANDB_SWEEP_ID", "WANDB_DIR", "WANDB_SILENT"

Environment = MutableMapping[str, str]


def _setter(name: str) -> Callable[..., None]:
    def set_variable(value: str, env: Environment | None = None) -> None:
        (os.environ if env is None else env)[name] = str(value)

    return set_variable


def _getter(name: str) -> Callable[..., str | None]:
    def get_variable(default: str | None = None, env: Environment | None = None) -> str | None:
        return (os.environ if env is None else env).get(name, default)

    return get_variable


set_project, set_entity = _setter(PROJECT), _setter(ENTITY)
get_project, get_entity = _getter(PROJECT), _getter(ENTITY)
get_run_id, get_dir = _getter(RUN_ID), _getter(DIR)


def __getattr__(name: str) -> Any:
    return lookup(__name__, name)
