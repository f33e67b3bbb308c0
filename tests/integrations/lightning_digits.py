"""A training in Lightning, under either of its names: a function of a run, and a program."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from hyperopt_core import Run
from hyperopt_lightning import Callback, HyperbandCallback
from tests.integrations.harness import LAST
from tests.integrations.torch_digits import data

pl: Any = import_module(Callback.__module__.partition(".callbacks")[0])


class Digits(pl.LightningModule):
    """A classifier whose learning rate falls: momentum and schedule are state that a checkpoint has to hold."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate
        self.layers = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))

    def loss(self, batch: list[torch.Tensor]) -> torch.Tensor:
        images, digits = batch
        return nn.functional.cross_entropy(self.layers(images), digits)

    def training_step(self, batch: list[torch.Tensor], index: int) -> torch.Tensor:
        return self.loss(batch)

    def validation_step(self, batch: list[torch.Tensor], index: int) -> None:
        self.log("val_loss", self.loss(batch), sync_dist=True)

    def configure_optimizers(self) -> Any:
        optimizer = torch.optim.SGD(self.parameters(), lr=self.rate, momentum=0.9)
        return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.9)]


def trainer(*callbacks: Any, **options: Any) -> Any:
    """A trainer that leaves nothing behind but what its callbacks keep."""
    quiet = dict.fromkeys(["logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary"], False)
    return pl.Trainer(max_epochs=LAST, accelerator="cpu", callbacks=list(callbacks), **quiet, **options)


def loaders() -> tuple[DataLoader[Any], DataLoader[Any]]:
    """Of training and validation."""
    images, digits = data()
    training, validation = TensorDataset(images[:1200], digits[:1200]), TensorDataset(images[1200:], digits[1200:])
    return DataLoader(training, batch_size=100), DataLoader(validation, batch_size=600)


def train(run: Run, **options: Any) -> Any:
    """The trainer after its fit."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    callback = HyperbandCallback(run)
    done = trainer(callback, Ending(run.directory), **options)
    done.fit(Digits(run.params["lr"]), *loaders(), ckpt_path=callback.ckpt_path)
    return done


class Ending(pl.Callback):
    """Each process writes down after how many epochs it ended."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        (self.folder / f"rank-{trainer.global_rank}").write_text(
            f"epoch {trainer.current_epoch} of {trainer.world_size}"
        )
