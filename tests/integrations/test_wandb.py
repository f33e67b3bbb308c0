"""Training programs written for W&B, unchanged under `--wandb`: what the sweep holds is what they used and did.

Each program notes its configuration and its result in results.jsonl, as it would anywhere.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hyperopt_core import State, Sweep, Trial
from hyperopt_core.history import History
from tests.integrations.harness import ROOT

PROGRAMS = Path(__file__).with_name("wandb_programs")


@dataclass(frozen=True)
class Ran:
    """A program's sweep, and what the program noted of each trial."""

    trials: list[Trial]
    noted: list[dict[str, Any]]
    history: History
    folder: Path
    said: str

    def metric(self, name: str, number: int) -> list[tuple[float, float]]:
        """(step, value) of all reports of a metric."""
        return [(m.step, m.metrics[name]) for m in self.history.curve(number) if name in m.metrics]


def command_line(folder: Path, *arguments: str, code: int = 0) -> str:
    """What a command says on stderr."""
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "integrations")]),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "KERAS_BACKEND": "torch",
    }
    argv = [sys.executable, "-m", "hyperopt_core.cli", *arguments]
    done = subprocess.run(argv, cwd=folder, env=environment, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stderr


def run(program: str, folder: Path, *arguments: str, name: str | None = None) -> Ran:
    """Run a program to its end: by its sweep file if it has one, else with its own sweep and agent."""
    shutil.copy(PROGRAMS / f"{program}.py", folder)
    if (PROGRAMS / f"{program}.yaml").exists():
        shutil.copy(PROGRAMS / f"{program}.yaml", folder)
        said = command_line(folder, "run", f"{program}.yaml", "--wandb", *arguments)
    else:
        said = command_line(folder, "exec", "--wandb", *arguments, "--", sys.executable, f"{program}.py")
    return ran(name or program, folder, said)


def ran(name: str, folder: Path, said: str = "") -> Ran:
    """What is there of a sweep."""
    noted = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    with Sweep.open(name, f"sqlite:///{folder}/sweeps.db") as sweep:
        return Ran(sweep.trials, noted, sweep.history, folder, said)


def same(params: Mapping[str, Any], used: Mapping[str, Any]) -> bool:
    """Whether what a program used holds all swept values, in their types."""
    for key, value in params.items():
        found = used.get(key)
        if isinstance(value, Mapping):
            if not isinstance(found, Mapping) or not same(value, found):
                return False
        elif (type(found), found) != (type(value), value):
            return False
    return True


SLOW = pytest.mark.slow
CASES = [
    pytest.param("command_agent", "command_agent", 4),
    pytest.param("nested_config", "nested_config", 3, marks=SLOW),
    pytest.param("logger_class", "loggers", 3),
    pytest.param("folds", "folds", 4, marks=SLOW),
    pytest.param("summary_only", "summary_only", 3),
    pytest.param("trainer_callback", "trainer_callback", 3, marks=SLOW),
    pytest.param("lightning_logger", "lightning_logger", 2, marks=SLOW),
    pytest.param("keras_logger", "keras_logger", 2, marks=SLOW),
]


@pytest.mark.parametrize(("program", "name", "count"), CASES)
def test_the_sweep_holds_what_the_program_used(program: str, name: str, count: int, tmp_path: Path) -> None:
    result = run(program, tmp_path, name=name)
    assert [trial.state for trial in result.trials] == [State.COMPLETED] * count
    assert len(result.noted) == count
    for trial, noted in zip(result.trials, result.noted, strict=True):
        assert same(trial.params, noted["config"]), (trial.params, noted["config"])
        assert trial.value == pytest.approx(noted["metric"], rel=1e-6)


def test_a_sweep_without_a_metric_runs_to_its_end(tmp_path: Path) -> None:
    shutil.copy(PROGRAMS / "summary_only.py", tmp_path)
    sweep = (PROGRAMS / "summary_only.yaml").read_text().replace("metric: {name: holdout_error, goal: minimize}\n", "")
    (tmp_path / "sweep.yaml").write_text(sweep)
    command_line(tmp_path, "run", "sweep.yaml", "--wandb", "--name", "s")
    result = ran("s", tmp_path)
    assert [(trial.state, trial.value) for trial in result.trials] == [(State.COMPLETED, None)] * 3
    for trial, noted in zip(result.trials, result.noted, strict=True):
        assert same(trial.params, noted["config"])
        assert trial.metrics["holdout_error"] == pytest.approx(noted["metric"])


def test_a_function_agent_without_a_metric(tmp_path: Path) -> None:
    (tmp_path / "agent.py").write_text(
        """
import wandb
config = {"name": "s", "method": "random", "parameters": {"lr": {"min": 0.0, "max": 1.0}}}
def train():
    with wandb.init() as run:
        run.log({"acc": run.config.lr / 2})
wandb.agent(wandb.sweep(config, project="p"), function=train, count=2)
"""
    )
    said = command_line(tmp_path, "exec", "--wandb", "--", sys.executable, "agent.py")
    assert "sweep s: no trial is the best, as the sweep names no metric" in said
    with Sweep.open("s", f"sqlite:///{tmp_path}/sweeps.db") as sweep:
        assert [trial.state for trial in sweep.trials] == [State.COMPLETED] * 2
        assert all(trial.metrics == {"acc": trial.params["lr"] / 2} for trial in sweep.trials)


def test_a_function_agent_stops_fails_and_goes_on(tmp_path: Path) -> None:
    result = run("function_agent", tmp_path)
    assert len(result.trials) == len(result.noted) == 12
    for trial, noted in zip(result.trials, result.noted, strict=True):
        assert str(trial.number) == noted["number"]
        assert same(trial.params, noted["config"])
        losses = [value for _, value in result.metric("val_loss", trial.number)]
        assert losses == noted["losses"]
        if trial.params["optimizer"] == "broken":
            assert (trial.state, trial.reason) == (State.FAILED, "RuntimeError: loss exploded")
        elif len(losses) < 6:
            assert trial.state is State.STOPPED
        else:
            assert trial.state is State.COMPLETED
    states = [trial.state for trial in result.trials]
    assert states.count(State.FAILED) == 4
    assert states.count(State.STOPPED) >= 2
    assert "could not log" not in result.said  # a stop is no exception that loops swallow


@SLOW
def test_a_command_that_fails_is_a_failed_trial(tmp_path: Path) -> None:
    result = run("hydra_flags", tmp_path)
    assert len(result.trials) == len(result.noted) == 4
    for trial, noted in zip(result.trials, result.noted, strict=True):
        assert same(trial.params, noted["config"])
        failed = trial.params["data.name"] == "svhn"
        assert trial.state is (State.FAILED if failed else State.COMPLETED)
        assert trial.metrics["val/loss"] == noted["metric"]
        assert result.metric("val/loss", trial.number) == [(0, noted["metric"] * 2), (1, noted["metric"])]


def test_steps_summaries_and_files_are_w_and_b_s(tmp_path: Path) -> None:
    result = run("logger_class", tmp_path, name="loggers")
    for trial, noted in zip(result.trials, result.noted, strict=True):
        # Logged at steps 3, 6, ..., measured by epoch; the value is the best one, not the last.
        assert result.metric("eval/f1", trial.number) == list(enumerate(noted["scores"], 1))
        assert trial.value == max(noted["scores"]) > noted["scores"][-1]
        assert trial.metrics["train/loss"] == trial.params["lr"] / 12
        files = result.folder / "sweeps-files" / "loggers" / f"{trial.number:05d}" / "wandb"
        assert json.loads((files / "config.json").read_text()) == {"epochs": 4, "warmup": 1, **trial.params}
    assert result.said.count("unheard_of_method") == 1


@SLOW
def test_files_and_artifacts_are_kept_with_the_trial(tmp_path: Path) -> None:
    result = run("summary_only", tmp_path)
    for trial in result.trials:
        files = tmp_path / "sweeps-files" / "summary_only" / f"{trial.number:05d}" / "wandb"
        assert (files / "model.txt").read_text() == str(trial.params["depth"])
        assert list((files / "artifacts").glob("*/model.txt"))
        assert "verdict" in json.loads((files / "summary.json").read_text())


@SLOW
def test_a_named_sweep_goes_on(tmp_path: Path) -> None:
    first = run("folds", tmp_path, "--name", "cv", name="cv")
    again = run("folds", tmp_path, "--name", "cv", name="cv")
    assert len(first.trials) == len(again.trials) == 4
    assert "sweep cv has had its 4 trials" in again.said
    program = (tmp_path / "folds.py").read_text().replace("count=4", "count=6")
    (tmp_path / "folds.py").write_text(program)
    command_line(tmp_path, "exec", "--wandb", "--name", "cv", "--", sys.executable, "folds.py")
    assert len(ran("cv", tmp_path).trials) == 6
    (tmp_path / "folds.py").write_text(program.replace('"max": 1.0', '"max": 2.0'))
    said = command_line(tmp_path, "exec", "--wandb", "--name", "cv", "--", sys.executable, "folds.py", code=1)
    assert "sweep 'cv' has another parameters.alpha.max" in said


@SLOW
def test_without_a_name_every_call_is_a_new_sweep(tmp_path: Path) -> None:
    run("folds", tmp_path)
    second = run("folds", tmp_path, name="folds-2")
    assert len(second.trials) == 4


def test_exec_says_what_it_is_for(tmp_path: Path) -> None:
    assert "--wandb" in command_line(tmp_path, "exec", "--", "python", "x.py", code=1)
    assert "cannot start 'nowhere'" in command_line(tmp_path, "exec", "--wandb", "--", "nowhere", code=1)
