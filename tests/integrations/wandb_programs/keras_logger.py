"""Keras with W&B's callbacks."""

import json

import keras
import numpy as np
import wandb
from wandb.integration.keras import WandbMetricsLogger, WandbModelCheckpoint

run = wandb.init(project="keras", config={"units": 4, "lr": 0.1})
config = wandb.config
rng = np.random.default_rng(0)
x = rng.normal(size=(64, 3)).astype("float32")
y = x.sum(axis=1, keepdims=True)
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(config.units), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.SGD(learning_rate=config.lr), loss="mse")
history = model.fit(
    x,
    y,
    validation_split=0.25,
    epochs=3,
    batch_size=16,
    verbose=0,
    callbacks=[WandbMetricsLogger(log_freq=2), WandbModelCheckpoint("model.keras", save_best_only=True)],
)
with open("results.jsonl", "a") as file:
    used = {"units": config.units, "lr": config.lr}
    file.write(json.dumps({"config": used, "metric": history.history["val_loss"][-1]}) + "\n")
