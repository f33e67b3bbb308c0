"""Storages that fail, hang, or cannot be reached for a while: no training waits for them, nothing is lost."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hyperopt_core import Run, State, Sweep
from hyperopt_core.errors import StorageError
from hyperopt_core.storage import Storage
from hyperopt_core.storage.memory import MemoryStorage
from hyperopt_core.sweep.leases import LeaseKeeper
from tests.addresses import address
from tests.contracts.storages import ME
from tests.faults.invariants import check
from tests.postgresql import new_server, shared_server
from tests.proxy import Proxy, proxy
from tests.servers import serving

CONFIG = {
    "method": "random",
    "metric": {"name": "value", "goal": "minimize"},
    "parameters": {"x": {"min": 0.0, "max": 1.0}},
    "early_terminate": {"type": "median"},
    "seed": 1,
}
LONGEST_REPORT = 4.0  # 2 s, on a machine that is busy


class Timed:
    """A training that reports, and how long the longest of its reports took."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self.longest, self.reports = seconds, 0.0, 0

    def __call__(self, run: Run) -> float:
        end = time.monotonic() + self._seconds
        while time.monotonic() < end and not run.should_stop:
            before = time.monotonic()
            run.report(run.params["x"])
            self.longest = max(self.longest, time.monotonic() - before)
            self.reports += 1
            time.sleep(0.02)
        return float(run.params["x"])


def run_through(url: str, fault: Callable[[], None], budget: int, seconds: float) -> Timed:
    """Two agents run a sweep; the fault comes in the middle of it."""
    objective = Timed(seconds)
    with Sweep.create(CONFIG | {"run_cap": budget}, url) as sweep:
        runner = threading.Thread(target=sweep.run, args=(objective, 2), daemon=True)
        runner.start()
        while objective.reports < 10:
            time.sleep(0.02)
        fault()
        runner.join(timeout=120)
        assert not runner.is_alive()
        name = sweep.name
    with Sweep.open(name, url) as again:
        check(again, budget)
        assert all(t.attempt == 1 for t in again.trials)
    return objective


class Failing:
    """A storage whose n-th call fails: before it did anything, or after."""

    def __init__(self, storage: Storage, n: int, *, after: bool) -> None:
        self._storage, self._left, self._after = storage, n, after
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._storage, name)
        if not callable(method):
            return method

        def call(*args: Any, **named: Any) -> Any:
            with self._lock:
                self._left -= 1
                fails = self._left == 0
            if fails and not self._after:
                raise StorageError("the database is away")
            done = method(*args, **named)
            if fails:
                raise StorageError("the answer was lost")
            return done

        return call

    @property
    def spared(self) -> bool:
        return self._left > 0


def train(run: Run) -> float:
    run.report(run.params["x"] + 1)
    run.report(run.params["x"])
    return float(run.params["x"])


def train_in_silence(run: Run) -> float:
    return float(run.params["x"])


