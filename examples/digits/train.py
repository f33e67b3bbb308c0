"""Train a small neural network on scikit-learn's handwritten digits: an ordinary program that a sweep can steer.

By hand it runs with its defaults, or with any flag::

    python train.py --learning_rate 0.003 --activation tanh

A sweep starts the same program with other flags (see sweep.yaml beside it). Two lines tie it to the sweep: `report`
tells the sweep how the training goes, and its answer says whether the training is worth going on.
"""

from __future__ import annotations

import argparse

import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

import hyperopt_core
from hyperopt_core import Decision


def parse_args() -> argparse.Namespace:
    """The hyperparameters: every flag has a default, so the program runs without a sweep too."""
    parser = argparse.ArgumentParser(description="Train a neural network on handwritten digits.")
    parser.add_argument("--learning_rate", type=float, default=0.001)
    parser.add_argument("--alpha", type=float, default=0.0001, help="strength of the L2 penalty")
    parser.add_argument("--hidden_units", type=int, default=32, help="units in each hidden layer")
    parser.add_argument("--layers", type=int, default=1, help="number of hidden layers")
    parser.add_argument("--activation", choices=["relu", "tanh", "logistic"], default="relu")
    parser.add_argument("--solver", choices=["adam", "sgd"], default="adam")
    parser.add_argument("--batch_size", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=25)
    return parser.parse_args()


def load_data() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Images (n, 64) in [0, 1] and their digits; the split is fixed, so that all trials are measured alike."""
    images, digits = load_digits(return_X_y=True)
    x_train, x_val, y_train, y_val = train_test_split(
        images / 16.0, digits, test_size=0.25, random_state=0, stratify=digits
    )
    # Moved by one pixel up, down, left or right, an image is still the same digit: five times as many to learn from.
    pictures = x_train.reshape(-1, 8, 8)
    moved = [np.roll(pictures, by, axis=axis) for axis in (1, 2) for by in (-1, 1)]
    x_train = np.concatenate([pictures, *moved]).reshape(-1, 64)
    return x_train, x_val, np.tile(y_train, 5), y_val


def main() -> None:
    args = parse_args()
    x_train, x_val, y_train, y_val = load_data()
    model = MLPClassifier(
        hidden_layer_sizes=(args.hidden_units,) * args.layers,
        activation=args.activation,
        solver=args.solver,
        learning_rate_init=args.learning_rate,
        alpha=args.alpha,
        batch_size=args.batch_size,
        random_state=0,
    )

    run = hyperopt_core.current_run()  # the trial that a sweep's agent started; by hand, a run that just goes on
    for epoch in range(1, args.epochs + 1):
        model.partial_fit(x_train, y_train, classes=np.arange(10))  # one pass over the training images
        probabilities = model.predict_proba(x_val)
        val_loss = log_loss(y_val, probabilities, labels=model.classes_)
        val_acc = float(np.mean(model.classes_[probabilities.argmax(axis=1)] == y_val))
        print(f"epoch {epoch:2d}  val_loss {val_loss:.4f}  val_acc {val_acc:.4f}", flush=True)
        if run.report(val_loss=val_loss, val_acc=val_acc, step=epoch) is not Decision.CONTINUE:
            print("the sweep stops this training: others were better after as many epochs")
            break


if __name__ == "__main__":
    main()
