"""Optuna's studies and W&B's tables as the beginning of a sweep, and a sweep as a study."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.storages.journal import JournalFileBackend

from hyperopt_core import ConfigError, State, Sweep
from hyperopt_core.cli import main
from hyperopt_optuna import read_study, write_study

optuna.logging.set_verbosity(optuna.logging.ERROR)
Call = Callable[..., tuple[int, str, str]]

SWEEP = """
program: train.py
method: bayes
seed: 1
metric: {name: val/loss, goal: minimize}
run_cap: 40
parameters:
  lr: {distribution: log_uniform_values, min: 1e-4, max: 1}
  layers: {min: 1, max: 4}
  optimizer:
    parameters:
      name: {values: [adam, sgd]}
      nesterov: {values: [true, false]}
"""


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command in an empty folder; returns its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HYPEROPT_CORE_STORAGE", raising=False)
    (tmp_path / "sweep.yaml").write_text(SWEEP)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        return (code, *capsys.readouterr())

    return run


def objective(trial: Any) -> float:
    lr = trial.suggest_float("lr", 1e-4, 1.0, log=True)
    layers = trial.suggest_int("layers", 1, 4)
    kind = trial.suggest_categorical("act", ["relu", "tanh", None])
    value = abs(lr - 0.01) + layers / 10 + (kind == "tanh")
    for step in range(3):
        trial.report(value + 1 / (step + 1), step)
    if trial.number == 3:
        raise optuna.TrialPruned
    if trial.number == 5:
        raise ValueError("out of memory")
    trial.set_user_attr("params", 1000.0)
    return float(value)


def study_in(storage: Any) -> Any:
    sampler = optuna.samplers.RandomSampler(seed=0)
    study = optuna.create_study(study_name="digits", storage=storage, sampler=sampler)
    study.optimize(objective, n_trials=8, catch=ValueError)
    return study


@pytest.mark.parametrize("kind", ["database", "journal"])
def test_a_study_becomes_the_beginning_of_a_sweep(kind: str, call: Call, tmp_path: Path) -> None:
    file = tmp_path / "study.file"
    journal = kind == "journal"
    storage = optuna.storages.JournalStorage(JournalFileBackend(str(file))) if journal else f"sqlite:///{file}"
    study = study_in(storage)
    code, out, err = call("import", "study.file")
    assert code == 0, err
    assert f"sweep digits: 8 trials from study.file; the best value is {study.best_value!r}" in out
    with Sweep.open("digits") as sweep:
        for trial, theirs in zip(sweep.trials, study.trials, strict=True):
            assert dict(trial.params) == theirs.params
            assert trial.value == theirs.value or trial.state is State.STOPPED
            curve = {m.step: m.metrics["value"] for m in sweep.history.curve(trial.number)}
            assert curve == theirs.intermediate_values
        states = [str(trial.state) for trial in sweep.trials]
        assert states == ["completed"] * 3 + ["stopped", "completed", "failed"] + ["completed"] * 2
        assert sweep.best is not None
        assert sweep.best.metrics["params"] == 1000.0
        assert sweep.ask().number == 8  # and it goes on
        assert len(sweep.history.X) == 6
    assert call("import", "study.file")[0] == 1  # the name is taken


def test_a_sweep_opens_in_optuna_as_it_was(call: Call, tmp_path: Path) -> None:
    config = {
        "method": "random",
        "seed": 2,
        "metric": {"name": "loss", "goal": "maximize"},
        "parameters": {
            "lr": {"distribution": "log_uniform_values", "min": 1e-4, "max": 1.0},
            "net": {"parameters": {"width": {"min": 1, "max": 9}, "sizes": {"values": [[1, 2], [3]]}}},
            "noise": {"distribution": "normal"},
            "fixed": {"value": 3},
        },
        "run_cap": 5,
    }

    def train(run: Any) -> dict[str, float]:
        if run.number == 2:
            raise RuntimeError("boom")
        run.report(loss=0.1, step=1)
        return {"loss": run.params["lr"], "size": 2.0}

    with Sweep.create(config, "sqlite:///sweeps.db", "mine") as sweep:
        sweep.run(train)
        trials = sweep.trials
    for file in ("study.db", "study.log"):
        code, _, err = call("export", "mine", "--optuna", file)
        assert (code, err) == (0, f"wrote 5 trials to {file} as study mine\n")
        again = read_study(tmp_path / file, metric="loss")
        assert (again.name, again.goal) == ("mine", "maximize")
        for ours, theirs in zip(trials, again.trials, strict=True):
            assert theirs.state is ours.state
            assert theirs.params["lr"] == ours.params["lr"]
            assert theirs.params["net.width"] == ours.params["net"]["width"]
            assert json.loads(theirs.params["net.sizes"]) == ours.params["net"]["sizes"]
            if ours.state is State.COMPLETED:
                assert theirs.metrics == ours.metrics
        assert again.parameters["lr"] == config["parameters"]["lr"]  # type: ignore[index]
        assert call("export", "mine", "--optuna", file)[0] == 1  # it is there already


ROWS = [
    ("finished", 0.01, 2, "adam", True, 0.5),
    ("finished", 0.1, 3, "sgd", False, 0.25),
    ("failed", 0.5, 1, "sgd", True, None),
    ("killed", 0.3, 4, "adam", True, 0.9),
    ("running", 0.2, 4, "adam", True, 0.8),
    ("finished", 0.2, 9, "adam", True, 0.1),  # nine layers are none of the space
    ("finished", 0.2, 2, "adam", True, None),
]


def as_api_rows() -> list[dict[str, Any]]:
    return [
        {
            "name": f"run-{i}",
            "state": state,
            "config": {"lr": lr, "layers": layers, "optimizer": {"name": name, "nesterov": nesterov}, "seed": 1},
            "summary": {"_step": 3, "note": "x"} | ({} if loss is None else {"val/loss": loss}),
        }
        for i, (state, lr, layers, name, nesterov, loss) in enumerate(ROWS)
    ]


def write_runs(form: str, file: Path) -> None:
    import csv

    rows = as_api_rows()
    if form == "json":
        file.write_text(json.dumps(rows))
        return
    if form == "mappings":  # what pandas makes of the API's answer
        table = [{**row, "config": repr(row["config"]), "summary": repr(row["summary"])} for row in rows]
    elif form == "prefixes":
        table = [
            {
                "State": row["state"],
                **{f"config.{k}": v for k, v in row["config"].items() if k != "optimizer"},
                **{f"config.optimizer.{k}": v for k, v in row["config"]["optimizer"].items()},
                **{f"summary.{k}": v for k, v in row["summary"].items()},
            }
            for row in rows
        ]
    else:  # the run table of a project
        table = [
            {
                "Name": row["name"],
                "State": row["state"],
                "lr": row["config"]["lr"],
                "layers": row["config"]["layers"],
                "optimizer.name": row["config"]["optimizer"]["name"],
                "optimizer.nesterov": str(row["config"]["optimizer"]["nesterov"]).lower(),
                "val/loss": row["summary"].get("val/loss", ""),
            }
            for row in rows
        ]
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, list({key: None for row in table for key in row}))
        writer.writeheader()
        writer.writerows(table)


@pytest.mark.parametrize("form", ["json", "mappings", "prefixes", "table"])
def test_runs_of_w_and_b_become_the_beginning_of_a_sweep(form: str, call: Call, tmp_path: Path) -> None:
    file = tmp_path / ("runs.json" if form == "json" else "runs.csv")
    write_runs(form, file)
    code, out, err = call("import", file.name, "--sweep", "sweep.yaml", "--name", "warm")
    assert code == 0, err
    assert "sweep warm: 5 trials from" in out
    assert "left out 1 trial: not a point of the space: layers: 9 is outside [1, 4]" in err
    with Sweep.open("warm") as sweep:
        assert [(str(t.state), t.value) for t in sweep.trials] == [
            ("completed", 0.5),
            ("completed", 0.25),
            ("failed", None),
            ("stopped", 0.9),
            ("failed", None),
        ]
        assert sweep.trials[0].params == {"lr": 0.01, "layers": 2, "optimizer": {"name": "adam", "nesterov": True}}
        assert type(sweep.trials[0].params["optimizer"]["nesterov"]) is bool
        assert sweep.trials[0].origin.reason == f"imported from {file.name}"
        assert sweep.trials[4].reason == "no value of 'val/loss'"
        assert sweep.ask().number == 5


def test_what_cannot_be_imported_is_said(call: Call, tmp_path: Path) -> None:
    assert "there is no file 'nothing.db'" in call("import", "nothing.db")[2]
    (tmp_path / "runs.csv").write_text("lr\n0.1\n")
    assert "--sweep SWEEP.yaml" in call("import", "runs.csv")[2]
    (tmp_path / "runs.json").write_text("[1, 2")
    assert "cannot be read as CSV or JSON" in call("import", "runs.json", "--sweep", "sweep.yaml")[2]
    url = f"sqlite:///{tmp_path}/two.db"
    for name in ("a", "b"):
        optuna.create_study(study_name=name, storage=url)
    assert "say which study with --study; it holds 'a', 'b'" in call("import", "two.db")[2]
    optuna.create_study(study_name="both", storage=url, directions=["minimize", "maximize"])
    with pytest.raises(ConfigError, match="2 objectives"):
        read_study(url, "both")
    with pytest.raises(ConfigError, match="it holds 'a', 'b', 'both', and no study 'c'"):
        read_study(url, "c")


def test_a_study_is_not_written_over(tmp_path: Path) -> None:
    with Sweep.create({"parameters": {"x": {"min": 0.0, "max": 1.0}}}, "memory://", "s") as sweep:
        assert write_study(sweep, tmp_path / "study.log") == 0
        with pytest.raises(ConfigError, match="has a study 's' already"):
            write_study(sweep, tmp_path / "study.log")


def test_what_is_no_study_is_refused_in_words(call: Call, tmp_path: Path) -> None:
    for name, content in (("text.log", b"name: s\nmethod: grid\n"), ("damaged.db", b"SQLite format 3\0" + b"x" * 200)):
        (tmp_path / name).write_bytes(content)
        code, _, said = call("import", name)
        assert code == 1
        assert said.startswith(f"error: {name} cannot be read as a study of Optuna: ")
        assert "DEBUG" not in said
