"""A training in PyTorch: a function of a run, on one process or two, and a program."""

from __future__ import annotations

import gc

import torch
import torch.distributed as dist
from sklearn.datasets import load_digits
from torch import nn

from hyperopt_core import Run, current_run
from hyperopt_torch import distributed, epochs
from tests.integrations.harness import LAST

#: Epochs after which a training stops by itself, in the order of its trainings; a test sets it.
seen: list[int] = []


def train(run: Run) -> None:
    """Dropout and shuffling draw random numbers, momentum has a state: a checkpoint that lacks one of them shows."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=run.params["lr"], momentum=0.9)
    images, digits = data()
    for epoch in epochs(run, LAST, model, optimizer):
        seen.append(epoch)
        model.train()
        for batch in torch.randperm(1200).split(100):
            step(model, optimizer, images[batch], digits[batch])
        run.report(val_loss=validate(model, images, digits), step=epoch)


def train_on_two(rank: int, run: Run, file: str) -> None:
    """One of two processes.

    The model goes before the process group does: threads of a group that something still holds at the interpreter's end
    can abort the process.
    """
    dist.init_process_group("gloo", init_method=f"file://{file}", rank=rank, world_size=2)
    _train_in_group(rank, run)
    gc.collect()
    dist.barrier()
    dist.destroy_process_group()


def _train_in_group(rank: int, run: Run) -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    run = distributed(run if rank == 0 else None)
    model = nn.parallel.DistributedDataParallel(nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)))
    optimizer = torch.optim.SGD(model.parameters(), lr=run.params["lr"], momentum=0.9)
    images, digits = data()
    trained = 0
    for epoch in epochs(run, LAST, model, optimizer):
        for batch in torch.arange(1200).split(100):
            step(model, optimizer, images[batch[rank::2]], digits[batch[rank::2]])
        run.report(val_loss=validate(model, images, digits), step=epoch)
        trained = epoch
    (run.directory / f"rank-{rank}-ended-after").write_text(str(trained))


def data() -> tuple[torch.Tensor, torch.Tensor]:
    """Images (n, 64) in [0, 1] and their digits (n,)."""
    images, digits = load_digits(return_X_y=True)
    return torch.tensor(images / 16, dtype=torch.float32), torch.tensor(digits)


def step(model: nn.Module, optimizer: torch.optim.Optimizer, images: torch.Tensor, digits: torch.Tensor) -> None:
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(images), digits).backward()
    optimizer.step()


def validate(model: nn.Module, images: torch.Tensor, digits: torch.Tensor) -> float:
    model.eval()
    with torch.no_grad():
        return float(nn.functional.cross_entropy(model(images[1200:]), digits[1200:]))


if __name__ == "__main__":
    train(current_run())
