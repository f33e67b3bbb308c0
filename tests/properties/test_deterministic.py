"""Deterministic sweeps: the same trials whatever the timing and the number of agents."""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperopt_core import Categorical, Float, Int, Run, SearchSpace, State, Sweep
from hyperopt_core.errors import ConfigError, SweepEnded, TooEarly
from hyperopt_core.spec import Limits, Objective, SweepSpec
from hyperopt_core.storage import open_storage
from hyperopt_core.trial import Decision, Trial
from tests.addresses import address

SPACE = SearchSpace(
    {"x": Float(-2, 2), "lr": Float(1e-5, 1, log=True), "n": Int(1, 9), "kind": Categorical(["a", "b"])}
)
FINITE = SearchSpace({"n": Int(1, 6), "kind": Categorical(["a", "b", "c"])})


def loss(params: Any, step: int) -> float:
    return float(params.get("x", 1.0)) ** 2 + params["n"] / 9 + (params["kind"] == "a") + 1 / step


def spec_of(method: str, width: int, trials: int, **more: Any) -> SweepSpec:
    given = {"strategy": method, "seed": 5, "limits": Limits(trials=trials), "max_steps": 9}
    return SweepSpec(more.pop("space", SPACE), parallelism=width, deterministic=True, **{**given, **more})


def shown(trials: list[Trial]) -> list[Any]:
    """What must be equal."""
    return [(t.number, dict(t.params), t.state, t.values, dict(t.metrics), t.origin) for t in trials]


def gone_through(sweep: Sweep) -> list[Any]:
    with sweep:
        return shown(Simulated(sweep, 1, random.Random(0).randrange).run())


class Simulated:
    """Agents in virtual time: which of them goes on next is drawn."""

    def __init__(self, sweep: Sweep, workers: int, draw: Callable[[int], int]) -> None:
        self._sweep, self._workers, self._draw = sweep, workers, draw

    def run(self) -> list[Trial]:
        running: list[tuple[Trial, int]] = []
        over = False
        while running or not over:
            if not over and len(running) < self._workers and self._draw(3):
                try:
                    running.append((self._sweep.ask(), 1))
                    continue
                except TooEarly:
                    assert running, "nobody is at work, and nothing may begin"
                except SweepEnded:
                    over = not self._sweep.open_count()
            if running:
                trial, step = running.pop(self._draw(len(running)))
                if self._sweep.report(trial, step, loss(trial.params, step)) is Decision.CONTINUE and step < 9:
                    running.append((trial, step + 1))
                else:
                    self._sweep.tell(trial, error="crash" if trial.number == 7 else None)
        return self._sweep.trials


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyperopt_core.sweep.sweep._TURN_SECONDS", 0.001)


@pytest.mark.parametrize(
    ("method", "early"),
    [("random", None), ("sobol", "asha"), ("tpe", "median"), ("auto", {"type": "percentile"}), ("gp", "auto")],
)
@pytest.mark.parametrize("width", [1, 4, 16])
def test_any_schedule_of_any_number_of_agents_gives_the_same_trials(method: str, early: Any, width: int) -> None:
    def trials(workers: int, seed: int) -> list[Any]:
        spec = spec_of(method, width, 24, early_terminate=early)
        with Sweep.create(spec, open_storage("memory://")) as sweep:
            return shown(Simulated(sweep, workers, random.Random(seed).randrange).run())

    first = trials(1, 0)
    assert len(first) == 24
    for workers in (4, 16):
        assert trials(workers, workers) == first


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32), workers=st.integers(1, 7), retries=st.integers(0, 1), finite=st.booleans())
def test_any_schedule_gives_the_same_trials(seed: int, workers: int, retries: int, finite: bool) -> None:
    space = FINITE if finite else SPACE
    options: dict[str, Any] = {"space": space, "retries": retries, "early_terminate": "asha"}
    objective = Objective(target=0.45)

    def trials(workers: int, seed: int) -> list[Any]:
        spec = spec_of("random", 3, 40, objective=objective, **options)
        with Sweep.create(spec, open_storage("memory://")) as sweep:
            return shown(Simulated(sweep, workers, random.Random(seed).randrange).run())

    one = trials(1, 1)
    assert trials(workers, seed) == one


@pytest.mark.parametrize("workers", [1, 4, 16])
def test_threads_for_real(workers: int) -> None:
    rng, lock = random.Random(workers), threading.Lock()

    def objective(run: Run) -> float:
        for step in range(1, 10):
            with lock:
                pause = rng.expovariate(1000)
            time.sleep(pause)
            if run.report(loss(run.params, step), step=step) is not Decision.CONTINUE:
                break
        if run.number == 7:
            raise ValueError("crash")
        return loss(run.params, step)

    spec = spec_of("tpe", 4, 32, early_terminate="asha")
    with Sweep.create(spec, open_storage("memory://")) as sweep:
        sweep.run(objective, workers=workers)
        found = shown(sweep.trials)
    assert gone_through(Sweep.create(spec, open_storage("memory://"))) == found


