"""Keras 3 on any of its backends, and tf.keras: a callback that ends a training with its trial."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hyperopt_core import Decision, Run, current_run
from hyperopt_core.errors import MissingExtra, MissingMetric

try:
    from keras.callbacks import Callback
except ModuleNotFoundError as missing:
    if missing.name != "keras":  # a backend: Keras says itself which
        raise
    raise MissingExtra("keras", "keras", "hyperopt_keras") from None

_CHECKPOINT = "epoch-{}.weights.h5"

__all__ = ["HyperbandCallback"]


class HyperbandCallback(Callback):
    """Reports all metrics after each epoch, and ends the fit when its trial is stopped or paused.

    run: the trial's; default `current_run()`, for an `Optimizer` `Run.of(optimizer, trial)`. monitor: the metric that
    the sweep minimizes or maximizes, as Keras names it in its logs. validation_freq: what `fit` is given. Steps are
    epochs, counted from 1.

    A trial that is paused leaves its weights and the optimizer's; give ``initial_epoch=callback.initial_epoch`` to
    `fit`, and it goes on from there. Raises `MissingMetric` at the first epoch without `monitor`.
    """

    def __init__(self, run: Run | None = None, monitor: str = "val_loss", *, validation_freq: int = 1) -> None:
        super().__init__()
        self.run = current_run() if run is None else run
        self.monitor, self.validation_freq = monitor, validation_freq

    @property
    def initial_epoch(self) -> int:
        """How many epochs the trial has been trained when `fit` begins."""
        kept = sorted(self.run.checkpoint_dir.glob(_CHECKPOINT.format("*"))) if self.run.next_step > 1 else []
        return int(kept[-1].name.removeprefix("epoch-").partition(".")[0]) if kept else 0

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Take over the state of a trial that was paused."""
        if self.initial_epoch:
            self.model.optimizer.build(self.model.trainable_variables)  # so that there is where to load its state
            self.model.load_weights(self._checkpoint(self.initial_epoch))

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Report, and stop where the trial is to end."""
        if (epoch + 1) % self.validation_freq:
            return
        logged = logs or {}
        if self.monitor not in logged:
            unvalidated = self.monitor.startswith("val_") and not any(name.startswith("val_") for name in logged)
            raise MissingMetric(self.monitor, logged, "give fit validation_data" if unvalidated else "")
        decision = self.run.report({name: float(value) for name, value in logged.items()}, step=epoch + 1)
        if decision is Decision.PAUSE:
            partial = self.run.checkpoint_dir / "partial.weights.h5"
            self.model.save_weights(partial)
            partial.replace(self._checkpoint(epoch + 1))  # a crash before leaves the one before
        if decision is not Decision.CONTINUE:
            self.model.stop_training = True

    def _checkpoint(self, epochs: int) -> Path:
        return self.run.checkpoint_dir / _CHECKPOINT.format(f"{epochs:06d}")
