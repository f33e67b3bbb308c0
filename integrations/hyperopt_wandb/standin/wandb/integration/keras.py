"""Keras: callbacks that log what `fit` measures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from .. import Table, _session, define_metric, log
from .._session import needed

__all__ = ["WandbCallback", "WandbEvalCallback", "WandbMetricsLogger", "WandbModelCheckpoint"]


class WandbMetricsLogger(keras.callbacks.Callback):
    """Logs ``epoch/NAME`` after each epoch, and ``batch/NAME`` every `log_freq` batches."""

    def __init__(self, log_freq: str | int = "epoch", initial_global_step: int = 0, *args: Any, **options: Any) -> None:
        super().__init__()
        needed("this callback")
        self.log_freq = 1 if log_freq == "batch" else log_freq if isinstance(log_freq, int) else None
        self.global_step = initial_global_step
        define_metric("epoch/epoch")
        define_metric("epoch/*", step_metric="epoch/epoch")
        if self.log_freq:
            define_metric("batch/batch_step")
            define_metric("batch/*", step_metric="batch/batch_step")

    def _rate(self) -> dict[str, float]:
        rate = getattr(getattr(self.model, "optimizer", None), "learning_rate", None)
        try:
            return {} if rate is None else {"learning_rate": float(rate)}
        except (TypeError, ValueError):  # a schedule
            return {}

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Log an epoch."""
        found = {**(logs or {}), "epoch": epoch, **self._rate()}
        log({f"epoch/{name}": value for name, value in found.items()})

    def on_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Log a batch, if they are wanted."""
        self.global_step += 1
        if self.log_freq and batch % self.log_freq == 0:
            found = {**(logs or {}), "batch_step": self.global_step, **self._rate()}
            log({f"batch/{name}": value for name, value in found.items()})

    on_train_batch_end = on_batch_end


class WandbModelCheckpoint(keras.callbacks.ModelCheckpoint):
    """Keras's own: the files stay where it writes them."""

    def __init__(self, filepath: Any, *args: Any, **options: Any) -> None:
        needed("this callback")
        super().__init__(filepath, *args, **options)


class WandbEvalCallback(keras.callbacks.Callback):
    """Base of callbacks that show predictions: the tables are not stored."""

    def __init__(self, data_table_columns: Any = None, pred_table_columns: Any = None, *args: Any, **more: Any) -> None:
        super().__init__()
        needed("this callback")
        self.data_table_columns, self.pred_table_columns = data_table_columns, pred_table_columns

    def init_data_table(self, column_names: Any) -> None:
        """An empty table."""
        self.data_table = Table(columns=column_names)

    def init_pred_table(self, column_names: Any) -> None:
        """An empty table."""
        self.pred_table = Table(columns=column_names)

    def on_train_begin(self, logs: Any = None) -> None:
        """Make the table of the data."""
        self.init_data_table(self.data_table_columns)
        self.add_ground_truth(logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Make the table of an epoch's predictions."""
        self.init_pred_table(self.pred_table_columns)
        self.add_model_predictions(epoch, logs)

    def add_ground_truth(self, logs: Any = None) -> None:
        """For the program to fill."""

    def add_model_predictions(self, epoch: int, logs: Any = None) -> None:
        """For the program to fill."""

    def log_data_table(self, *args: Any, **options: Any) -> None:
        """Not stored."""

    log_pred_table = log_data_table


class WandbCallback(keras.callbacks.Callback):
    """The older one: logs each epoch under the plain names, and the best of `monitor` in the summary."""

    def __init__(
        self, monitor: str = "val_loss", mode: str = "auto", verbose: int = 0, *args: Any, **more: Any
    ) -> None:
        super().__init__()
        needed("this callback")
        self.monitor = monitor
        greater = mode == "max" or (mode == "auto" and ("acc" in monitor or monitor.startswith("fmeasure")))
        self._sign = -1.0 if greater else 1.0
        self._best: float | None = None

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Log an epoch."""
        found = dict(logs or {})
        log({"epoch": epoch, **found})
        value = found.get(self.monitor)
        if value is not None and (self._best is None or self._sign * value < self._sign * self._best):
            self._best = value
            _session.summary().update({f"best_{self.monitor}": value, "best_epoch": epoch})
