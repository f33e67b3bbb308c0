"""Kinds of failure, machines that are taken away, hosts that only fail, checkpoints on the way to a retry."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from hyperopt_core import Run, State, Sweep
from hyperopt_core.errors import HostFails
from hyperopt_core.storage import open_storage
from hyperopt_core.trial import Decision
from tests.addresses import address
from tests.unit.agents.source import Bench

posix = pytest.mark.skipif(os.name != "posix", reason="process groups and signals")

CONFIG: dict[str, Any] = {
    "method": "random",
    "metric": {"name": "value", "goal": "minimize"},
    "parameters": {"x": {"min": 0.0, "max": 1.0}},
    "seed": 1,
}


@posix
def test_a_program_that_reports_no_more_has_stalled(tmp_path: Path) -> None:
    program = """
        import time, hyperopt_core
        for _ in range(8):
            hyperopt_core.current_run().report(loss=1.0)
            time.sleep(0.15)
        time.sleep(60)
        """
    began = time.monotonic()
    outcome = Bench(tmp_path, program, stall=1.0).run()
    assert (outcome.state, outcome.reason) == (State.FAILED, "stalled: no report for 1 s")
    assert 2.0 < time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("raise MemoryError", "out of memory: exit code 1: MemoryError"),
        ("raise RuntimeError('CUDA out of memory. Tried')", "out of memory: exit code 1: RuntimeError: CUDA out of"),
        ("raise ValueError('memory of an elephant')", "exit code 1: ValueError: memory of an elephant"),
    ],
)
def test_want_of_memory_is_named(tmp_path: Path, program: str, reason: str) -> None:
    assert Bench(tmp_path, program).run().reason.startswith(reason)


def test_want_of_memory_of_a_function_is_named() -> None:
    def objective(run: Run) -> float:
        raise MemoryError("Unable to allocate 8 TiB")

    with Sweep.create(CONFIG | {"run_cap": 1}, "memory://") as sweep:
        sweep.run(objective)
        assert sweep.trials[0].reason == "out of memory: MemoryError: Unable to allocate 8 TiB"


@posix
@pytest.mark.parametrize("ending", ["sys.exit(0)", "raise RuntimeError('SIGTERM')", "os.abort()"])
def test_a_program_whose_machine_goes_is_given_back(tmp_path: Path, ending: str) -> None:
    program = f"""
        import os, sys, hyperopt_core
        run = hyperopt_core.current_run()
        run.report(loss=1.0)
        run.mark_preempting()
        {ending}
        """
    outcome = Bench(tmp_path, program).run()
    assert (outcome.state, outcome.failed, outcome.reason) == (State.WAITING, False, "its machine was pre-empted")


def counts_on(run: Run) -> float | None:
    """Nine epochs, each of which needs the checkpoint of the one before; the first machine goes after the fourth."""
    file = run.checkpoint_dir / "epoch"
    for epoch in run.epochs(9):
        assert epoch == 1 + (int(file.read_text()) if file.exists() else 0)
        file.write_text(str(epoch))
        run.report(run.params["x"], step=epoch)
        if epoch == 4:
            run.mark_preempting()
            return None
    return float(run.params["x"])


@pytest.mark.parametrize("scheme", ["sqlite", "postgresql"])
def test_a_retry_on_another_machine_finds_its_checkpoint(tmp_path: Path, scheme: str) -> None:
    with address(scheme, tmp_path) as url:
        config = CONFIG | {"run_cap": 1, "resumable": True, "retries": 0}
        with Sweep.create(config, url, "s", files=tmp_path / "shared") as sweep:
            assert sweep.run(counts_on, workers=2) is None
            (given_back,) = sweep.trials
            assert (given_back.state, given_back.failures) == (State.WAITING, 0)
        with Sweep.open("s", url, files=tmp_path / "shared") as elsewhere:
            best = elsewhere.run(counts_on)
            assert best is not None
            assert (best.state, best.failures) == (State.COMPLETED, 0)
            assert best.attempt in (2, 3)  # the second agent may have had it in hand when the first gave it back
            assert [m.step for m in elsewhere.history.curve(0)] == list(range(1, 10))


def test_files_of_a_database_are_in_one_folder_for_all_agents_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with address("postgresql", tmp_path) as url, Sweep.create(CONFIG, url, "s") as sweep:
        trial = sweep.ask()
        with Sweep.open("s", url) as other:
            assert other.trial_directory(trial) == sweep.trial_directory(trial)
        assert sweep.trial_directory(trial).parts[0] == "sweeps-files"


def broken(run: Run) -> float:
    raise OSError("no space left on device")


def test_a_host_that_only_fails_leaves_the_trials_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    storage = open_storage("memory://")
    with Sweep.create(CONFIG | {"run_cap": 20}, storage, "s") as good:
        good.run(lambda run: float(run.params["x"]), limit=4)
        with monkeypatch.context() as elsewhere, Sweep.open("s", storage) as bad:
            elsewhere.setattr("platform.node", lambda: "broken-host")
            with pytest.raises(HostFails, match=r"broken-host is left out: its first 5 trials failed .* no space left"):
                bad.run(broken)
            with pytest.raises(HostFails):
                bad.ask()
        waiting = [t.number for t in good.trials if t.state is State.WAITING]
        assert waiting == [4, 5, 6, 7, 8], "what it failed is no result"
        good.run(lambda run: float(run.params["x"]))
        assert [t.state for t in good.trials] == [State.COMPLETED] * 20


def test_a_host_is_not_blamed_where_others_fail_as_well_or_it_has_succeeded(monkeypatch: pytest.MonkeyPatch) -> None:
    storage = open_storage("memory://")
    with Sweep.create(CONFIG | {"run_cap": 20}, storage, "s") as sweep:
        for number in range(4):
            trial = sweep.ask()
            sweep.tell(trial, 1.0 if number == 0 else None, error=None if number == 0 else "crash")
        monkeypatch.setattr("platform.node", lambda: "another-host")
        with Sweep.open("s", storage) as other:
            other.run(broken)
            assert len(other.trials) == 20
    with Sweep.create(CONFIG | {"run_cap": 20}, storage, "t") as sweep:
        monkeypatch.undo()
        sweep.run(lambda run: 1.0, limit=4)
        monkeypatch.setattr("platform.node", lambda: "another-host")
        with Sweep.open("t", storage) as other:
            other.run(lambda run: 1.0 if run.number == 4 else broken(run))
            assert len(other.trials) == 20


def test_what_comes_of_a_training_whose_machine_goes_is_no_result() -> None:
    with Sweep.create(CONFIG | {"run_cap": 3}, "memory://") as sweep:
        decisions: list[Decision] = []

        def objective(run: Run) -> float:
            run.mark_preempting()
            decisions.append(run.report(1.0))
            return 1.0

        assert sweep.run(objective) is None
        assert decisions == [Decision.CONTINUE]
        assert [t.state for t in sweep.trials] == [State.WAITING]


@pytest.mark.parametrize(("resumable", "steps"), [(True, [1, 4]), (False, [1, 1])])
def test_what_fails_on_a_machine_that_may_go_is_tried_again_some_times(resumable: bool, steps: list[int]) -> None:
    began: list[float] = []

    def objective(run: Run) -> float:
        run.mark_preemptible()
        if run.number == 0:
            raise RuntimeError("its own fault")
        began.append(run.next_step)
        if len(began) == 1:
            run.report(2.0, step=3)
            raise OSError("the disk is gone")
        return 1.0

    with Sweep.create(CONFIG | {"run_cap": 2, "resumable": resumable}, "memory://") as sweep:
        sweep.run(objective)
        assert [(t.state, t.attempt) for t in sweep.trials] == [(State.FAILED, 6), (State.COMPLETED, 2)]
    assert began == steps
