"""Paused trials in a storage: handed out again by any agent, from a checkpoint or from the first step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hyperopt_core import Decision, Run, State, Sweep
from hyperopt_core.errors import BudgetSpent

CONFIG: dict[str, Any] = {
    "parameters": {"x": {"min": 0.0, "max": 1.0}},
    "metric": "loss",
    "method": "random",
    "seed": 0,
    "max_steps": 9,
}


def train(run: Run) -> None:
    step = int(run.next_step)
    if step > 1:
        assert (run.checkpoint_dir / "step").read_text() == str(step - 1)
    while step <= 9:
        (run.checkpoint_dir / "step").write_text(str(step))
        if run.report(loss=run.params["x"] + 1 / step, step=step) is not Decision.CONTINUE:
            return
        step += 1


@pytest.mark.parametrize("early", [{"type": "hyperband", "min_steps": 1}, "asha", "auto"], ids=str)
@pytest.mark.parametrize("resumable", [True, False], ids=["resumes", "restarts"])
@pytest.mark.parametrize("storage", ["memory://", "sqlite"])
def test_a_sweep_of_several_agents_promotes_and_ends(tmp_path: Path, early: Any, resumable: bool, storage: str) -> None:
    url = f"sqlite:///{tmp_path}/sweeps.db" if storage == "sqlite" else storage
    config = CONFIG | {"early_terminate": early, "resumable": resumable, "run_cap": 30}
    with Sweep.create(config, url, name="s") as sweep:
        best = sweep.run(train, workers=3)
        trials, history = sweep.trials, sweep.history
        assert best is not None
        assert best.state is State.COMPLETED
        assert len(trials) == 30
        assert {t.state for t in trials} <= {State.COMPLETED, State.STOPPED, State.CANCELLED}
        steps = [m.step for t in trials for m in history.curve(t.number)]
        assert len(steps) < 30 * 9 / 1.5
        for trial in trials:  # whatever was trained again counts once
            reported = [m.step for m in history.curve(trial.number)]
            assert reported == sorted(set(reported))


def test_one_who_joins_late_sees_the_same_brackets(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/sweeps.db"
    config = CONFIG | {"early_terminate": {"type": "hyperband", "min_steps": 1}, "resumable": True}
    with Sweep.create(config, url, name="s") as first:
        first.run(train, limit=11)  # nine at the first rung, two of the three that go on
        with Sweep.open("s", url) as second:
            assert second.history.trials == first.history.trials
            trial = second.ask()
            assert (trial.next_step, trial.budget, trial.attempt) == (2, 3, 2)
            assert trial.number == first._optimizer.promotion()[0]  # type: ignore[index]


def test_a_function_that_only_returns_a_value_is_promoted_too() -> None:
    config = CONFIG | {"early_terminate": {"type": "hyperband", "min_steps": 1}, "resumable": True}
    with Sweep.create(config, "memory://", name="s") as sweep:
        best = sweep.run(lambda run: run.params["x"] + 1 / (run.budget or 9), limit=13)
        assert best is not None
        assert (best.budget, best.state) == (9, State.COMPLETED)
        assert [t.state for t in sweep.trials].count(State.PAUSED) == 8


def test_what_a_paused_trial_has_reached_counts_when_the_sweep_ends() -> None:
    config = CONFIG | {"early_terminate": {"type": "hyperband", "min_steps": 1}, "resumable": True, "run_cap": 5}
    with Sweep.create(config, "memory://", name="s") as sweep:
        while True:
            try:
                trial = sweep.ask()
            except BudgetSpent:
                break
            for step in range(int(trial.next_step), 10):
                if sweep.report(trial, step, trial.params["x"]) is not Decision.CONTINUE:
                    break
            sweep.tell(trial)
        states = {t.state for t in sweep.trials}
        assert states <= {State.COMPLETED, State.STOPPED}
        assert State.STOPPED in states
        assert all(t.value == t.params["x"] for t in sweep.trials)
        assert sweep.best is not None
