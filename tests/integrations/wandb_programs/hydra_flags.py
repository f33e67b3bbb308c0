"""Overrides as Hydra takes them, key=value and dotted; the resolved configuration goes to the run."""

import json
import sys

import wandb

CONFIG = {"trainer": {"lr": 0.5, "epochs": 1}, "data": {"name": "mnist"}, "seed": 1}


def resolve(overrides):
    for override in overrides:
        name, _, text = override.partition("=")
        *groups, key = name.split(".")
        level = CONFIG
        for group in groups:
            level = level[group]
        level[key] = type(level[key])(text)
    return CONFIG


cfg = resolve(sys.argv[1:])
wandb.init(project="hydra", config=cfg, resume="allow", id="fixed-id", sync_tensorboard=True)
for epoch in range(cfg["trainer"]["epochs"]):
    wandb.log({"val/loss": cfg["trainer"]["lr"] / (epoch + 1)}, step=epoch, commit=True)
used = {
    "trainer.lr": cfg["trainer"]["lr"],
    "trainer.epochs": cfg["trainer"]["epochs"],
    "data.name": cfg["data"]["name"],
}
assert {name: wandb.config[name] for name in used} == used
with open("results.jsonl", "a") as file:
    file.write(json.dumps({"config": used, "metric": cfg["trainer"]["lr"] / cfg["trainer"]["epochs"]}) + "\n")
if cfg["data"]["name"] == "svhn":
    sys.exit(3)
