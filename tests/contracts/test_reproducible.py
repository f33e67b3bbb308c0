"""The same proposals on any number of BLAS threads and after a restart, by every strategy that learns."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hyperopt_core import Categorical, Decision, Float, Int, Optimizer, SearchSpace, Sweep
from hyperopt_core.spec import Limits, SweepSpec

LEARNERS = ["cokriging", "gp", "tpe"]
SPACE = SearchSpace(
    {"x": Float(0, 1), "lr": Float(1e-5, 1, log=True), "c": Categorical(["a", "b"]), "n": Int(1, 9, when={"c": ["a"]})}
)
WANDB = {"type": "hyperband", "min_iter": 2, "eta": 2}


def loss(params: Any, step: int = 9) -> float:
    return float((params["x"] - 0.3) ** 2 + params.get("n", 5) / 9 + (params["c"] == "a") * params["lr"] + 1 / step)


def proposals(name: str, n: int) -> list[Any]:
    """Parameters of `n` trials and of two that are pending, some of them failed, some stopped early."""
    opt = Optimizer(SPACE, strategy=name, seed=1, early_terminate=WANDB)
    for i in range(n):
        trial = opt.ask()
        for step in range(1, 10):
            if opt.report(trial, value=loss(trial.params, step)) is not Decision.CONTINUE:
                break
        opt.tell(trial) if i % 6 else opt.tell(trial, error="out of memory")
    return [dict(trial.params) for trial in (*opt.trials, opt.ask(), opt.ask())]


_PROGRAM = """
import json
from hyperopt_core.maths.blas import _openblas
from tests.contracts.test_reproducible import LEARNERS, proposals
threads = lambda: [library.get() for library in _openblas()]
before = threads()
found = {name: proposals(name, 24) for name in LEARNERS}
assert threads() == before, f"the user's {before} threads have become {threads()}"
print(json.dumps([max(before, default=1), found]))
"""


def test_one_and_four_blas_threads_propose_the_same() -> None:
    answers = {}
    for threads in ("1", "4"):
        environment = os.environ | dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), threads)
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM], env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        answers[threads] = json.loads(done.stdout)
    if answers["4"][0] == 1:
        pytest.skip("numpy and scipy run on one thread here, or on another BLAS")
    assert answers["1"][1] == answers["4"][1]


@pytest.mark.parametrize("name", [*LEARNERS, "auto"])
def test_a_sweep_that_is_opened_again_proposes_what_it_would_have(name: str, tmp_path: Path) -> None:
    database, copy = tmp_path / "one.db", tmp_path / "two.db"
    spec = SweepSpec(SPACE, strategy=name, seed=1, early_terminate=WANDB, limits=Limits(trials=40))
    with Sweep.create(spec, f"sqlite:///{database}", "s") as sweep:
        for i in range(20):
            trial = sweep.ask()
            for step in range(1, 10):
                if sweep.report(trial, value=loss(trial.params, step)) is not Decision.CONTINUE:
                    break
            sweep.tell(trial) if i % 6 else sweep.tell(trial, error="out of memory")
        pending = sweep.ask()
        assert pending.number == 20
        _copied(database, copy)
        going_on = [sweep.ask() for _ in range(3)]
    with Sweep.open("s", f"sqlite:///{copy}") as again:
        opened = [again.ask() for _ in range(3)]
    assert [(t.number, t.params, t.origin) for t in opened] == [(t.number, t.params, t.origin) for t in going_on]


def _copied(database: Path, copy: Path) -> None:
    """Everything that is committed by now, the write-ahead log too."""
    for suffix in ("", "-wal"):
        source = Path(f"{database}{suffix}")
        if source.exists():
            shutil.copy(source, f"{copy}{suffix}")
