"""hyperopt_torch on real trainings: stopping, pausing, and several processes."""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import multiprocessing, nn

import hyperopt_torch
from hyperopt_core import ConfigError, Run, State
from hyperopt_torch import epochs
from tests.integrations import torch_digits
from tests.integrations.harness import (
    BAD,
    GOOD,
    HOPELESS,
    HURDLE,
    How,
    config,
    with_function,
    with_optimizer,
    with_program,
)


def test_a_bad_trial_is_stopped_and_a_good_one_runs_to_its_end(tmp_path: Path) -> None:
    settings = config(GOOD, BAD, HOPELESS)
    good, bad, hopeless = results = with_optimizer(settings, torch_digits.train, tmp_path)
    assert (good.state, good.steps) == (State.COMPLETED, [1, 2, 3, 4])
    assert good.curve[-1][1]["val_loss"] < 0.5
    assert (bad.state, bad.steps) == (State.STOPPED, [1, 2])
    assert (hopeless.state, hopeless.steps) == (State.FAILED, [1])
    assert hopeless.reason == "val_loss is nan"
    assert results[:2] == with_function(settings, torch_digits.train, tmp_path)[:2]


@pytest.mark.slow
def test_a_program_gives_the_same(tmp_path: Path) -> None:
    settings = config(BAD, early_terminate=HURDLE)
    program = with_program(settings, ["-m", torch_digits.__name__], tmp_path)
    assert program == with_optimizer(settings, torch_digits.train, tmp_path)


@pytest.mark.parametrize("how", [with_optimizer, with_function])
def test_a_paused_trial_goes_on_as_if_it_had_not_been(
    how: How, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = with_optimizer(config(GOOD), torch_digits.train, tmp_path / "whole")[0]
    monkeypatch.setattr(torch_digits, "seen", [])
    good, bad = how(config(GOOD, BAD, resumable=True), torch_digits.train, tmp_path)
    assert torch_digits.seen == [1, 2, 1, 2, 3, 4]
    assert (bad.state is State.COMPLETED, bad.steps) == (False, [1, 2])
    assert (good.state, good.curve) == (State.COMPLETED, whole.curve)


@pytest.mark.slow
def test_two_processes_end_and_go_on_at_the_same_epoch(tmp_path: Path) -> None:
    ended: list[list[str]] = []

    def train(run: Run) -> None:
        group = tmp_path / f"group-{run.number}-{run.next_step:g}"
        multiprocessing.spawn(torch_digits.train_on_two, (run, str(group)), nprocs=2)
        ended.append([path.read_text() for path in run.directory.glob("rank-*")])

    good, bad = with_function(config(GOOD, BAD, resumable=True), train, tmp_path)
    assert (good.state, good.steps) == (State.COMPLETED, [1, 2, 3, 4])
    assert (bad.state is State.COMPLETED, bad.steps) == (False, [1, 2])
    assert ended == [["2", "2"], ["2", "2"], ["4", "4"]]


@pytest.mark.slow
def test_what_goes_wrong_in_rank_0_is_raised_in_all(tmp_path: Path) -> None:
    program = """
import sys, torch.distributed as dist
from hyperopt_core import Optimizer, Float, Run
from hyperopt_torch import distributed
dist.init_process_group("gloo", init_method=f"file://{sys.argv[1]}", rank=int(sys.argv[2]), world_size=2)
opt = Optimizer({"lr": Float(0, 1)}, metric="val_loss", seed=0)
run = distributed(Run.of(opt, opt.ask())) if dist.get_rank() == 0 else distributed()
print(run.params)
print(run.report(val_loss=0.5, step=1))
opt.ask()
if dist.get_rank() == 0:
    opt.tell(run.number)
run.report(val_loss=0.4, step=2)
"""
    command = [sys.executable, "-c", program, str(tmp_path / "group")]
    ranks = [
        subprocess.Popen([*command, str(rank)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
        for rank in range(2)
    ]
    outputs = [rank.communicate(timeout=120) for rank in ranks]
    assert outputs[0][0] == outputs[1][0]
    assert outputs[0][0].endswith("continue\n")
    assert all("InvalidTrial: trial 0 is completed: only a running trial reports" in err for _, err in outputs)


def parts() -> tuple[nn.Module, torch.optim.Optimizer]:
    torch.manual_seed(1)
    model = nn.Linear(2, 1)
    return model, torch.optim.Adam(model.parameters())


def kept_in(folder: Path, next_step: int = 1) -> Run:
    return Run({}, next_step=next_step, alone=False, _directory=lambda: folder)


def test_by_hand_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert list(epochs(Run({}), 2, *parts())) == [1, 2]
    assert list(tmp_path.iterdir()) == []


def test_the_example_in_the_docstring() -> None:
    assert doctest.testmod(hyperopt_torch).failed == 0


def test_a_crash_costs_what_came_after_the_last_checkpoint(tmp_path: Path) -> None:
    model, optimizer = parts()
    loop = epochs(kept_in(tmp_path), 9, model, optimizer, every=2)
    assert [next(loop), next(loop), next(loop), next(loop)] == [1, 2, 3, 4]  # 4 is not finished
    (tmp_path / "checkpoint" / "state.partial").write_bytes(b"torn")
    assert list(epochs(kept_in(tmp_path, next_step=4), 5, *parts())) == [3, 4, 5]


def test_a_new_trial_takes_nothing_from_an_old_folder(tmp_path: Path) -> None:
    assert list(epochs(kept_in(tmp_path), 2, *parts())) == [1, 2]
    model, optimizer = parts()
    before = [p.clone() for p in model.parameters()]
    assert next(epochs(kept_in(tmp_path), 2, model, optimizer)) == 1
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))


def test_a_checkpoint_of_something_else_is_refused(tmp_path: Path) -> None:
    list(epochs(kept_in(tmp_path), 1, *parts()))
    with pytest.raises(ConfigError, match="holds 2 states, 1 are wanted"):
        next(epochs(kept_in(tmp_path, next_step=2), 2, parts()[0]))
