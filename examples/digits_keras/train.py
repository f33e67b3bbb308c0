"""Train a Keras model on scikit-learn's handwritten digits, paused and continued by a sweep.

By hand it runs with its defaults, or with any flag, on any backend::

    KERAS_BACKEND=torch python train.py --learning_rate 0.003

A sweep starts the same program with other flags (see sweep.yaml beside it).
"""

from __future__ import annotations

import argparse

import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from hyperopt_keras import HyperbandCallback


def parse_args() -> argparse.Namespace:
    """The hyperparameters: every flag has a default, so the program runs without a sweep too."""
    parser = argparse.ArgumentParser(description="Train a Keras model on handwritten digits.")
    parser.add_argument("--learning_rate", type=float, default=0.003)
    parser.add_argument("--weight_decay", type=float, default=0.01)
    parser.add_argument("--hidden_units", type=int, default=64)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--batch_size", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=27)
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    keras.utils.set_random_seed(0)
    images, digits = load_digits(return_X_y=True)
    x_train, x_val, y_train, y_val = train_test_split(
        images / 16.0, digits, test_size=0.25, random_state=0, stratify=digits
    )
    model = keras.Sequential(
        [
            keras.Input((64,)),
            keras.layers.Dense(args.hidden_units, activation="relu"),
            keras.layers.Dropout(args.dropout),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        keras.optimizers.AdamW(args.learning_rate, weight_decay=args.weight_decay),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    callback = HyperbandCallback(monitor="val_loss")  # of the trial that a sweep's agent started
    model.fit(
        x_train,
        y_train,
        validation_data=(x_val, y_val),
        batch_size=args.batch_size,
        epochs=args.epochs,
        initial_epoch=callback.initial_epoch,  # a paused trial goes on
        callbacks=[callback],
        verbose=2,
    )


if __name__ == "__main__":
    main()
