"""The examples of the frameworks: a trial of each sweep, trained by its program to the first rung."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integrations.harness import ROOT


@pytest.mark.slow
@pytest.mark.parametrize("framework", ["pytorch", "lightning", "keras"])
def test_a_trial_of(framework: str, tmp_path: Path) -> None:
    folder = tmp_path / "example"
    shutil.copytree(ROOT / "examples" / f"digits_{framework}", folder)

    def command(*arguments: str) -> str:
        argv = [sys.executable, "-m", "hyperopt_core.cli", *arguments]
        environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        done = subprocess.run(argv, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    command("create", "sweep.yaml", "--name", "digits")
    command("agent", "digits", "--limit", "1")
    (trial,) = json.loads(command("trials", "digits", "--json"))
    assert trial["state"] == "paused"
    assert trial["val_loss"] < 2.3  # what guessing gives
    assert list((folder / "sweeps-files" / "digits" / "00000" / "checkpoint").iterdir())
