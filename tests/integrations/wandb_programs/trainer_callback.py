"""A trainer with callbacks, one of which brings everything to W&B, as Hugging Face's does."""

import json
from types import SimpleNamespace

import wandb


def renamed(logs):
    return {f"eval/{k[5:]}" if k.startswith("eval_") else f"train/{k}": v for k, v in logs.items()}


class ReportCallback:
    def setup(self, args, state):
        if wandb.run is None:
            wandb.init(project="trainer", name=args.run_name, group="trials")
        run = wandb.run
        run._label(code="transformers_trainer")
        wandb.config.update(vars(args), allow_val_change=True)
        wandb.config["model/num_parameters"] = 1234
        run.define_metric("train/global_step")
        run.define_metric("*", step_metric="train/global_step", step_sync=True)
        wandb.watch(None, log="gradients", log_freq=100)

    def on_log(self, state, logs):
        if not state.is_world_process_zero:
            return
        once = {k: v for k, v in logs.items() if k == "train_runtime"}
        for key, value in once.items():
            wandb.run.summary[key] = value
        wandb.log({**renamed({k: v for k, v in logs.items() if k not in once}), "train/global_step": state.global_step})

    def on_train_end(self):
        artifact = wandb.Artifact(name=f"model-{wandb.run.id}", type="model", metadata=dict(wandb.summary))
        with artifact.new_file("config.json", mode="w+") as file:
            file.write("{}")
        wandb.run.log_artifact(artifact, aliases=["last"])


class Trainer:
    def __init__(self, args):
        self.args, self.callback = args, ReportCallback()
        self.state = SimpleNamespace(global_step=0, is_world_process_zero=True)

    def train(self):
        self.callback.setup(self.args, self.state)
        for epoch in range(self.args.num_train_epochs):
            for _ in range(4):
                self.state.global_step += 1
            self.callback.on_log(self.state, {"loss": self.args.learning_rate * 10, "epoch": epoch + 1.0})
            loss = self.args.learning_rate + self.args.weight_decay / (epoch + 1)
            self.callback.on_log(self.state, {"eval_loss": loss, "eval_accuracy": 1 - loss, "epoch": epoch + 1.0})
        self.callback.on_log(self.state, {"train_runtime": 1.5})
        self.callback.on_train_end()
        return loss


def objective():
    run = wandb.init()
    assignments = vars(run.config)["_items"]
    args = SimpleNamespace(run_name=None, learning_rate=5e-5, weight_decay=0.0, num_train_epochs=3)
    for key, value in assignments.items():
        assert hasattr(args, key)
        setattr(args, key, type(getattr(args, key))(value))
    used = {key: getattr(args, key) for key in assignments}
    run.config.update({"assignments": {}, "metric": "eval/loss"})
    wandb.finish()
    metric = Trainer(args).train()
    with open("results.jsonl", "a") as file:
        file.write(json.dumps({"config": used, "metric": metric}) + "\n")


wandb.env.set_project("trainer")
space = {
    "method": "random",
    "metric": {"name": "eval/loss", "goal": "minimize"},
    "parameters": {
        "learning_rate": {"distribution": "uniform", "min": 1e-6, "max": 1e-4},
        "weight_decay": {"values": [0.0, 0.01]},
    },
}
wandb.agent(wandb.sweep(space), function=objective, count=3)
