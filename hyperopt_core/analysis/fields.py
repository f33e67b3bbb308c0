"""One flat view of a trial: its parameters, its metrics and a few facts about it, each under one name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hyperopt_core.space import SearchSpace
from hyperopt_core.trial import Trial

#: Facts about a trial that are neither parameters nor metrics; the first two begin a table, the rest end it.
_HEAD: Mapping[str, Callable[[Trial], Any]] = {"number": lambda t: t.number, "state": lambda t: str(t.state)}
_TAIL: Mapping[str, Callable[[Trial], Any]] = {
    "value": lambda t: t.value,
    "seconds": lambda t: t.seconds,
    "attempt": lambda t: t.attempt,
    "strategy": lambda t: t.origin.strategy,
    "origin": lambda t: t.origin.reason,
    "mean": lambda t: t.origin.details.get("mean"),
    "sd": lambda t: t.origin.details.get("sd"),
    "acquisition": lambda t: t.origin.details.get("acquisition"),
    "reason": lambda t: t.reason,
}


class Fields:
    """The names by which a sweep's trials are filtered, tabled and exported, and what each trial has under them.

    Parameters (dotted) keep their names. A metric named as a parameter is called ``metrics.NAME``, a fact named as
    either ``trial.NAME``. The order is stable: number, state, parameters as the space has them, metrics as they first
    came up, the other facts.

    >>> from hyperopt_core.space import Float
    >>> Fields([Trial(0, {"lr": 0.1}, metrics={"loss": 2.0})], SearchSpace({"lr": Float(0, 1)})).names[:4]
    ('number', 'state', 'lr', 'loss')
    """

    def __init__(self, trials: Iterable[Trial], space: SearchSpace) -> None:
        self._space = space
        parameters = {n: n for n in space.parameters}
        reported = dict.fromkeys(m for t in trials for m in t.metrics)
        self._metrics = {m: _free(m, "metrics", parameters) for m in reported}
        taken = {*parameters, *self._metrics.values()}
        self._head = {_free(n, "trial", taken): get for n, get in _HEAD.items()}
        self._tail = {_free(n, "trial", taken): get for n, get in _TAIL.items()}
        self.metrics: tuple[str, ...] = tuple(reported)
        self.names: tuple[str, ...] = (*self._head, *parameters, *self._metrics.values(), *self._tail)

    def __call__(self, trial: Trial) -> dict[str, Any]:
        """Name -> value of what `trial` has: no inactive parameters, no metrics that it did not report."""
        out = {name: get(trial) for name, get in self._head.items()}
        out |= self._space.flatten(trial.params)
        out |= {name: trial.metrics[m] for m, name in self._metrics.items() if m in trial.metrics}
        out |= {name: get(trial) for name, get in self._tail.items()}
        return out


def _free(name: str, prefix: str, taken: Iterable[str]) -> str:
    """`name`, or with a prefix where it is taken."""
    while name in taken:
        name = f"{prefix}.{name}"
    return name
