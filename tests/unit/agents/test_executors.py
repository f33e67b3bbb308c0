"""Agents side by side: threads, processes, and executors of the user's."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from hyperopt_core import Float, Run, SearchSpace, State, Sweep
from hyperopt_core.agents import executors
from hyperopt_core.agents.executors import run_agents, thread_limits
from hyperopt_core.agents.function import FunctionEvaluator
from hyperopt_core.agents.interrupt import Interrupt, Level
from hyperopt_core.errors import ConfigError, StorageLost
from hyperopt_core.spec import Limits, Objective, SweepSpec
from hyperopt_core.trial import Trial
from tests.unit.agents import objectives
from tests.unit.agents.source import MemorySource, is_running, wait_for


def make_sweep(folder: Path, trials: int, storage: str | None = None) -> Sweep:
    spec = SweepSpec(
        SearchSpace({"x": Float(0, 1)}), Objective("loss"), strategy="random", seed=0, limits=Limits(trials=trials)
    )
    return Sweep.create(spec, storage or f"sqlite:///{folder}/sweeps.db", "s")


def evaluator(objective: Callable[[Run], Any]) -> executors.MakeEvaluator:
    return lambda source, interrupt: FunctionEvaluator(source, interrupt, objective)


@pytest.mark.parametrize("given", [False, True])
def test_threads_share_the_work(tmp_path: Path, given: bool) -> None:
    source, together = MemorySource(tmp_path, limits=Limits(trials=6)), threading.Barrier(3, timeout=20)

    def objective(run: Run) -> float:
        together.wait()
        return 1.0

    with ThreadPoolExecutor(3) as pool:
        run_agents(source, evaluator(objective), workers=3, executor=pool if given else "thread")
    assert sorted(number for number, _ in source.outcomes) == list(range(6))


def test_a_limit_holds_for_all_loops_together(tmp_path: Path) -> None:
    source = MemorySource(tmp_path, limits=Limits(trials=50))
    run_agents(source, evaluator(lambda run: 1.0), workers=3, limit=7)
    assert len(source.outcomes) == 7


def test_a_slow_slot_leaves_its_share_to_the_others(tmp_path: Path) -> None:
    source, ended = MemorySource(tmp_path, limits=Limits(trials=50)), threading.Semaphore(0)

    def objective(run: Run) -> float:
        if run.number == 0:  # goes on once the other loop has run all the rest
            for _ in range(3):
                assert ended.acquire(timeout=20)
        else:
            ended.release()
        return 1.0

    run_agents(source, evaluator(objective), workers=2, limit=4)
    assert len(source.outcomes) == 4


def test_what_a_loop_raises_is_raised_once_the_others_are_through(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = MemorySource(tmp_path, limits=Limits(trials=5))
    ask, hold = source.ask, threading.Event()

    def broken(slot: int = 0) -> Trial:
        if slot == 1:
            threading.Timer(0.3, hold.set).start()
            raise StorageLost("the disk is gone")
        return ask(slot)

    source.ask = broken  # type: ignore[method-assign]
    with pytest.raises(StorageLost, match="the disk is gone"):
        run_agents(source, evaluator(lambda run: hold.wait(20)), workers=2)
    assert len(source.outcomes) == 5
    assert caplog.messages == ["worker 1 has ended, the others go on: the disk is gone"]


def test_the_error_of_the_last_loop_is_raised_and_not_logged_too(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = MemorySource(tmp_path)
    source.ask = lambda slot=0: Trial(1 // 0)  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        run_agents(source, evaluator(lambda run: 1.0))
    assert not caplog.messages


def test_a_function_that_cannot_be_killed_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "_GRACE", 0.05)
    source, interrupt, hold = MemorySource(tmp_path), Interrupt(), threading.Event()

    def objective(run: Run) -> float:
        interrupt.escalate(Level.KILL)
        hold.wait(20)
        return 1.0

    with pytest.raises(KeyboardInterrupt):
        run_agents(source, evaluator(objective), interrupt=interrupt)
    hold.set()


@pytest.mark.parametrize("own", [False, True])
def test_processes_share_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: bool) -> None:
    for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR"):
        monkeypatch.delenv(f"{library}_NUM_THREADS", raising=False)
    with make_sweep(tmp_path, 4) as sweep:
        executor: Any = "process"
        if own:
            executor = ProcessPoolExecutor(2, multiprocessing.get_context("spawn"))
        best = sweep.run(objectives.where, 2, executor)
        if isinstance(executor, Executor):
            executor.shutdown()
        assert best is not None
        assert [t.state for t in sweep.trials] == [State.COMPLETED] * 4
        assert os.getpid() not in {t.metrics["pid"] for t in sweep.trials}
        if not own:
            assert {t.metrics["threads"] for t in sweep.trials} == {float(thread_limits(2)["OMP_NUM_THREADS"])}
        assert "OMP_NUM_THREADS" not in os.environ


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_process_that_is_killed_is_replaced_and_its_trial_tried_again(tmp_path: Path) -> None:
    with make_sweep(tmp_path, 3) as sweep:
        sweep.run(objectives.dies_once, 1, "process")
        assert [(t.state, t.attempt) for t in sweep.trials] == [
            (State.COMPLETED, 1),
            (State.COMPLETED, 2),
            (State.COMPLETED, 1),
        ]


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_limit_holds_for_processes_together_and_for_those_that_replace_others(tmp_path: Path) -> None:
    with make_sweep(tmp_path, 20) as sweep:
        sweep.run(objectives.dies_once, 1, "process", limit=3)
        assert sweep.ended_count() == 3
        (tmp_path / "other").mkdir()
    with make_sweep(tmp_path / "other", 20) as sweep:
        sweep.run(objectives.waits_for_the_others, 2, "process", limit=4)
        assert sweep.ended_count() == 4


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c_twice_ends_processes_and_gives_their_trials_back(tmp_path: Path) -> None:
    interrupt = Interrupt()
    with make_sweep(tmp_path, 1) as sweep:
        thread = threading.Thread(target=lambda: sweep.run(objectives.until_told, 1, "process", interrupt=interrupt))
        thread.start()
        wait_for(sweep.trial_directory(Trial(0)) / "checkpoint" / "started")
        interrupt.escalate(Level.END)
        thread.join(20)
        assert not thread.is_alive()
        assert [(t.state, t.failures) for t in sweep.trials] == [(State.WAITING, 0)]


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c_thrice_kills_processes(tmp_path: Path) -> None:
    interrupt = Interrupt()
    with make_sweep(tmp_path, 1) as sweep:
        thread = threading.Thread(target=lambda: sweep.run(objectives.hangs, 1, "process", interrupt=interrupt))
        thread.start()
        pid = int(wait_for(sweep.trial_directory(Trial(0)) / "checkpoint" / "started"))
        interrupt.escalate(Level.KILL)
        thread.join(20)
        assert not thread.is_alive()
        assert not is_running(pid)


def test_an_objective_that_cannot_travel_is_named_with_the_remedy(tmp_path: Path) -> None:
    def objective(run: Run) -> float:
        return 1.0

    with make_sweep(tmp_path, 1) as sweep, pytest.raises(ConfigError) as caught:
        sweep.run(objective, 2, "process")
    assert "<locals>.objective cannot be sent to another process" in str(caught.value)
    assert 'executor="thread"' in str(caught.value)


def test_a_sweep_in_memory_cannot_go_to_processes(tmp_path: Path) -> None:
    with make_sweep(tmp_path, 1, "memory://") as sweep, pytest.raises(ConfigError, match="memory of one process"):
        sweep.run(objectives.where, 2, "process")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"executor": "proces"}, "did you mean 'process'"),
        ({"workers": 0}, "workers is 0"),
        ({"limit": -1}, "limit is -1"),
    ],
)
def test_arguments_that_mean_nothing_are_refused(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        run_agents(MemorySource(tmp_path), evaluator(lambda run: 1.0), **options)


def test_threads_of_blas_are_left_to_the_user_where_he_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MKL_NUM_THREADS", "7")
    assert thread_limits(2) == {}


@pytest.mark.parametrize("ended", ["finished", "stopped", "cancelled"])
def test_a_trial_that_waits_in_an_ended_sweep_keeps_no_agent(tmp_path: Path, ended: str) -> None:
    with make_sweep(tmp_path, 2, "memory://") as sweep:
        sweep.run(lambda run: 1.0)
        if ended != "finished":
            sweep.resume()
            sweep.stop() if ended == "stopped" else sweep.cancel()
        sweep.enqueue({"x": 0.5})
        thread = threading.Thread(target=lambda: sweep.run(lambda run: 1.0, 2), daemon=True)
        thread.start()
        thread.join(10)
        assert not thread.is_alive()
        assert sweep.status == ended
        assert sweep.trials[2].state == ("completed" if ended == "finished" else "waiting")
