"""Lightning: a callback that ends a training with its trial, on one process or many."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from hyperopt_core import Decision, Run, current_run
from hyperopt_core.errors import MissingExtra, MissingMetric

_HOMES = ("lightning.pytorch", "pytorch_lightning")


def _framework() -> Any:
    """The package that is in use: the classes of one are not those of the other."""
    for home in [name for name in _HOMES if name in sys.modules] or _HOMES:
        try:
            return import_module(home)
        except ModuleNotFoundError as missing:
            if missing.name not in ("lightning", home):
                raise
    raise MissingExtra("lightning", "lightning", "hyperopt_lightning") from None


Callback: Any = _framework().Callback

__all__ = ["HyperbandCallback"]


class HyperbandCallback(Callback):
    """Reports `monitor` after each validation, and ends the fit when its trial is stopped or paused.

    run: the trial's; default `current_run()`, for an `Optimizer` `Run.of(optimizer, trial)`. monitor: the metric that
    the sweep minimizes or maximizes, as the module logs it (with ``sync_dist=True`` where several processes validate);
    metrics: more to report. Steps are epochs, counted from 1; the check before the training is not reported. Of several
    processes, rank 0 reports and all end at the same epoch.

    A trial that is paused leaves a checkpoint; give ``ckpt_path=callback.ckpt_path`` to `Trainer.fit`, and it goes on
    from there. Raises `MissingMetric` at the first validation that did not log one of the metrics.
    """

    def __init__(self, run: Run | None = None, monitor: str = "val_loss", metrics: Iterable[str] = ()) -> None:
        self.run = current_run() if run is None else run
        self.monitor, self.metrics = monitor, tuple(metrics)
        self.decision = Decision.CONTINUE  # the same in all processes

    @property
    def ckpt_path(self) -> str | None:
        """Where a trial that was paused goes on; None for one that begins."""
        return str(self._checkpoint) if self.run.next_step > 1 and self._checkpoint.exists() else None

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """Report, and stop where the trial is to end."""
        if trainer.sanity_checking or trainer.state.fn != "fit":
            return
        answer = self._report(trainer) if trainer.is_global_zero else None
        answer = trainer.strategy.broadcast(answer, src=0)
        if isinstance(answer, BaseException):
            raise answer
        self.decision = answer
        if answer is not Decision.CONTINUE:
            trainer.should_stop = True

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        """Keep what a paused trial needs to go on; all processes take part."""
        if self.decision is Decision.PAUSE:
            trainer.save_checkpoint(self._checkpoint)

    @property
    def _checkpoint(self) -> Path:
        return self.run.checkpoint_dir / "paused.ckpt"

    def _report(self, trainer: Any) -> Decision | BaseException:
        """The answer to this epoch's report, or what went wrong: raised here alone, it would leave others waiting."""
        logged = trainer.callback_metrics
        try:
            for name in (self.monitor, *self.metrics):
                if name not in logged:
                    raise MissingMetric(name, logged, f"call self.log({name!r}, value) in validation_step")
            values = {name: float(logged[name]) for name in (self.monitor, *self.metrics)}
            return self.run.report(values, step=trainer.current_epoch + 1)
        except (Exception, SystemExit) as error:
            return error
