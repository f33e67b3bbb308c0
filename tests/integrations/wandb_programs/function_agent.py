"""A function agent: sweep and agent in one file, a trial that crashes, a loop that swallows exceptions."""

import json
import math

import wandb

sweep_config = {
    "method": "grid",
    "metric": {"name": "val_loss", "goal": "minimize"},
    "early_terminate": {"type": "hyperband", "min_iter": 2, "eta": 2},
    "parameters": {
        "batch_size": {"values": [16, 32]},
        "dropout": {"values": [0.1, 0.5]},
        "optimizer": {"values": ["adam", "sgd", "broken"]},
        "epochs": {"value": 6},
    },
}


def evaluate(config, epoch):
    offset = 0.0 if config.optimizer == "adam" else 1.0
    return math.exp(-epoch / 4) + config.dropout + offset


def train(config=None):
    with wandb.init(config=config) as run:
        config = wandb.config
        used, done = dict(config), {"number": run.id.rpartition("-")[2], "losses": []}
        try:
            for epoch in range(config.epochs):
                if config.optimizer == "broken" and epoch == 1:
                    raise RuntimeError("loss exploded")
                loss = evaluate(config, epoch)
                done["losses"].append(loss)
                try:
                    wandb.log({"val_loss": loss, "epoch": epoch, "lr": 0.1 * 0.9**epoch})
                except Exception as error:  # logging must not break the training
                    print("could not log", error)
        finally:
            with open("results.jsonl", "a") as file:
                file.write(json.dumps({"config": used, **done}) + "\n")


sweep_id = wandb.sweep(sweep_config, project="function-agent")
wandb.agent(sweep_id, function=train, count=12)
