"""Stable-Baselines3: a callback that brings its logger's values to the run."""

from __future__ import annotations

from typing import Any

from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.logger import KVWriter

from .. import _session, log
from .._session import needed

__all__ = ["WandbCallback"]


class _Writer(KVWriter):
    def write(self, key_values: dict[str, Any], key_excluded: Any, step: int = 0) -> None:
        log({**key_values, "global_step": step})

    def close(self) -> None: ...


class WandbCallback(BaseCallback):
    """Logs what Stable-Baselines3 writes into its logger; the model is saved where `model_save_path` says."""

    def __init__(self, verbose: int = 0, model_save_path: str | None = None, *args: Any, **options: Any) -> None:
        super().__init__(verbose)
        needed("WandbCallback()")
        self.model_save_path = model_save_path

    def _init_callback(self) -> None:
        _session.config().setdefaults({"algo": type(self.model).__name__})
        self.model.logger.output_formats.append(_Writer())

    def _on_step(self) -> bool:
        return True

    def _on_training_end(self) -> None:
        if self.model_save_path is not None:
            self.model.save(f"{self.model_save_path}/model")
