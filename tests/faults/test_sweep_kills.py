"""Agents are killed -9 at random moments: no acknowledged trial is lost, none is doubled, the budget is met exactly."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from hyperopt_core import State, Sweep

AGENT = """
import os, sys, time
from hyperopt_core import Sweep
from hyperopt_core.errors import SweepEnded

with Sweep.open("kills", sys.argv[1]) as sweep, open(sys.argv[2], "a") as acknowledged:
    while True:
        try:
            trial = sweep.ask()
        except SweepEnded:
            if not sweep.open_count():
                break
            time.sleep(0.05)
            continue
        for step in (1, 2, 3):
            sweep.report(trial, step=step, value=trial.params["x"] + 1 / step)
            time.sleep(0.02)
        sweep.tell(trial, trial.params["x"])
        print(trial.number, repr(trial.params["x"]), file=acknowledged, flush=True)
"""


def start(url: str, log: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", AGENT, url, str(log)])


def wait_until_at_work(agent: subprocess.Popen[bytes], log: Path) -> None:
    """Until it has told one more trial: a process that is still starting has nothing to lose."""
    size, deadline = log.stat().st_size if log.exists() else 0, time.monotonic() + 60
    while not log.exists() or log.stat().st_size == size:
        assert agent.poll() is None, "the agent ended by itself: raise the budget"
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("kills", [4, pytest.param(60, marks=pytest.mark.slow)])
def test_kill_9(tmp_path: Path, kills: int) -> None:
    rng = random.Random(kills)
    url, logs = f"sqlite:///{tmp_path}/sweeps.db", [tmp_path / f"acknowledged-{i}" for i in range(3)]
    budget = 25 * kills
    config = {
        "method": "random",
        "metric": {"name": "value", "goal": "minimize"},
        "parameters": {"x": {"min": 0.0, "max": 1.0}},
        "seed": 1,
        "run_cap": budget,
    }
    with Sweep.create(config, url, "kills") as sweep:
        agents = [start(url, log) for log in logs]
        for done in range(kills):
            victim = done % 3
            wait_until_at_work(agents[victim], logs[victim])
            time.sleep(rng.uniform(0.0, 0.2))
            agents[victim].send_signal(signal.SIGKILL)
            assert agents[victim].wait() == -signal.SIGKILL, "the agent ended by itself"
            agents[victim] = start(url, logs[victim])
        for agent in agents:
            assert agent.wait(timeout=120) == 0
        trials = sweep.trials

    assert [t.number for t in trials] == list(range(budget))
    assert all(t.state is State.COMPLETED for t in trials)
    assert all(t.value == t.params["x"] for t in trials)
    acknowledged = [line.split() for log in logs for line in log.read_text().splitlines()]
    assert max(Counter(number for number, _ in acknowledged).values()) == 1
    assert {(str(t.number), repr(t.value)) for t in trials} >= {(n, x) for n, x in acknowledged}
    assert len(acknowledged) >= budget - kills  # at most the one that a killed agent had just told is unwritten
    assert sum(t.attempt > 1 for t in trials) >= kills / 2, "the kills hit no running trials"
