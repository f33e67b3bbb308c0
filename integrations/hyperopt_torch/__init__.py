"""PyTorch: a training loop that ends with its trial, goes on from a checkpoint, and runs on several processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

from hyperopt_core import ConfigError, Decision, Run, Trial, current_run
from hyperopt_core.errors import MissingExtra

try:
    import torch
    import torch.distributed as dist
except ModuleNotFoundError as missing:
    if missing.name != "torch":
        raise
    raise MissingExtra("torch", "torch", "hyperopt_torch") from None

__all__ = ["Stateful", "distributed", "epochs"]

T = TypeVar("T")


class Stateful(Protocol):
    """What a checkpoint can hold: a model, an optimizer, a learning rate schedule, a gradient scaler."""

    def state_dict(self) -> dict[str, Any]:
        """Its state."""

    def load_state_dict(self, state_dict: dict[str, Any], /) -> Any:
        """Take over a state."""


def epochs(run: Run, last: int, *state: Stateful, every: int = 1) -> Iterator[int]:
    """`run.epochs(last)` with a checkpoint: a trial that was paused or interrupted goes on where it was.

    state: model, optimizer and whatever else changes during training, in the same order each time; torch's random
    numbers are kept too, where one process trains. every: epochs from one checkpoint to the next; a pause makes one
    whatever its epoch; a run alone, by hand, makes none. Let the loop end by itself: after a `break` its last epoch is
    not kept. Without a checkpoint a trial begins from scratch. Raises `ConfigError` for a checkpoint of something else.

    >>> model = torch.nn.Linear(2, 1)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> list(epochs(Run({}), 3, model, optimizer))
    [1, 2, 3]
    """
    if run.alone:
        yield from run.epochs(last)
        return
    path = run.checkpoint_dir / "state.pt"
    done = _load(path, state) if run.next_step > 1 and path.exists() else 0
    for epoch in range(done + 1, last + 1):
        if run.should_stop:
            return
        yield epoch
        if run.decision is Decision.PAUSE or (run.decision is Decision.CONTINUE and epoch % every == 0):
            _save(path, epoch, state)


def distributed(run: Run | None = None) -> Run:
    """The run of a trial that several processes train: rank 0 reports, and all get the same answer.

    Call it in each of them once the process group is initialised (with NCCL, once the device is set), and report in
    each of them at the same steps: the values of rank 0 count. run: that of rank 0, others are not looked at; default
    `current_run()`. Whether somebody wants the trial to end is seen when it reports. What goes wrong in rank 0 is
    raised in all.
    """
    if not _in_group():
        return current_run() if run is None else run

    def described() -> tuple[Trial, Path | None]:
        own = current_run() if run is None else run
        trial = Trial(own.number, dict(own.params), budget=own.budget, next_step=own.next_step)
        return trial, None if own.alone else own.directory.absolute()

    trial, directory = _from_rank_0(described)
    return Run(trial.params) if directory is None else Run.of(_Ranks(run), trial, directory)


class _Ranks:
    """Reports of all ranks of a process group, as one."""

    def __init__(self, run: Run | None) -> None:
        self._run = run

    def report(
        self,
        trial: Trial,
        step: float | None = None,
        value: float | None = None,
        metrics: Mapping[str, float] | None = None,
    ) -> Decision:
        def reported() -> Decision:
            own = current_run() if self._run is None else self._run
            assert step is not None  # a run counts them itself
            return own.record(step, value, metrics or {})

        return _from_rank_0(reported)


def _from_rank_0(act: Callable[[], T]) -> T:
    """What `act` gives in rank 0; what it raises there is raised in all, so that none waits for ever."""
    box: list[Any] = [None]
    if dist.get_rank() == 0:
        try:
            box[0] = act()
        except (Exception, SystemExit) as error:
            box[0] = error
    dist.broadcast_object_list(box, src=0)
    if isinstance(box[0], BaseException):
        raise box[0]
    return box[0]


def _in_group() -> bool:
    return dist.is_available() and dist.is_initialized()


def _save(path: Path, epoch: int, state: tuple[Stateful, ...]) -> None:
    """Write a checkpoint; a crash meanwhile leaves the one before."""
    held: dict[str, Any] = {"epoch": epoch, "state": [part.state_dict() for part in state]}
    if not _in_group():
        held["random"] = [torch.get_rng_state(), torch.cuda.get_rng_state_all()]
    elif dist.get_rank() != 0:
        return
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        torch.save(held, file)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _load(path: Path, state: tuple[Stateful, ...]) -> int:
    """Take over a checkpoint; returns its epoch."""
    held = torch.load(path, map_location="cpu", weights_only=True)
    if len(held["state"]) != len(state):
        raise ConfigError(f"{path} holds {len(held['state'])} states, {len(state)} are wanted: pass the same as before")
    for part, kept in zip(state, held["state"], strict=True):
        part.load_state_dict(kept)
    if "random" in held and not _in_group():
        cpu, cuda = held["random"]
        torch.set_rng_state(cpu)
        if len(cuda) == torch.cuda.device_count():
            torch.cuda.set_rng_state_all(cuda)
    return int(held["epoch"])
