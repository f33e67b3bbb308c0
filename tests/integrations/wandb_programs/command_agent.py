"""Started by a command agent: argparse, defaults in the run's configuration, and the configuration read back."""

import argparse
import json

import wandb

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.01)
parser.add_argument("--batch-size", dest="batch-size", type=int, default=8)
parser.add_argument("--augment", type=lambda text: text == "True", default=False)
parser.add_argument("--epochs", type=int, default=3)
args = parser.parse_args()

wandb.init(project="commands", config=args, name="baseline", tags=["sweep"])
given = dict(vars(args))
vars(args).update(wandb.config)
assert vars(args) == given  # flags and configuration say the same

wandb.watch(None, log="all")
for epoch in range(args.epochs):
    for batch in range(2):
        wandb.log({"train/loss": args.lr * batch}, commit=False)
    wandb.log({"val/acc": 1 / (1 + abs(args.lr - 0.1)) + 0.01 * epoch + 0.1 * args.augment}, step=epoch)
    last = 1 / (1 + abs(args.lr - 0.1)) + 0.01 * epoch + 0.1 * args.augment
with open("results.jsonl", "a") as file:
    file.write(json.dumps({"config": wandb.config.as_dict(), "metric": last}) + "\n")
wandb.finish()
