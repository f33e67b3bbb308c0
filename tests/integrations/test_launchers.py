"""Programs whose processes a launcher starts: all of them are one trial, and end at the same epoch."""

from __future__ import annotations

from pathlib import Path

import pytest

from hyperopt_core import State
from tests.integrations import launched_digits
from tests.integrations.harness import BAD, HURDLE, config, with_program

TORCHRUN = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]


@pytest.mark.slow
@pytest.mark.parametrize(("launcher", "how"), [(TORCHRUN, "torchrun"), ([], "lightning")], ids=["torchrun", "ddp"])
def test_all_processes_of_a_program_end_at_the_same_epoch(launcher: list[str], how: str, tmp_path: Path) -> None:
    arguments = [*launcher, "-m", launched_digits.__name__, how]
    (trial,) = with_program(config(BAD, early_terminate=HURDLE), arguments, tmp_path)
    assert (trial.state, trial.steps) == (State.STOPPED, [1, 2])
    assert [path.read_text() for path in tmp_path.glob("sweeps-files/*/00000/rank-*")] == ["epoch 2 of 2"] * 2
