"""Sweeps with trials in them, quickly: what the page is tested on."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hyperopt_core.space import Categorical, Float, Int, SearchSpace
from hyperopt_core.spec import Limits, Objective, SweepSpec
from hyperopt_core.storage.protocol import Owner, Storage, SweepRecord
from hyperopt_core.trial import Measurement, Origin, Outcome, State, Trial

OWNER = Owner("host-1-0", "host", 1)

SPACE = SearchSpace(
    {
        "lr": Float(1e-4, 1e-1, log=True),
        "optimizer": Categorical(["adam", "sgd", "rmsprop"]),
        "momentum": Float(0.0, 0.99, when={"optimizer": ["sgd"]}),
        "layers": Int(1, 8),
    }
)


def accuracy(params: dict[str, Any]) -> float:
    return 0.97 - 0.08 * (math.log10(params["lr"]) + 2) ** 2 - 0.01 * abs(params["layers"] - 4)


def make_sweep(storage: Storage, name: str, *, space: SearchSpace = SPACE, trials: int | None = None) -> SweepRecord:
    spec = SweepSpec(space, Objective("val_acc", "maximize"), strategy="random", limits=Limits(trials=trials), seed=3)
    return storage.create_sweep(name, spec.to_dict(), 3)


def begin(storage: Storage, sweep: SweepRecord, params: dict[str, Any]) -> Trial:
    """A trial that runs."""
    claimed = storage.claim(sweep.id, OWNER, cap=10**6)
    assert claimed is not None
    return storage.add_trial(sweep.id, claimed.number, claimed.attempt, params, Origin("random", "drawn at random"))


def complete(storage: Storage, sweep: SweepRecord, trial: Trial, value: float, steps: int = 3) -> None:
    """Have a trial report a curve that ends in `value`, and end it."""
    curve = [Measurement(s, {"val_acc": value * s / steps, "loss": 1 / s}) for s in range(1, steps + 1)]
    storage.add_measurements(sweep.id, trial.number, trial.attempt, curve)
    outcome = Outcome(State.COMPLETED, (value,), {"val_acc": value, "loss": 1 / steps})
    storage.finish_trial(sweep.id, trial.number, trial.attempt, outcome)


def fill(storage: Storage, sweep: SweepRecord, count: int) -> None:
    """`count` completed trials, but for the second, which failed, and the third, which was stopped early."""
    for i, params in enumerate(SPACE.sample(np.random.default_rng(0), count)):
        trial = begin(storage, sweep, params)
        if i == 1:
            outcome = Outcome(State.FAILED, error="Traceback\n<b>RuntimeError</b>: out of memory", failed=True)
            storage.finish_trial(sweep.id, trial.number, trial.attempt, outcome)
        elif i == 2:
            storage.add_measurements(sweep.id, trial.number, 1, [Measurement(1, {"val_acc": 0.1})])
            outcome = Outcome(State.STOPPED, (0.1,), {"val_acc": 0.1}, reason="worse than others at step 1")
            storage.finish_trial(sweep.id, trial.number, trial.attempt, outcome)
        else:
            complete(storage, sweep, trial, accuracy(params))
