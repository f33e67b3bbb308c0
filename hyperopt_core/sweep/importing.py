"""Finished trials of another tool as the first trials of a new sweep: its strategy learns from them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hyperopt_core.errors import InvalidTrial
from hyperopt_core.spec import Objective
from hyperopt_core.storage.owner import this_owner
from hyperopt_core.sweep.sweep import Sweep
from hyperopt_core.trial import Measurement, Origin, Outcome, State, Trial


@dataclass
class Imported:
    """What became of the trials: how many are in the sweep, and why the others are not."""

    count: int = 0
    refused: Counter[str] = field(default_factory=Counter)


def import_trials(sweep: Sweep, trials: Iterable[tuple[Trial, Sequence[Measurement]]], source: str) -> Imported:
    """Add finished trials with what they reported to a new `sweep`, which nobody works on yet.

    Of a trial its parameters, state, metrics and error count; its value is the sweep's metric among `metrics`. One that
    is no point of the space, or is there twice in a finite one, is refused. Raises `InvalidTrial` where the sweep has
    trials already.
    """
    if sweep.trials:
        raise InvalidTrial(f"sweep {sweep.name!r} has trials already: finished ones of others go into a new sweep")
    result, origin = Imported(), Origin("user", f"imported from {source}")
    sweep.pause("finished trials are being imported")  # no agent takes one of them meanwhile
    for trial, curve in trials:
        try:
            _add(sweep, trial, curve, origin)
            result.count += 1
        except InvalidTrial as fault:
            result.refused[str(fault)] += 1
    sweep.resume()
    return result


def _add(sweep: Sweep, trial: Trial, curve: Sequence[Measurement], origin: Origin) -> None:
    storage, space = sweep._storage, sweep.spec.space
    outcome, clean = _outcome(trial, sweep.spec.objective), space.clean(trial.params)
    key = None if space.size is None else space.key(clean)
    storage.enqueue(sweep._id, clean, origin, key=key)
    claimed = storage.claim(sweep._id, this_owner(), cap=0)
    assert claimed is not None
    if curve:
        storage.add_measurements(sweep._id, claimed.number, claimed.attempt, curve)
    storage.finish_trial(sweep._id, claimed.number, claimed.attempt, outcome)


def _outcome(trial: Trial, objective: Objective) -> Outcome:
    metric = objective.metric
    value = trial.metrics.get(metric)
    if trial.state not in (State.COMPLETED, State.STOPPED, State.FAILED, State.CANCELLED):
        raise InvalidTrial(f"trial is {trial.state}: only those that have ended come in")
    unfit = objective.required if value is None else not math.isfinite(value)
    if trial.state is State.COMPLETED and unfit:
        words = f"no value of {metric!r}" if value is None else f"{metric} is {value}"
        return Outcome(State.FAILED, metrics=trial.metrics, reason=words, failed=True)
    failed = trial.state is State.FAILED
    values = () if value is None or failed else (value,)
    return Outcome(trial.state, values, trial.metrics, trial.reason, trial.error, failed=failed)