@pytest.mark.parametrize(("blind", "objective"), [(False, train), (True, train_in_silence)], ids=["learns", "blind"])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("stride", [3, pytest.param(1, marks=pytest.mark.slow)])
def test_the_nth_call_fails_for_every_n(
    stride: int,
    after: bool,
    blind: bool,
    objective: Callable[[Run], float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hyperopt_core.agents.loop._POLL", 0.01)
    monkeypatch.setattr("hyperopt_core.sweep.delivery._FIRST_PAUSE", 0.01)
    n, spared = 1 - stride, False
    config = {key: value for key, value in CONFIG.items() if not (blind and key == "early_terminate")}
    while not spared:
        n += stride
        storage = MemoryStorage()
        Sweep.create(config | {"run_cap": 5}, storage, "s").close()
        failing = Failing(storage, n, after=after)
        try:
            # A claim whose answer was lost is nobody's until its lease runs out.
            with Sweep.open("s", failing, lease=0.2) as sweep:
                assert sweep._allocator.blind is blind
                sweep.run(objective)
        except StorageError:
            assert n <= 3, "only opening may fail"
        spared = failing.spared
        with Sweep.open("s", storage, lease=0.2) as again:
            again.run(objective)
            check(again, 5)
            assert {t.state for t in again.trials} <= {State.COMPLETED, State.STOPPED}
    assert n > 25


@pytest.mark.parametrize("seconds", [3.0, pytest.param(30.0, marks=pytest.mark.slow)])
def test_postgresql_hangs(seconds: float) -> None:
    server = new_server(sync=False)

    def hang() -> None:
        server.signal(signal.SIGSTOP)
        time.sleep(seconds)
        server.signal(signal.SIGCONT)

    try:
        objective = run_through(server.url, hang, 4, seconds / 2)
    finally:
        server.remove()
    assert objective.longest < LONGEST_REPORT


@contextmanager
def over_a_link(scheme: str, folder: Path) -> Iterator[tuple[str, Proxy]]:
    if scheme == "postgresql":
        url = shared_server().schema_url()
        port = shared_server().port
        with proxy(port) as link:
            yield url.replace(f":{port}", f":{link.port}"), link
    else:
        with serving(f"sqlite:///{folder}/served.db", folder) as server, proxy(server.port) as link:
            yield server.with_token().replace(f":{server.port}", f":{link.port}"), link


@pytest.mark.parametrize("scheme", ["postgresql", "http"])
@pytest.mark.parametrize("seconds", [3.0, pytest.param(30.0, marks=pytest.mark.slow)])
def test_a_link_is_cut(tmp_path: Path, scheme: str, seconds: float) -> None:
    with over_a_link(scheme, tmp_path) as (url, link):

        def cut() -> None:
            link.cut()
            time.sleep(seconds)
            link.mend()

        objective = run_through(url, cut, 4, seconds / 2)
    assert objective.longest < LONGEST_REPORT


@pytest.mark.parametrize("scheme", ["postgresql", "http"])
def test_connections_break_again_and_again(tmp_path: Path, scheme: str) -> None:
    with over_a_link(scheme, tmp_path) as (url, link):

        def disturb() -> None:
            for _ in range(20):
                link.hang_up()
                time.sleep(0.05)

        objective = Timed(0.2)
        with Sweep.create(CONFIG | {"run_cap": 12}, url, lease=1.0) as sweep:
            runner = threading.Thread(target=sweep.run, args=(objective, 2), daemon=True)
            runner.start()
            disturb()
            runner.join(timeout=60)
            assert not runner.is_alive()
            check(sweep, 12)


@pytest.mark.parametrize("jump", [86400.0, -86400.0])
def test_the_clock_jumps_a_day(jump: float, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = MemoryStorage()
    with Sweep.create(CONFIG | {"run_cap": 3}, storage, "s", lease=0.5) as sweep:
        trial = sweep.ask()
        now = time.time
        monkeypatch.setattr(time, "time", lambda: now() + jump)
        time.sleep(1.2)
        sweep.report(trial, value=trial.params["x"])
        sweep.tell(trial)
        abandoned = sweep.ask()
        sweep._keeper.let_go((abandoned.number, abandoned.attempt))
        monkeypatch.setattr("hyperopt_core.sweep.leases.is_gone", lambda owner: False)
        deadline = time.monotonic() + 20
        while sweep.trials[1].state is not State.WAITING:
            assert time.monotonic() < deadline, "the lease is kept for ever"
            time.sleep(0.05)
        sweep.run(lambda run: float(run.params["x"]))
        check(sweep, 3)


def test_a_machine_that_slept_takes_nothing_over_at_once() -> None:
    storage, clock = MemoryStorage(), [0.0]
    sweep = storage.create_sweep("s", {}, 0).id
    storage.claim(sweep, ME)
    keeper = LeaseKeeper(storage, sweep, ttl=60, resume=False, clock=lambda: clock[0])
    assert keeper.reap() == 0
    clock[0] += 86400
    assert keeper.reap() == 0
    taken = []
    for _ in range(3):
        clock[0] += 20
        taken.append(keeper.reap())
    assert taken == [0, 1, 0], "it never showed a sign of life"


STOPPED = """
import sys, time
from hyperopt_core import Sweep

with Sweep.open("s", sys.argv[1], lease=1.0) as sweep:
    trial = sweep.ask()
    sweep.report(trial, step=1, value=1.0)
    print(trial.number, flush=True)
    sys.stdin.readline()
    time.sleep(3.0)  # in which it would have beaten
    decision = sweep.report(trial, step=2, value=2.0)
    try:
        sweep.tell(trial, 3.0)
        told = "taken"
    except Exception as error:
        told = type(error).__name__
    print(decision, told, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGSTOP")
@pytest.mark.parametrize(
    "scheme", ["sqlite", *(pytest.param(s, marks=pytest.mark.slow) for s in ("postgresql", "http"))]
)
def test_an_agent_that_stood_still_for_two_leases_is_refused(tmp_path: Path, scheme: str) -> None:
    with address(scheme, tmp_path) as url, Sweep.create(CONFIG | {"run_cap": 1}, url, "s", lease=1.0) as sweep:
        command = [sys.executable, "-c", STOPPED, url]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as agent:
            assert agent.stdout is not None
            assert agent.stdin is not None
            assert agent.stdout.readline() == "0\n"
            agent.send_signal(signal.SIGSTOP)
            best = sweep.run(train)
            agent.send_signal(signal.SIGCONT)
            agent.stdin.write("\n")
            agent.stdin.close()
            assert agent.stdout.readline() == "stop LeaseLost\n"
        assert best is not None
        check(sweep, 1)
        (trial,) = sweep.trials
        assert (trial.attempt, trial.value) == (2, trial.params["x"])
        assert [m.attempt for m in sweep.history.curve(0)] == [2, 2]
        first = sweep._storage.attempts(sweep._id, 0)[0]
        assert "no sign of life" in first.note
        assert "told late" in first.note
