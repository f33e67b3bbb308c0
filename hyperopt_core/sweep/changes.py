"""Which changes of its configuration a sweep can take while it goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from hyperopt_core.spec import SweepSpec

#: Keys that say when to end or how to try, not what is tried: trials before and after a change can be compared.
LIMITS = frozenset({"run_cap", "budget", "metric.target", "retries", "timeout", "stall", "parallelism"})
#: Keys that only label a sweep.
LABELS = frozenset({"name", "description", "project", "entity"})


def differences(new: SweepSpec, old: SweepSpec) -> list[str]:
    """The keys in which two specs differ, labels aside; a seed that `new` does not give was drawn and does not differ.

    Nor does a metric that one of them does not name, and the other as it is called then.

    >>> from hyperopt_core.space import Float, SearchSpace
    >>> from hyperopt_core.spec import Limits
    >>> space = SearchSpace({"x": Float(0, 1)})
    >>> differences(SweepSpec(space, limits=Limits(trials=8)), SweepSpec(space, limits=Limits(trials=4), seed=1))
    ['run_cap']
    """
    named = (replace(spec, objective=replace(spec.objective, required=True)) for spec in (new, old))
    ours, theirs = (dict(_leaves(json.loads(json.dumps(spec.to_dict())))) for spec in named)
    if new.seed is None:
        theirs.pop("seed", None)
    return [
        key
        for key in sorted(ours.keys() | theirs.keys())
        if ours.get(key) != theirs.get(key) and key.partition(".")[0] not in LABELS
    ]


def is_limit(key: str, spec: SweepSpec) -> bool:
    """Whether a key of `differences` can change while the sweep of `spec` goes on."""
    if key == "parallelism" and spec.deterministic:
        return False  # what a trial may depend on
    return key in LIMITS or key.partition(".")[0] in LIMITS


def _leaves(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
