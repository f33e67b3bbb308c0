"""From a sweep to a study."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState

from hyperopt_core import Categorical, ConfigError, Constant, Float, Int, State, Sweep, Trial
from hyperopt_optuna.storages import open_optuna

_STATES = {State.COMPLETED: TrialState.COMPLETE, State.STOPPED: TrialState.PRUNED, State.FAILED: TrialState.FAIL}
_ATOMS = (str, int, float, bool, type(None))


def write_study(sweep: Sweep, path: str | Path) -> int:
    """Write the finished trials of a sweep as a study of its name; returns how many.

    A file that ends in .db or .sqlite3 becomes a database, any other one a journal. Raises `ConfigError` where the
    study is there already, or a completed trial has no value.
    """
    if any(trial.state is State.COMPLETED and trial.value is None for trial in sweep.trials):
        raise ConfigError(f"sweep {sweep.name!r} names no metric: a study needs a value of every completed trial")
    storage, objective = open_optuna(path), sweep.spec.objective
    try:
        study = optuna.create_study(storage=storage, study_name=sweep.name, direction=objective.goal)
    except optuna.exceptions.DuplicatedStudyError:
        raise ConfigError(f"{path} has a study {sweep.name!r} already: choose another file") from None
    finished = [trial for trial in sweep.trials if trial.state in _STATES]
    study.add_trials([_frozen(sweep, trial) for trial in finished])
    return len(finished)


def _frozen(sweep: Sweep, trial: Trial) -> Any:
    metric, space = sweep.spec.objective.metric, sweep.spec.space
    flat = {name: _plain(value) for name, value in space.flatten(trial.params).items()}
    curve = {int(m.step): m.metrics[metric] for m in sweep.history.curve(trial.number) if metric in m.metrics}
    state = _STATES[trial.state]
    more: Mapping[str, Any] = {name: value for name, value in trial.metrics.items() if name != metric}
    return optuna.trial.create_trial(
        state=state,
        value=trial.value if state is TrialState.COMPLETE else None,
        params=flat,
        distributions={name: _distribution(space.parameters[name], value) for name, value in flat.items()},
        user_attrs={**more, "reason": trial.reason} if trial.reason else dict(more),
        intermediate_values=curve,
    )


def _distribution(parameter: object, value: Any) -> BaseDistribution:
    if isinstance(parameter, Categorical):
        return CategoricalDistribution([_plain(choice) for choice in parameter.choices])
    if isinstance(parameter, Int):
        return IntDistribution(int(parameter.low), int(parameter.high), log=parameter.log)
    if isinstance(parameter, Float):
        return FloatDistribution(float(parameter.low), float(parameter.high), log=parameter.log)
    if isinstance(parameter, Constant):
        return CategoricalDistribution([value])
    return FloatDistribution(-1e300, 1e300)  # normal and the like have no ends


def _plain(value: Any) -> Any:
    """A value as Optuna has choices: lists and mappings as JSON."""
    return value if isinstance(value, _ATOMS) else json.dumps(value)
