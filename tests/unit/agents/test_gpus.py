"""GPUs of one machine, shared out among the trials of its agents."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from hyperopt_core import Run, Sweep
from hyperopt_core.agents.executors import run_agents
from hyperopt_core.agents.gpus import Gpus, device_of, share_out
from hyperopt_core.errors import ConfigError
from tests.unit.agents.objectives import shows_its_gpus
from tests.unit.agents.source import Bench, MemorySource
from tests.unit.agents.test_executors import evaluator


@pytest.fixture(autouse=True)
def unknown_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr("hyperopt_core.agents.gpus._NVIDIA", Path("/nowhere"))


@pytest.mark.parametrize(
    ("given", "per_trial", "slots"),
    [
        (4, 1, ["0", "1", "2", "3"]),
        ("4", 2, ["0,1", "2,3"]),
        ("5", 2, ["0,1", "2,3"]),
        ("0,2", 1, ["0", "2"]),
        ([7], 1, ["7"]),
        (2, 0.5, ["0", "1", "0", "1"]),
        (1, 0.3, ["0", "0", "0"]),
        ("GPU-1a, MIG-2b", 1, ["GPU-1a", "MIG-2b"]),
    ],
)
def test_slots(given: int | str | list[int], per_trial: float, slots: list[str]) -> None:
    gpus = share_out(given, per_trial)
    assert [",".join(gpus.of(slot)) for slot in range(gpus.slots)] == slots


@pytest.mark.parametrize(
    ("given", "per_trial", "words"),
    [
        (0, 1, "gpus is 0: 1 or more"),
        ("", 1, "gpus is '': a number of GPUs, or their ids"),
        ("0,0", 1, "without repeats"),
        (4, 8, "per_trial is 8: no trial ever gets so many, there are 4 GPUs"),
        (4, 1.5, "per_trial is 1.5: a whole number"),
        (4, 0, "per_trial is 0"),
        (4, float("nan"), "per_trial is nan"),
        (4, float("inf"), "per_trial is inf: a whole number"),
        ("-1", 1, "gpus is '-1': a number of GPUs, or their ids"),
        ("1.5", 1, "gpus is '1.5': a number of GPUs"),
        (-1, 1, "gpus is -1: 1 or more"),
    ],
)
def test_what_never_fits_is_an_error_at_once(given: int | str, per_trial: float, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        share_out(given, per_trial)


def test_visible_devices_say_which_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,5")
    assert share_out(2).ids == ("3", "5")
    assert device_of(share_out("5,").of(0)) == "cuda:1"
    with pytest.raises(ConfigError, match="this machine has 2"):
        share_out(3)
    with pytest.raises(ConfigError, match="there is no 0, only 3, 5"):
        share_out("0,3")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")  # how people hide all of them
    with pytest.raises(ConfigError, match="this machine has 0"):
        share_out(1)


def test_more_agents_than_slots_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"5 trials at once with 0.5 GPUs each need more than the 2 there are: 4 fit"):
        run_agents(MemorySource(tmp_path), evaluator(lambda run: 1.0), workers=5, gpus=Gpus(("0", "1"), 0.5))


def test_threads_are_told_their_device() -> None:
    both, seen = threading.Barrier(2), set()

    def objective(run: Run) -> float:
        if run.number < 2:
            both.wait(20)
        seen.add((run.device, run.gpus))
        return 1.0

    config = {"method": "random", "parameters": {"x": {"min": 0.0, "max": 1.0}}, "run_cap": 6}
    with Sweep.create(config, "memory://") as sweep:
        sweep.run(objective, workers=2, gpus=share_out("1,3"))
    assert seen == {("cuda:1", ("1",)), ("cuda:3", ("3",))}


def test_processes_see_their_own_alone(tmp_path: Path) -> None:
    config = {"method": "random", "parameters": {"x": {"min": 0.0, "max": 1.0}}, "run_cap": 2}
    with Sweep.create(config, f"sqlite:///{tmp_path}/sweeps.db", "s") as sweep:
        sweep.run(shows_its_gpus, 1, "process", gpus=share_out("2,3", 2))
        assert [t.metrics["visible"] for t in sweep.trials] == [23, 23]
    assert "CUDA_VISIBLE_DEVICES" not in os.environ


def test_programs_see_their_own_alone(tmp_path: Path) -> None:
    program = """
        import os, hyperopt_core
        run = hyperopt_core.current_run()
        assert run.device == "cuda:0", run.device
        assert run.gpus == ("3",), run.gpus
        run.report(loss=float(os.environ["CUDA_VISIBLE_DEVICES"]))
        """
    bench = Bench(tmp_path, program, gpus=("3",))
    outcome = bench.run()
    assert (outcome.values, outcome.error) == ((3.0,), None)
