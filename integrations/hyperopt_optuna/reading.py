"""From a study to the trials and the configuration of a sweep."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import TrialState

from hyperopt_core import ConfigError, State, Trial
from hyperopt_optuna.storages import open_optuna

_STATES = {TrialState.COMPLETE: State.COMPLETED, TrialState.PRUNED: State.STOPPED, TrialState.FAIL: State.FAILED}
_REASONS = {State.STOPPED: "pruned in Optuna", State.FAILED: "failed in Optuna"}


@dataclass(frozen=True)
class Study:
    """What a study holds. curves: of each trial, step -> value."""

    name: str
    goal: str
    parameters: dict[str, Any]  # its space, as a sweep file writes it
    trials: list[Trial]  # finished ones, parameters under flat names, the value in `metrics`
    curves: list[dict[float, float]]


def read_study(where: str | Path, name: str | None = None, *, metric: str = "value") -> Study:
    """The finished trials of a study. name: which one, where there are several. metric: what its value is called.

    Raises `ConfigError` where there is no such study, or no study at all, or it has several objectives.
    """
    try:
        storage = open_optuna(where)
        names = optuna.get_all_study_names(storage)
    except Exception as fault:  # whatever Optuna and its database driver raise for a file that is none of theirs
        words = " ".join(str(fault).split())
        raise ConfigError(f"{where} cannot be read as a study of Optuna: {type(fault).__name__}: {words}") from None
    if name is None and len(names) > 1:
        raise ConfigError(f"{where}: say which study with --study; it holds {_listed(names)}")
    if not names or (name is not None and name not in names):
        raise ConfigError(
            f"{where}: it holds {_listed(names)}, and no study {name!r}" if names else f"{where}: no study"
        )
    study = optuna.load_study(study_name=name or names[0], storage=storage)
    if len(study.directions) > 1:
        raise ConfigError(f"study {study.study_name!r} has {len(study.directions)} objectives: one can be imported")
    found = [trial for trial in study.get_trials(deepcopy=False) if trial.state in _STATES]
    spaces: dict[str, Any] = {}
    for trial in found:
        spaces.update({key: _parameter(given) for key, given in trial.distributions.items()})
    goal = study.direction.name.lower()
    trials = [_trial(trial, metric) for trial in found]
    curves: list[dict[float, float]] = [dict(trial.intermediate_values) for trial in found]
    return Study(study.study_name, goal, spaces, trials, curves)


def _trial(given: Any, metric: str) -> Trial:
    state, value = _STATES[given.state], given.value
    if value is None and given.intermediate_values:
        value = given.intermediate_values[max(given.intermediate_values)]
    more = {k: float(v) for k, v in given.user_attrs.items() if isinstance(v, int | float)}
    metrics = more if value is None else {**more, metric: float(value)}
    return Trial(given.number, dict(given.params), state, metrics=metrics, reason=_REASONS.get(state, ""))


def _parameter(given: Any) -> dict[str, Any]:
    """A distribution as a sweep file writes it."""
    if isinstance(given, optuna.distributions.CategoricalDistribution):
        return {"values": list(given.choices)} if len(given.choices) > 1 else {"value": given.choices[0]}
    if given.low == given.high:
        return {"value": given.low}
    whole = isinstance(given, optuna.distributions.IntDistribution)
    name = ("int_" if whole else "") + ("log_uniform_values" if given.log else "uniform")
    step = {} if given.step is None or (whole and given.step == 1) else {"step": given.step}
    return {"distribution": name, "min": given.low, "max": given.high, **step}


def _listed(names: list[str]) -> str:
    return ", ".join(map(repr, names))
