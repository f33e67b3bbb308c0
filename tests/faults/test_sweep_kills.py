"""Agents and servers are killed -9 at random moments: no acknowledged trial is lost, none is doubled, the budget is met
exactly."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hyperopt_core import State, Sweep
from hyperopt_core.sweep.allocation import LOST_AGENTS
from hyperopt_core.trial import Trial
from tests.addresses import address
from tests.postgresql import new_server
from tests.servers import serving

AGENT = """
import os, sys, time
from hyperopt_core import Sweep
from hyperopt_core.errors import StorageError, SweepEnded

def patiently(call):
    while True:
        try:
            return call()
        except StorageError:
            time.sleep(0.1)

with patiently(lambda: Sweep.open("kills", sys.argv[1], lease=5)) as sweep, open(sys.argv[2], "a") as acknowledged:
    while True:
        try:
            trial = sweep.ask()
        except StorageError:
            time.sleep(0.05)
            continue
        except SweepEnded:
            if not patiently(sweep.open_count):
                break
            time.sleep(0.05)
            continue
        for step in (1, 2, 3):
            if trial.number % 2:  # of the others nobody hears before their end
                sweep.report(trial, step=step, value=trial.params["x"] + 1 / step)
            time.sleep(0.02)
        sweep.tell(trial, trial.params["x"])
        print(trial.number, repr(trial.params["x"]), file=acknowledged, flush=True)
"""


def start(url: str, log: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", AGENT, url, str(log)])


@contextmanager
def at_work(url: str, logs: list[Path]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """An agent for each log; none is left where a test fails."""
    agents = [start(url, log) for log in logs]
    try:
        yield agents
    finally:
        for agent in agents:
            agent.kill()
            agent.wait()


def wait_until_at_work(agent: subprocess.Popen[bytes], log: Path) -> None:
    """Until it has told one more trial: a process that is still starting has nothing to lose."""
    size, deadline = log.stat().st_size if log.exists() else 0, time.monotonic() + 60
    while not log.exists() or log.stat().st_size == size:
        assert agent.poll() is None, "the agent ended by itself: raise the budget"
        assert time.monotonic() < deadline
        time.sleep(0.005)


CONFIG = {
    "method": "random",
    "metric": {"name": "value", "goal": "minimize"},
    "parameters": {"x": {"min": 0.0, "max": 1.0}},
    "seed": 1,
}


def check(trials: list[Trial], logs: list[Path], budget: int, kills: int) -> None:
    """Every trial is there once, with the result that was acknowledged.

    One that happened to be killed with each of its agents is given up; of many kills, that may befall a trial or two.
    """
    assert [t.number for t in trials] == list(range(budget))
    given_up = [t for t in trials if t.state is State.FAILED]
    assert all(t.reason == f"{LOST_AGENTS} agents were lost with it" for t in given_up)
    assert len(given_up) <= kills // 20
    assert all(t.state is State.COMPLETED and t.value == t.params["x"] for t in trials if t not in given_up)
    acknowledged = [line.split() for log in logs for line in log.read_text().splitlines()]
    assert max(Counter(number for number, _ in acknowledged).values()) == 1
    assert {(str(t.number), repr(t.value)) for t in trials} >= {(n, x) for n, x in acknowledged}
    # At most the one that a killed agent had just told is unwritten.
    assert len(acknowledged) >= budget - kills - len(given_up)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize(
    ("scheme", "kills"),
    [
        ("sqlite", 4),
        ("postgresql", 4),
        ("http", 4),
        pytest.param("sqlite", 60, marks=pytest.mark.slow),
        pytest.param("postgresql", 60, marks=pytest.mark.slow),
        pytest.param("http", 15, marks=pytest.mark.slow),
    ],
)
def test_kill_9_of_agents(tmp_path: Path, scheme: str, kills: int) -> None:
    rng = random.Random(kills)
    logs = [tmp_path / f"acknowledged-{i}" for i in range(3)]
    budget = 25 * kills
    with (
        address(scheme, tmp_path) as url,
        Sweep.create(CONFIG | {"run_cap": budget}, url, "kills") as sweep,
        at_work(url, logs) as agents,
    ):
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
    check(trials, logs, budget, kills)
    # Few kills may all fall between two trials; of many, a good part cannot.
    assert sum(t.attempt > 1 for t in trials) >= kills // 10, "the kills hit no running trials"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.slow
def test_kill_9_of_the_server(tmp_path: Path) -> None:
    rng, kills = random.Random(0), 6
    logs = [tmp_path / f"acknowledged-{i}" for i in range(3)]
    budget = 25 * kills
    with serving(f"sqlite:///{tmp_path}/served.db", tmp_path) as server:
        url = server.with_token()
        with Sweep.create(CONFIG | {"run_cap": budget}, url, "kills") as sweep, at_work(url, logs) as agents:
            for done in range(kills):
                wait_until_at_work(agents[done % 3], logs[done % 3])
                time.sleep(rng.uniform(0.0, 0.2))
                assert server.kill() == -signal.SIGKILL
                server.start()
            for agent in agents:
                assert agent.wait(timeout=120) == 0
            check(sweep.trials, logs, budget, 0)


@pytest.mark.slow
def test_crashes_of_postgresql(tmp_path: Path) -> None:
    rng, crashes = random.Random(0), 6
    logs = [tmp_path / f"acknowledged-{i}" for i in range(3)]
    budget = 30 * crashes
    server = new_server()
    try:
        url = server.url
        with Sweep.create(CONFIG | {"run_cap": budget}, url, "kills") as sweep, at_work(url, logs) as agents:
            for done in range(crashes):
                wait_until_at_work(agents[done % 3], logs[done % 3])
                time.sleep(rng.uniform(0.0, 0.2))
                server.restart()
            for agent in agents:
                assert agent.wait(timeout=120) == 0
            check(sweep.trials, logs, budget, 0)
    finally:
        server.remove()
