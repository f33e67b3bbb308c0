"""Conditions: a parameter is active only `when` its parents are active and have certain values."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hyperopt_core.errors import ConfigError


def canonical(value: Any) -> str:
    """A text that is equal for equal JSON values: True is not 1, 1 is not 1.0, key order does not matter.

    >>> canonical({"b": 1, "a": (True, None)})
    '{"a": [true, null], "b": 1}'
    """
    return json.dumps(value, sort_keys=True)


def same(a: Any, b: Any) -> bool:
    """Equality as users of sweep files mean it: 1 == 1.0, but True is not 1 and "1" is not 1."""
    if type(a) is type(b) and isinstance(a, str | int):  # the usual case, without the cost of a text
        return bool(a == b)
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, int | float) and isinstance(b, int | float):
        return a == b
    return canonical(a) == canonical(b)


@dataclass(frozen=True)
class Condition:
    """`parent` is active and takes one of `values`, or lies in [low, high].

    >>> Condition("kernel", ("poly", "rbf")).holds("rbf")
    True
    """

    parent: str
    values: tuple[Any, ...] | None = None
    low: float = -math.inf
    high: float = math.inf

    def holds(self, value: Any) -> bool:
        """Whether an active parent's `value` makes the child active."""
        if self.values is not None:
            return any(same(value, v) for v in self.values)
        return isinstance(value, int | float) and not isinstance(value, bool) and self.low <= value <= self.high

    def to_json(self) -> Any:
        """The right-hand side of `when`."""
        if self.values is not None:
            return list(self.values)
        return {k: v for k, v in (("min", self.low), ("max", self.high)) if math.isfinite(v)}


def parse_when(when: Mapping[str, Any] | None) -> tuple[Condition, ...]:
    """Conditions from ``{"kernel": ["poly"], "layers": {"min": 2}}``; all of them must hold.

    A single value stands for a list of one. Raises `ConfigError`.
    """
    if when is None:
        return ()
    if not isinstance(when, Mapping) or not when:
        raise ConfigError(f'when is {when!r}: give a mapping from parent to values, e.g. {{"kernel": ["poly"]}}')
    return tuple(_parse_condition(str(parent), wanted) for parent, wanted in when.items())


def _parse_condition(parent: str, wanted: Any) -> Condition:
    if isinstance(wanted, Mapping):
        bounds = {k: wanted[k] for k in ("min", "max") if k in wanted}
        numeric = all(isinstance(v, int | float) and not isinstance(v, bool) for v in bounds.values())
        if not bounds or set(wanted) - set(bounds) or not numeric:
            raise ConfigError(f'when.{parent} is {wanted!r}: give values or a range, e.g. {{"min": 2, "max": 5}}')
        return Condition(parent, None, bounds.get("min", -math.inf), bounds.get("max", math.inf))
    values = tuple(wanted) if isinstance(wanted, Sequence) and not isinstance(wanted, str) else (wanted,)
    if not values:
        raise ConfigError(f"when.{parent} is empty: the parameter would never be active")
    return Condition(parent, values)
