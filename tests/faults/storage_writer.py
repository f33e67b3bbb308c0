"""What a process does that writes trials to a storage until it is killed."""

from __future__ import annotations

import os

from hyperopt_core.storage import Storage, open_storage
from hyperopt_core.storage.owner import is_gone, this_owner
from hyperopt_core.trial import Measurement, Origin, Outcome, State


def take_back(storage: Storage, sweep: int) -> None:
    """Reclaim what dead processes hold."""
    for held in storage.held(sweep):
        if is_gone(held.owner):
            storage.reclaim(sweep, held.number, held.attempt, held.beat, resume=False, reason="its process is gone")


def write_trials(url: str, told: str) -> None:
    """Claim, propose, report and finish without end; a line in the file `told` for each acknowledged result."""
    storage = open_storage(url)
    file = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    sweep = storage.get_sweep("sweep").id
    owner = this_owner()
    while True:
        take_back(storage, sweep)
        trial = storage.claim(sweep, owner)
        assert trial is not None
        if trial.state is State.PROPOSING:
            trial = storage.add_trial(sweep, trial.number, trial.attempt, {"lr": 0.1}, Origin("random"))
        storage.add_measurements(sweep, trial.number, trial.attempt, [Measurement(1, {"loss": 1.0})])
        value = os.getpid() + trial.number / 1e6
        storage.finish_trial(sweep, trial.number, trial.attempt, Outcome(State.COMPLETED, (value,)))
        os.write(file, f"{trial.number} {value!r}\n".encode())
