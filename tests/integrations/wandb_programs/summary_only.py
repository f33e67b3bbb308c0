"""The metric is only ever written into the summary; files and an artifact are saved on the way."""

import json
import os

import wandb


def main():
    wandb.login(key="not-a-key")
    run = wandb.init()
    config = run.config
    rounds = []
    for step in range(config["rounds"]):
        rounds.append(config.depth * 2.0**-step)
        run.log({"train/error": rounds[-1]}, step=step)
    with open("model.txt", "w") as file:
        file.write(str(config.depth))
    assert os.path.isabs(run.dir)
    wandb.save("model.txt")
    artifact = wandb.Artifact(f"model-{run.id}", type="model", metadata=dict(config))
    artifact.add_file("model.txt")
    run.log_artifact(artifact, aliases=["best"])
    run.summary["holdout_error"] = sum(rounds)
    run.summary.update({"rounds": len(rounds), "verdict": "fine"})
    with open("results.jsonl", "a") as file:
        file.write(json.dumps({"config": dict(config), "metric": sum(rounds)}) + "\n")


main()
