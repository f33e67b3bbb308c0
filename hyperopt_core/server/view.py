"""A sweep as the page shows it: plain JSON, without NaN, for the server and for a report alike."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from hyperopt_core.analysis.table import finite
from hyperopt_core.history import best_trial, lacks_metric
from hyperopt_core.space import Beta, Categorical, Float, Int, LogNormal, Parameter, SearchSpace
from hyperopt_core.space.conditions import canonical
from hyperopt_core.spec import SweepSpec
from hyperopt_core.storage.protocol import SweepRecord
from hyperopt_core.trial import State, Trial

_LONGEST_LINE = 300  # of an error in a row; the whole one is asked for by trial
_LONGEST_ERROR = 16_384


def header(record: SweepRecord, spec: SweepSpec) -> dict[str, Any]:
    """What a sweep is: its axes, its metric, and its configuration as a sweep file."""
    import yaml

    objective, rule = spec.objective, spec.early_terminate
    return {
        "id": record.id,
        "name": record.name,
        "description": spec.description or "",
        "created_at": record.created_at,
        "seed": record.seed,
        "metric": objective.metric,
        "required": objective.required,
        "goal": objective.goal,
        "target": objective.target,
        "strategy": spec.strategy,
        "early_terminate": rule if isinstance(rule, str | None) else str(rule["type"]),
        "total": total(spec),
        "axes": axes(spec.space),
        "constants": finite({name: p.level(0) for name, p in spec.space.parameters.items() if p.kind == "constant"}),
        "config": yaml.safe_dump(dict(record.spec), sort_keys=False, allow_unicode=True, width=100),
    }


def total(spec: SweepSpec) -> int | None:
    """How many trials the sweep will have in all, where that is known."""
    limits = [spec.limits.trials, None if spec.space.constraints else spec.space.size]
    return min((n for n in limits if n is not None), default=None)


def axes(space: SearchSpace) -> list[dict[str, Any]]:
    """One axis a parameter that varies; the order is that of `row`'s params.

    >>> axes(SearchSpace({"lr": Float(1e-4, 1e-1, log=True), "opt": Categorical(["adam", "sgd"])}))[1]
    {'name': 'opt', 'kind': 'category', 'labels': ['adam', 'sgd'], 'levels': ['adam', 'sgd']}
    """
    return [_axis(name, space.parameters[name]) for name in _varying(space)]


def _varying(space: SearchSpace) -> list[str]:
    return [column.name for column in space.columns if column.levels != 1]


def _axis(name: str, parameter: Parameter) -> dict[str, Any]:
    axis: dict[str, Any] = {"name": name, "kind": "number"}
    match parameter:
        case Categorical():
            labels = [c if isinstance(c, str) and c.strip() else canonical(c) for c in parameter.choices]
            numeric = all(isinstance(c, int | float) and not isinstance(c, bool) for c in parameter.choices)
            axis |= {"kind": "category", "labels": labels, "levels": finite(list(parameter.choices))}
            if numeric:
                axis["ordered"] = True  # numbers ascend; anything else reads from the top, as it was written
        case Int():
            axis |= {"low": parameter.low, "high": parameter.high, "log": parameter.log, "whole": parameter.step}
        case Float():
            axis |= {"low": parameter.low, "high": parameter.high, "log": parameter.log}
        case Beta():
            axis |= {"low": 0.0, "high": 1.0, "log": False}
        case _:  # without bounds: the range of what was tried
            axis |= {"low": None, "high": None, "log": isinstance(parameter, LogNormal)}
    return axis


class Rows:
    """Makes the rows of a sweep's trials."""

    def __init__(self, space: SearchSpace) -> None:
        self._flatten = space.flatten
        self._columns = [(name, space.parameters[name]) for name in _varying(space)]

    def __call__(self, trial: Trial) -> dict[str, Any]:
        """A trial as a row. params: one value an axis, a choice by its index, None where it is inactive."""
        flat = self._flatten(trial.params)
        row: dict[str, Any] = {
            "number": trial.number,
            "state": str(trial.state),
            "params": [_code(parameter, flat.get(name)) for name, parameter in self._columns],
            "value": finite(trial.value),
            "metrics": finite(dict(trial.metrics)),
            "strategy": trial.origin.strategy,
            "attempt": trial.attempt,
            "since": trial.base_attempt,
        }
        optional = {
            "origin": trial.origin.reason,
            "reason": trial.reason,
            "owner": trial.owner,
            "started": trial.started_at,
            "ended": trial.ended_at,
            "error": _last_line(trial.error),
            "details": finite(dict(trial.origin.details)),
        }
        return row | {key: value for key, value in optional.items() if value}


def _code(parameter: Parameter, value: Any) -> float | None:
    if value is None and not isinstance(parameter, Categorical):
        return None
    if isinstance(parameter, Categorical):
        return parameter.index(value) if value is not None or None in parameter.choices else None
    number = float(value)
    return (value if isinstance(value, int) else number) if math.isfinite(number) else None


def _last_line(error: str | None) -> str:
    lines = (error or "").strip().splitlines()
    return lines[-1][:_LONGEST_LINE] if lines else ""


def detail(trial: Trial) -> dict[str, Any]:
    """What only one who asks for a trial sees: its whole parameters and its whole error, or the end of it."""
    return {
        "number": trial.number,
        "params": finite(dict(trial.params)),
        "error": (trial.error or "")[-_LONGEST_ERROR:],
    }


def overview(record: SweepRecord, spec: SweepSpec, trials: Iterable[Trial]) -> dict[str, Any]:
    """A sweep in one line of the list."""
    rows: Sequence[Trial] = list(trials)
    best = best_trial(rows, spec.objective)
    counts = Counter(t.state for t in rows)
    times = [at for t in rows for at in (t.started_at, t.ended_at) if at]
    return {
        "id": record.id,
        "name": record.name,
        "status": str(record.status),
        "reason": record.reason,
        "created_at": record.created_at,
        "changed_at": max(times, default=record.created_at),
        "metric": None if lacks_metric(rows, spec.objective) else spec.objective.metric,
        "goal": spec.objective.goal,
        "strategy": spec.strategy,
        "counts": {str(state): counts[state] for state in State if counts[state]},
        "total": total(spec),
        "best": None if best is None else {"number": best.number, "value": finite(best.value)},
    }


def errors(trials: Iterable[Trial], most: int = 200) -> dict[str, str]:
    """Number -> whole error, of the first `most` trials that have one."""
    return {str(t.number): (t.error or "")[-_LONGEST_ERROR:] for t in islice((t for t in trials if t.error), most)}
