"""Worker processes that cannot start or never survive, and workers whose parent is killed."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from hyperopt_core import Float, SearchSpace, State, Sweep
from hyperopt_core.spec import Limits, Objective, SweepSpec
from tests.unit.agents import objectives
from tests.unit.agents.source import PYTHON, ROOT, is_running, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="signals")]

SCRIPT = """
from hyperopt_core import Float, SearchSpace, Sweep
from hyperopt_core.spec import Limits, Objective, SweepSpec
from tests.unit.agents.objectives import until_told

def main():
    spec = SweepSpec(SearchSpace({"x": Float(0, 1)}), Objective("loss"), strategy="random", limits=Limits(trials=1))
    with Sweep.create(spec, "sqlite:///sweeps.db", "s") as sweep:
        sweep.run(until_told, 1, "process")
"""


def start(folder: Path, ending: str) -> subprocess.Popen[str]:
    (folder / "main.py").write_text(SCRIPT + ending)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([PYTHON, "main.py"], cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)


def test_a_trial_that_kills_its_processes_fails_and_the_others_are_run(tmp_path: Path) -> None:
    spec = SweepSpec(SearchSpace({"x": Float(0, 1)}), Objective("loss"), strategy="random", limits=Limits(trials=1))
    with Sweep.create(spec, f"sqlite:///{tmp_path}/sweeps.db", "s") as sweep:
        sweep.run(objectives.dies, 1, "process")
        assert [(t.state, t.reason) for t in sweep.trials] == [(State.FAILED, "3 agents were lost with it")]


def test_a_script_without_a_main_guard_is_told_so(tmp_path: Path) -> None:
    with start(tmp_path, "\nmain()\n") as script:
        _, words = script.communicate(timeout=60)
    assert script.returncode == 1
    assert "WorkerDied" in words
    assert "under `if __name__ == '__main__':`" in words


def test_workers_end_when_the_process_that_started_them_is_killed(tmp_path: Path) -> None:
    with start(tmp_path, "\nif __name__ == '__main__':\n    main()\n") as script:
        pid = int(wait_for(tmp_path / "sweeps-files" / "s" / "00000" / "checkpoint" / "started"))
        assert is_running(pid)
        script.kill()
    end = time.monotonic() + 20
    while is_running(pid) and time.monotonic() < end:
        time.sleep(0.02)
    assert not is_running(pid)
