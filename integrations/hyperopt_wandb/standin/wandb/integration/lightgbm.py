"""LightGBM: a callback that logs what `train` evaluates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import _session, log
from .._session import needed

__all__ = ["log_summary", "wandb_callback"]


def wandb_callback(log_params: bool = True, define_metric: bool = True) -> Callable[[Any], None]:
    """A callback that logs ``DATA_METRIC`` after each round."""
    needed("wandb_callback()")

    def report(environment: Any) -> None:
        if log_params and environment.iteration == environment.begin_iteration:
            _session.config().update(environment.params, allow_val_change=True)
        results = environment.evaluation_result_list
        log({f"{data}_{name}": value for data, name, value, *_ in results} | {"iteration": environment.iteration})

    return report


def log_summary(model: Any, *args: Any, **options: Any) -> None:
    """Note the best round."""
    _session.summary().update({"best_iteration": model.best_iteration})
    for data, found in (model.best_score or {}).items():
        _session.summary().update({f"{data}_{name}": value for name, value in found.items()})
