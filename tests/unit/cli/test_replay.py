"""``hyperopt-core replay`` on a finished sweep."""

from __future__ import annotations

from hyperopt_core import Run, Sweep
from tests.unit.cli.conftest import STORAGE, Call

CONFIG = {
    "method": "random",
    "metric": {"name": "loss", "goal": "minimize"},
    "parameters": {"lr": {"min": 0.0, "max": 1.0}},
    "run_cap": 9,
    "max_steps": 9,
    "resumable": True,
    "seed": 0,
}


def train(run: Run) -> None:
    for epoch in run.epochs(9):
        run.report(loss=run.params["lr"] + 1 / epoch, step=epoch)


def test_a_table_of_what_would_have_been_saved(call: Call) -> None:
    with Sweep.create(CONFIG, STORAGE, "done") as sweep:
        best = sweep.run(train)
    assert best is not None
    answer = call("replay", "done", "--scheduler", "asha", "--scheduler", "{type: asha, eta: 2}")
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert lines[0] == f"9 trials with curves, 81 steps, best loss {best.value:.4g}"
    assert lines[2].split("  ")[0] == "scheduler"
    assert lines[3].split() == ["asha", "21", "74%", "8", "kept", "0", "0"]
    assert lines[4].startswith("asha(eta=2)")
    assert lines[6].startswith("regret: ")
    everything = call("replay", "done", "--json").json
    assert {one["scheduler"] for one in everything} >= {"auto", "asha", "hyperband", "median"}
    assert everything[1]["saved"] == 1 - 21 / 81

    assert "did you mean 'asha'" in call("replay", "done", "--scheduler", "asah").err
    assert "--scheduler '{a'" in call("replay", "done", "--scheduler", "{a").err
    assert "no trial reported 'acc'" in call("replay", "done", "--metric", "acc").err


def test_trials_that_were_cut_are_said(call: Call) -> None:
    with Sweep.create(CONFIG | {"early_terminate": {"type": "asha"}}, STORAGE, "cut") as sweep:
        sweep.run(train)
    answer = call("replay", "cut", "--scheduler", "never")
    assert answer.out.splitlines()[-2].startswith("beyond: trials that the sweep itself ended")


def test_a_sweep_without_curves(call: Call, digits: str) -> None:
    with Sweep.create(CONFIG, STORAGE, "no-curves") as sweep:
        sweep.run(lambda run: run.params["lr"])
    answer = call("replay", "no-curves")
    assert answer.code == 1
    assert "no trial that has ended reported loss at more than one step" in answer.err
