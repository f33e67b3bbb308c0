"""XGBoost: a callback that logs what `train` evaluates."""

from __future__ import annotations

import json
from typing import Any

import xgboost

from .. import _session, define_metric, log
from .._session import needed

__all__ = ["WandbCallback", "wandb_callback"]


class WandbCallback(xgboost.callback.TrainingCallback):
    """Logs ``DATA-METRIC`` after each round, and the best score in the summary."""

    def __init__(self, log_model: bool = False, define_metric: bool = True, *args: Any, **options: Any) -> None:
        super().__init__()
        needed("WandbCallback()")
        self._define = define_metric

    def before_training(self, model: Any) -> Any:
        """Take the booster's configuration into the run's."""
        _session.config().update(json.loads(model.save_config()), allow_val_change=True)
        return model

    def after_iteration(self, model: Any, epoch: int, evals_log: dict[str, dict[str, list[Any]]]) -> bool:
        """Log a round."""
        last = {f"{data}-{name}": values[-1] for data, found in evals_log.items() for name, values in found.items()}
        if self._define and epoch == 0:
            for name in last:
                define_metric(name, summary=_kind(name))
        log({**last, "epoch": epoch})
        return False

    def after_training(self, model: Any) -> Any:
        """Note the best round, where there was one."""
        best = model.attr("best_score")
        if best is not None:
            _session.summary().update({"best_score": float(best), "best_iteration": int(model.attr("best_iteration"))})
        return model


def wandb_callback(*args: Any, **options: Any) -> WandbCallback:
    """A callback, by its older name."""
    return WandbCallback(*args, **options)


def _kind(name: str) -> str:
    greater = any(word in name for word in ("auc", "map", "ndcg", "pre@", "acc"))
    return "max" if greater else "min"
