"""Train a PyTorch network on scikit-learn's handwritten digits, paused and continued by a sweep.

By hand it runs with its defaults, or with any flag::

    python train.py --learning_rate 0.003

A sweep starts the same program with other flags (see sweep.yaml beside it).
"""

from __future__ import annotations

import argparse

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

import hyperopt_core
from hyperopt_torch import epochs


def parse_args() -> argparse.Namespace:
    """The hyperparameters: every flag has a default, so the program runs without a sweep too."""
    parser = argparse.ArgumentParser(description="Train a PyTorch network on handwritten digits.")
    parser.add_argument("--learning_rate", type=float, default=0.003)
    parser.add_argument("--weight_decay", type=float, default=0.01)
    parser.add_argument("--hidden_units", type=int, default=64)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--batch_size", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=27)
    return parser.parse_args()


def load_data() -> list[torch.Tensor]:
    """Images (n, 64) in [0, 1] and their digits, of training and validation; the same split for all trials."""
    images, digits = load_digits(return_X_y=True)
    arrays = train_test_split(images / 16.0, digits, test_size=0.25, random_state=0, stratify=digits)
    x_train, x_val, y_train, y_val = map(torch.as_tensor, arrays)
    return [x_train.float(), x_val.float(), y_train, y_val]


def main() -> None:
    args = parse_args()
    run = hyperopt_core.current_run()  # the trial that a sweep's agent started; by hand, a run that just goes on
    torch.manual_seed(0)
    torch.set_num_threads(1)  # the network is small, and several trials train side by side
    x_train, x_val, y_train, y_val = load_data()
    model = nn.Sequential(
        nn.Linear(64, args.hidden_units), nn.ReLU(), nn.Dropout(args.dropout), nn.Linear(args.hidden_units, 10)
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.learning_rate, weight_decay=args.weight_decay)

    for epoch in epochs(run, args.epochs, model, optimizer):  # ends, and goes on, as the sweep says
        model.train()
        for batch in torch.randperm(len(x_train)).split(args.batch_size):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x_train[batch]), y_train[batch]).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            scores = model(x_val)
        val_loss = nn.functional.cross_entropy(scores, y_val).item()
        val_acc = (scores.argmax(dim=1) == y_val).double().mean().item()
        print(f"epoch {epoch:2d}  val_loss {val_loss:.4f}  val_acc {val_acc:.4f}", flush=True)
        run.report(val_loss=val_loss, val_acc=val_acc, step=epoch)


if __name__ == "__main__":
    main()
