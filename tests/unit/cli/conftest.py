"""The command line in this process, in a folder with a sweep that has run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hyperopt_core import Sweep
from hyperopt_core.cli import main

STORAGE = "sqlite:///sweeps.db"
SWEEP = """
program: train.py
method: random
seed: 1
metric: {name: loss, goal: minimize}
run_cap: 6
parameters:
  lr: {distribution: log_uniform_values, min: 0.0001, max: 1}
  act: {values: [relu, tanh]}
  epochs: {value: 3}
"""


class Answer(NamedTuple):
    """What a command printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Call = Callable[..., Answer]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command line in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HYPEROPT_CORE_STORAGE", raising=False)
    (tmp_path / "sweep.yaml").write_text(SWEEP)

    def run(*arguments: str) -> Answer:
        code = main(arguments)
        return Answer(code, *capsys.readouterr())

    return run


@pytest.fixture
def digits(call: Call) -> str:
    """The name of a sweep with four trials: completed, stopped, failed and running."""
    with Sweep.create("sweep.yaml", STORAGE, "digits") as sweep:
        trials = [sweep.ask() for _ in range(4)]
        for trial, loss in zip(trials[:2], (0.5, 0.75), strict=True):
            for step in (1, 2, 3):
                sweep.report(trial, step=step, value=loss)
        sweep.tell(trials[0])
        sweep.tell(trials[1])
        sweep.tell(trials[2], error=RuntimeError("no [bold]memory\x1b[2J"))
    return "digits"
