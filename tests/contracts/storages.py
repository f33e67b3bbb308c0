"""Short ways to bring a storage into a state."""

from __future__ import annotations

import math
from typing import Any

from hyperopt_core.storage import Owner, Storage
from hyperopt_core.trial import Origin, Outcome, State, Trial

ME = Owner("host-1-0", "host", 1, "namespace:5", "boot")
OTHER = Owner("host-2-0", "host", 2, "namespace:6", "boot")
ORIGIN = Origin("random", "random start", {"mean": 0.5, "sd": math.inf})
DONE = Outcome(State.COMPLETED, (0.25,), {"loss": 0.25, "acc": 0.9})


def start(storage: Storage, sweep: int, owner: Owner = ME, **params: Any) -> Trial:
    """A new trial that runs."""
    trial = storage.claim(sweep, owner)
    assert trial is not None
    if trial.state is State.RUNNING:
        return trial
    return storage.add_trial(sweep, trial.number, trial.attempt, params or {"lr": 0.1}, ORIGIN)


def claim(storage: Storage, sweep: int, owner: Owner = ME, **options: Any) -> Trial:
    trial = storage.claim(sweep, owner, **options)
    assert trial is not None
    return trial


def current(storage: Storage, sweep: int, number: int) -> Trial:
    return next(trial for trial in storage.changes(sweep, 0).trials if trial.number == number)
