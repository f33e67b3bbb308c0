"""A logger of the project's own, several calls a step, metrics by epoch, the best one in the summary."""

import json
from argparse import Namespace

import wandb
from wandb.sdk.wandb_run import Run


class Logger:
    def __init__(self, project, config):
        self.run: Run = wandb.init(project=project, config=config, settings=wandb.Settings(start_method="fork"))
        self.run.define_metric("epoch", hidden=True)
        self.run.define_metric("eval/*", step_metric="epoch")
        self.run.define_metric("eval/f1", step_metric="epoch", summary="max")
        self.run.define_metric(name="train/loss", summary="min")

    def scalars(self, group, values, step):
        self.run.log({f"{group}/{name}": value for name, value in values.items()}, step=step)

    def epoch(self, epoch, step):
        self.run.log({"epoch": epoch}, step=step)

    def figure(self, name, step):
        self.run.log(
            {name: wandb.Image([[0, 1], [1, 0]], caption="weights"), "hist": wandb.Histogram([1, 2])}, step=step
        )

    def close(self):
        table = wandb.Table(columns=["id", "ok"], data=[[1, True]])
        table.add_data(2, False)
        self.run.log({"predictions": table, "matrix": wandb.plot.confusion_matrix(y_true=[0], preds=[1])})
        self.run.unheard_of_method(everything=True)
        self.run.finish()


def main():
    logger = Logger("loggers", {"epochs": 4, "warmup": 1})
    args = Namespace(**wandb.config)
    step, scores = 0, []
    for epoch in range(1, args.epochs + 1):
        for _ in range(3):
            step += 1
            logger.scalars("train", {"loss": args.lr / step}, step)
        scores.append(args.lr * epoch * (5 - epoch))
        logger.scalars("eval", {"f1": scores[-1]}, step)
        logger.epoch(epoch, step)
        logger.figure("weights", step)
    logger.close()
    with open("results.jsonl", "a") as file:
        file.write(json.dumps({"config": vars(args), "metric": max(scores), "scores": scores}) + "\n")


wandb.agent(
    wandb.sweep(
        {
            "name": "loggers",
            "method": "random",
            "metric": {"name": "eval/f1", "goal": "maximize"},
            "parameters": {"lr": {"distribution": "uniform", "min": 0, "max": 1.0}},
        },
        project="loggers",
    ),
    main,
    count=3,
)