def _sleepy(run: Run) -> float:
    time.sleep(random.expovariate(50))
    return loss(run.params, 1)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["sqlite", "postgresql"])
def test_processes_for_real(tmp_path: Path, scheme: str) -> None:
    found = []
    for workers in (1, 4):
        (folder := tmp_path / str(workers)).mkdir()
        with address(scheme, folder) as url, Sweep.create(spec_of("tpe", 4, 30), url, "s") as sweep:
            sweep.run(_sleepy, workers, "process")
            found.append(shown(sweep.trials))
    assert found[0] == found[1]


def test_a_sweep_that_is_opened_again_goes_on_alike(tmp_path: Path) -> None:
    found = []
    for cut in (False, True):
        url = f"sqlite:///{tmp_path}/{cut}.db"
        with Sweep.create(spec_of("tpe", 3, 20, early_terminate="median"), url, "s") as sweep:
            if cut:
                held = [sweep.ask() for _ in range(3)]
                for trial in reversed(held):
                    sweep.report(trial, 1, loss(trial.params, 1))
                sweep.tell(held[0])
                sweep.release(held[1], "somebody else goes on")
                sweep.release(held[2], "somebody else goes on")
            else:
                trial = sweep.ask()
                sweep.report(trial, 1, loss(trial.params, 1))
                sweep.tell(trial)
        with Sweep.open("s", url) as sweep:
            found.append(shown(Simulated(sweep, 3, random.Random(cut).randrange).run()))
    assert found[0] == found[1]


def test_a_proposal_knows_the_trials_up_to_its_number_less_the_width_and_no_more() -> None:
    def second_choice(told: dict[int, float]) -> Any:
        with Sweep.create(spec_of("gp", 2, 12), open_storage("memory://")) as sweep:
            for _ in range(12):
                trial = sweep.ask()
                sweep.tell(trial, told.get(trial.number, loss(trial.params, 1)))
            return [dict(t.params) for t in sweep.trials]

    plain = second_choice({})
    changed = second_choice({9: -100.0})
    assert changed[:11] == plain[:11], "trials 9 and 10 were proposed before 9 was known, 11 was not"
    assert changed[11] != plain[11]


def test_an_agent_that_is_early_waits() -> None:
    with Sweep.create(spec_of("random", 2, 10), open_storage("memory://")) as sweep:
        first, second = sweep.ask(), sweep.ask()
        with pytest.raises(TooEarly, match="trial 2 depends on trial 0"):
            sweep.ask()
        sweep.tell(second, 1.0)
        with pytest.raises(TooEarly, match="trial 2 depends on trial 0"):
            sweep.ask()
        sweep.tell(first, 1.0)
        assert (sweep.ask().number, sweep.ask().number) == (2, 3)


def test_a_proposer_that_died_holds_nobody_up(tmp_path: Path) -> None:
    with Sweep.create(spec_of("random", 3, 3), f"sqlite:///{tmp_path}/s.db", "s") as sweep:
        with sweep._lock:
            dead = sweep._allocator.claim(0)  # its number is taken, and it never gets parameters
            late = sweep._allocator.claim(0)
        threading.Timer(0.1, sweep.release, (dead, "its agent was lost")).start()
        with pytest.raises(TooEarly), sweep._lock:
            sweep._allocator.wait_for_turn(late, sweep._turn)
        assert [sweep.ask().number for _ in range(3)] == [0, 1, 2]


@pytest.mark.parametrize("early", [{"type": "asha"}, {"type": "hyperband", "min_steps": 1}])
def test_schedulers_that_pause_are_refused_in_words(early: Any) -> None:
    spec = spec_of("random", 2, 9, early_terminate=early, resumable=True)
    with pytest.raises(ConfigError, match=r"deterministic does not go with early_terminate '(asha|hyperband)'"):
        Sweep.create(spec, open_storage("memory://"))


def test_without_parallelism_it_says_what_is_missing() -> None:
    with pytest.raises(ConfigError, match="deterministic needs `parallelism`"):
        SweepSpec(SPACE, deterministic=True)
    with pytest.raises(ConfigError, match=r"deterministic.*needs `parallelism`"):
        Sweep.create({"parameters": {"x": {"min": 0.0, "max": 1.0}}, "deterministic": True}, open_storage("memory://"))


def test_parallelism_is_fixed() -> None:
    with Sweep.create(spec_of("random", 2, 9), open_storage("memory://"), "s") as sweep:
        with pytest.raises(ConfigError, match="parallelism"):
            sweep.update(spec_of("random", 3, 9))
        assert sweep.update(spec_of("random", 2, 12)) == ["run_cap"]


def test_nan_is_judged_alike() -> None:
    def objective(run: Run) -> float:
        return math.nan if run.number % 3 == 2 else loss(run.params, 1)

    found = []
    for workers in (1, 3):
        with Sweep.create(spec_of("tpe", 3, 20), open_storage("memory://")) as sweep:
            sweep.run(objective, workers=workers)
            found.append([(t.state, dict(t.params)) for t in sweep.trials])
            assert sweep.trials[2].state is State.FAILED
    assert found[0] == found[1]
