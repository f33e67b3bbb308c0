"""Lightning with its own WandbLogger."""

import json

import pytorch_lightning as pl
import torch
import wandb
from pytorch_lightning.loggers import WandbLogger


class Line(pl.LightningModule):
    def __init__(self, lr):
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(1, 1)

    def training_step(self, batch, index):
        x, y = batch
        loss = torch.nn.functional.mse_loss(self.layer(x), y)
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch, index):
        x, y = batch
        self.log("val_loss", torch.nn.functional.mse_loss(self.layer(x), y))

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.hparams.lr)


def train():
    run = wandb.init()
    logger = WandbLogger(project="lines", log_model=False)
    assert logger.experiment is run
    pl.seed_everything(0)
    x = torch.linspace(-1, 1, 32).unsqueeze(1)
    data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, 2 * x), batch_size=8)
    model = Line(wandb.config.lr)
    logger.watch(model)
    trainer = pl.Trainer(
        max_epochs=3,
        logger=logger,
        log_every_n_steps=2,
        num_sanity_val_steps=0,
        accelerator="cpu",
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(model, data, data)
    with open("results.jsonl", "a") as file:
        metric = float(trainer.callback_metrics["val_loss"])
        file.write(json.dumps({"config": {"lr": model.hparams.lr}, "metric": metric}) + "\n")


sweep = {
    "method": "random",
    "metric": {"name": "val_loss", "goal": "minimize"},
    "parameters": {"lr": {"distribution": "log_uniform_values", "min": 1e-3, "max": 1e-1}},
}
wandb.agent(wandb.sweep(sweep, project="lines"), train, count=2)
