"""No flags at all: nested values arrive through the run, and are merged with the program's own."""

import json
import sys

import wandb

defaults = {
    "optimizer": {"name": "adam", "lr": 0.1, "betas": (0.9, 0.999)},
    "model": {"width": 64, "depth": 2},
    "seed": 0,
}


def main():
    run = wandb.init(config=defaults, dir="./not/there", mode="disabled")
    config = run.config
    config.update({"optimizer": {"name": "ignored"}})  # the sweep has the last word
    config.update({"seed": 7}, allow_val_change=True)
    optimizer, model = config["optimizer"], config.model
    assert optimizer["betas"] == [0.9, 0.999]
    assert config.seed == 7
    try:
        config.seed = 8
    except wandb.sdk.lib.config_util.ConfigError:
        pass
    else:
        raise AssertionError("the seed must not change")
    loss = abs(optimizer["lr"] - 0.03) + 1 / model["width"] + (optimizer["name"] == "sgd")
    run.log({"val": {"loss": loss, "acc": 1 - loss}, "note": "done"})
    with open("results.jsonl", "a") as file:
        file.write(json.dumps({"config": config.as_dict(), "metric": loss}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
