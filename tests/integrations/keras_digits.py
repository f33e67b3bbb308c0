"""A training in Keras, on the backend that KERAS_BACKEND names: a function of a run, and a program."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from sklearn.datasets import load_digits

from hyperopt_core import Run, current_run
from hyperopt_keras import HyperbandCallback
from tests.integrations.harness import LAST


def train(run: Run, validation_freq: int = 1) -> None:
    """Momentum is state that a checkpoint has to hold; the batches come in order, so that trainings can be compared."""
    keras.utils.set_random_seed(0)
    callback = HyperbandCallback(run, validation_freq=validation_freq)
    images, digits = data()
    model = compiled(run.params["lr"])
    model.fit(
        images[:1200],
        digits[:1200],
        validation_data=(images[1200:], digits[1200:]),
        batch_size=100,
        epochs=LAST,
        initial_epoch=callback.initial_epoch,
        shuffle=False,
        verbose=0,
        callbacks=[callback],
        validation_freq=validation_freq,
    )


def compiled(rate: float) -> Any:
    """A classifier."""
    layers = [keras.layers.Dense(32, activation="relu"), keras.layers.Dense(10, activation="softmax")]
    model = keras.Sequential([keras.Input((64,)), *layers])
    optimizer = keras.optimizers.SGD(rate, momentum=0.9)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def data() -> tuple[np.ndarray, np.ndarray]:
    """Images (n, 64) in [0, 1] and their digits (n,)."""
    images, digits = load_digits(return_X_y=True)
    return images.astype("float32") / 16, digits


if __name__ == "__main__":
    train(current_run())
