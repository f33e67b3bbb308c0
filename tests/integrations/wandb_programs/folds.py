"""Cross-validation: a run for each fold, opened and finished anew, and the mean at the end."""

import json
from functools import partial

import wandb


def fold(number, config):
    run = wandb.init(group="cv", job_type=f"fold-{number}", reinit=True, config={"fold": number})
    assert run.config.fold == number
    config.update(alpha=run.config.alpha, kind=run.config.kind)
    score = run.config.alpha + number / 10 + (0.5 if run.config.kind == "ridge" else 0.0)
    for step in range(3):
        wandb.log({"fold_score": score * (step + 1) / 3})
    if number == 4:
        wandb.run.summary["cv_score"] = (config["total"] + score) / 5
    wandb.finish()
    assert wandb.run is None
    return score


def cross_validate(folds):
    config = {"total": 0.0}
    for number in range(folds):
        config["total"] += fold(number, config)
    result = {"alpha": config["alpha"], "kind": config["kind"]}
    with open("results.jsonl", "a") as file:
        file.write(json.dumps({"config": result, "metric": config["total"] / folds}) + "\n")


if __name__ == "__main__":
    sweep = {
        "method": "bayes",
        "metric": {"name": "cv_score", "goal": "maximize"},
        "parameters": {"alpha": {"min": 0.0, "max": 1.0}, "kind": {"values": ["ridge", "lasso"]}},
    }
    wandb.agent(
        sweep_id=wandb.sweep(sweep=sweep, entity="team", project="cv"), function=partial(cross_validate, 5), count=4
    )
