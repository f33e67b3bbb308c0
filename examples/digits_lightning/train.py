"""Train a Lightning module on scikit-learn's handwritten digits, paused and continued by a sweep.

By hand it runs with its defaults, or with any flag::

    python train.py --learning_rate 0.003

A sweep starts the same program with other flags (see sweep.yaml beside it).
"""

from __future__ import annotations

import argparse

import lightning as L  # noqa: N812 - the name that Lightning's own pages use
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from hyperopt_lightning import HyperbandCallback


def parse_args() -> argparse.Namespace:
    """The hyperparameters: every flag has a default, so the program runs without a sweep too."""
    parser = argparse.ArgumentParser(description="Train a Lightning module on handwritten digits.")
    parser.add_argument("--learning_rate", type=float, default=0.003)
    parser.add_argument("--weight_decay", type=float, default=0.01)
    parser.add_argument("--hidden_units", type=int, default=64)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--batch_size", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=27)
    return parser.parse_args()


class Digits(L.LightningModule):
    """A classifier of images (n, 64)."""

    def __init__(self, args: argparse.Namespace) -> None:
        super().__init__()
        self.args = args
        self.network = nn.Sequential(
            nn.Linear(64, args.hidden_units), nn.ReLU(), nn.Dropout(args.dropout), nn.Linear(args.hidden_units, 10)
        )

    def training_step(self, batch: list[torch.Tensor], index: int) -> torch.Tensor:
        images, digits = batch
        return nn.functional.cross_entropy(self.network(images), digits)

    def validation_step(self, batch: list[torch.Tensor], index: int) -> None:
        images, digits = batch
        scores = self.network(images)
        self.log("val_loss", nn.functional.cross_entropy(scores, digits), sync_dist=True)
        self.log("val_acc", (scores.argmax(dim=1) == digits).float().mean(), sync_dist=True)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        args = self.args
        return torch.optim.AdamW(self.parameters(), lr=args.learning_rate, weight_decay=args.weight_decay)


def load_data() -> tuple[TensorDataset, TensorDataset]:
    """Images (n, 64) in [0, 1] and their digits, of training and validation; the same split for all trials."""
    images, digits = load_digits(return_X_y=True)
    arrays = train_test_split(images / 16.0, digits, test_size=0.25, random_state=0, stratify=digits)
    x_train, x_val, y_train, y_val = map(torch.as_tensor, arrays)
    return TensorDataset(x_train.float(), y_train), TensorDataset(x_val.float(), y_val)


def main() -> None:
    args = parse_args()
    L.seed_everything(0, verbose=False)
    torch.set_num_threads(1)  # the network is small, and several trials train side by side
    training, validation = load_data()
    callback = HyperbandCallback(monitor="val_loss", metrics=["val_acc"])  # of the trial that a sweep's agent started
    trainer = L.Trainer(
        max_epochs=args.epochs,
        callbacks=[callback],
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(
        Digits(args),
        DataLoader(training, batch_size=args.batch_size, shuffle=True),
        DataLoader(validation, batch_size=512),
        ckpt_path=callback.ckpt_path,  # a paused trial goes on
    )
    print({name: round(float(value), 4) for name, value in trainer.callback_metrics.items()})


if __name__ == "__main__":
    main()
