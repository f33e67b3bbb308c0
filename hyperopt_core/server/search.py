"""A new sweep where the old one was brushed: its space is what was selected, its first trials those that lie inside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hyperopt_core.errors import InvalidTrial
from hyperopt_core.server.narrow import narrow
from hyperopt_core.space import SearchSpace
from hyperopt_core.spec import Limits
from hyperopt_core.storage.protocol import Storage
from hyperopt_core.sweep import Sweep
from hyperopt_core.sweep.importing import import_trials
from hyperopt_core.trial import State

_MOST = 500  # trials that are taken over, the best: each is a handful of writes


def search_here(old: Sweep, storage: Storage, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Begin a sweep in a part of `old`'s space; its strategy knows the finished trials that lie there.

    asked: name; ranges, see `narrow`; trials, how many new ones. Raises `InvalidTrial`, `ConfigError`, `SweepExists`.
    """
    name, ranges, count = asked.get("name"), asked.get("ranges"), asked.get("trials")
    if not isinstance(name, str) or not name.strip():
        raise InvalidTrial("the new sweep needs a name")
    if not isinstance(ranges, Mapping) or not all(isinstance(wanted, Mapping) for wanted in ranges.values()):
        raise InvalidTrial("ranges is missing: name -> low and high, or choices")
    if not isinstance(count, int) or count < 1:
        raise InvalidTrial("trials: a whole number of 1 or more is needed")
    space, objective = narrow(old.spec.space, ranges), old.spec.objective
    spec = replace(old.spec, space=space, initial=(), name=None, seed=None, limits=Limits(seconds=None))
    history = old.history
    inside = [t for t in history.trials if t.state in (State.COMPLETED, State.STOPPED) and _lies_in(t.params, space)]
    inside.sort(key=lambda t: float("inf") if t.value is None else objective.to_minimize(t.value))
    with Sweep.create(spec, storage, name) as new:
        # A value that was told without a name goes by the objective's.
        found = [
            (
                replace(t, metrics={**t.metrics, objective.metric: t.value}) if t.value is not None else t,
                history.curve(t.number),
            )
            for t in inside[:_MOST]
        ]
        known = import_trials(new, found, f"sweep {old.name}").count
        new.update(replace(new.spec, limits=Limits(trials=known + count)))
        return {"name": new.name, "known": known}


def _lies_in(params: Mapping[str, Any], space: SearchSpace) -> bool:
    try:
        space.clean(params)
    except InvalidTrial:
        return False
    return True
