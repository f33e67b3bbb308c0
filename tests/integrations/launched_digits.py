"""A program of two processes, which torchrun or Lightning's own ``ddp`` starts: each notes when it ended."""

from __future__ import annotations

import gc
import sys

import torch
import torch.distributed as dist
from torch import nn

from hyperopt_core import Run, current_run
from tests.integrations.harness import LAST


def by_torchrun() -> None:
    from hyperopt_torch import distributed

    dist.init_process_group("gloo")
    _train(distributed())
    gc.collect()  # the model goes before the group: what still holds it at the interpreter's end can abort the process
    dist.barrier()
    dist.destroy_process_group()


def by_lightning() -> None:
    from tests.integrations import lightning_digits

    lightning_digits.train(current_run(), devices=2, strategy="ddp")


def _train(run: Run) -> None:
    from hyperopt_torch import epochs
    from tests.integrations.torch_digits import data, step, validate

    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = nn.parallel.DistributedDataParallel(nn.Linear(64, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=run.params["lr"])
    images, digits = data()
    rank, trained = dist.get_rank(), 0
    for epoch in epochs(run, LAST, model, optimizer):
        step(model, optimizer, images[rank:1200:2], digits[rank:1200:2])
        run.report(val_loss=validate(model, images, digits), step=epoch)
        trained = epoch
    (run.directory / f"rank-{rank}").write_text(f"epoch {trained} of {dist.get_world_size()}")


if __name__ == "__main__":
    {"torchrun": by_torchrun, "lightning": by_lightning}[sys.argv[1]]()
