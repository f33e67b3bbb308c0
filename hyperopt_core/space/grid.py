"""All points of a finite space in order, counted and reached by index without being listed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from hyperopt_core.errors import ConfigError
from hyperopt_core.space.conditions import Condition, same
from hyperopt_core.space.constraints import Constraint
from hyperopt_core.space.parameters import Parameter

Segment = tuple[int, int]  # level indices start..stop-1 of a parent between which no condition changes


class Grid:
    """The points of a finite space; inactive parameters do not multiply them.

    Names are sorted at each nesting level and the last one varies fastest (as in W&B); a child follows its parents.
    Constraints are not looked at here. Raises `ConfigError` where a parameter has no finite number of values.
    """

    def __init__(
        self, parameters: Mapping[str, Parameter], conditions: Mapping[str, Sequence[Condition]], order: Sequence[str]
    ) -> None:
        endless = [n for n in order if parameters[n].levels is None]
        if endless:
            raise ConfigError(
                f"a grid needs finitely many values, and {', '.join(endless)} has a continuous range: "
                "give `values`, or a step (`q`)"
            )
        self._parameters, self._conditions, self.order = parameters, conditions, tuple(order)
        self._position = {name: i for i, name in enumerate(order)}
        self._segments = [
            _segments(parameters[n], [c for cs in conditions.values() for c in cs if c.parent == n]) for n in order
        ]
        # From here on no parameter has conditions, and the count is a plain product.
        conditional = [i for i, n in enumerate(order) if conditions[n]]
        self._free_from = max(conditional, default=-1) + 1
        self._products = [1] * (len(order) + 1)
        for i in range(len(order) - 1, self._free_from - 1, -1):
            self._products[i] = self._products[i + 1] * self._levels(i)
        self._counts: dict[tuple[int, tuple[int | None, ...]], int] = {}
        self.size = self._count(0, ())

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (self.point(i) for i in range(self.size))

    def point(self, index: int) -> dict[str, Any]:
        """The active parameters (dotted name -> value) of point `index` in 0..size-1."""
        if not 0 <= index < self.size:
            raise IndexError(f"point {index} of a grid of {self.size}")
        out: dict[str, Any] = {}
        seen: tuple[int | None, ...] = ()  # for each earlier parameter the level that stands for it; None: inactive
        for i, name in enumerate(self.order):
            if not self._active(i, seen):
                seen = (*seen, None)
                continue
            for start, stop in self._segments[i]:
                below = self._count(i + 1, (*seen, start))
                if index < (stop - start) * below:
                    step, index = divmod(index, below)
                    out[name] = self._parameters[name].level(start + step)
                    seen = (*seen, start)
                    break
                index -= (stop - start) * below
        return out

    def count(self, constraints: Sequence[Constraint]) -> int:
        """How many points meet `constraints`, which name parameters of this grid alone."""
        last = [max((self._position[n] for n in c.names), default=-1) for c in constraints]
        # Each constraint is asked as soon as the last of its parameters has a value.
        due = [[c for c, place in zip(constraints, last, strict=True) if place == i] for i in range(len(self.order))]
        end = max(self._free_from, *(place + 1 for place in last))

        def below(i: int, flat: dict[str, Any]) -> int:
            if i == end:
                return self._products[i]
            name, total = self.order[i], 0
            if not all(c.parent in flat and c.holds(flat[c.parent]) for c in self._conditions[name]):
                return below(i + 1, flat) if all(c.holds(flat) for c in due[i]) else 0
            for level in range(self._levels(i)):
                flat[name] = self._parameters[name].level(level)
                if all(c.holds(flat) for c in due[i]):
                    total += below(i + 1, flat)
            del flat[name]
            return total

        return below(0, {}) if all(c.holds({}) for c in constraints if not c.names) else 0

    def _levels(self, i: int) -> int:
        levels = self._parameters[self.order[i]].levels
        assert levels is not None
        return levels

    def _active(self, i: int, seen: tuple[int | None, ...]) -> bool:
        return all(self._met(c, seen) for c in self._conditions[self.order[i]])

    def _met(self, condition: Condition, seen: tuple[int | None, ...]) -> bool:
        level = seen[self._position[condition.parent]]
        return level is not None and condition.holds(self._parameters[condition.parent].level(level))

    def _count(self, i: int, seen: tuple[int | None, ...]) -> int:
        """How many ways there are to choose parameters i, i+1, ... after `seen`."""
        if i >= self._free_from:
            return self._products[i]
        # Parameters that no condition asks about have one segment: they share the entry.
        key = (i, seen)
        if key not in self._counts:
            if self._active(i, seen):
                total = sum((b - a) * self._count(i + 1, (*seen, a)) for a, b in self._segments[i])
            else:
                total = self._count(i + 1, (*seen, None))
            self._counts[key] = total
        return self._counts[key]


def _segments(parameter: Parameter, children: Sequence[Condition]) -> list[Segment]:
    """The parameter's levels, cut where a condition of some child begins or ceases to hold."""
    levels = parameter.levels
    assert levels is not None
    cuts = {0, levels}.union(*(_cuts(parameter, condition, levels) for condition in children))
    ends = sorted(c for c in cuts if 0 <= c <= levels)
    return list(pairwise(ends))


def _cuts(parameter: Parameter, condition: Condition, levels: int) -> set[int]:
    if condition.values is not None:
        indices = [_level_of(parameter, v) for v in condition.values]
        return {i + extra for i in indices if i is not None for extra in (0, 1)}
    if parameter.kind == "categorical":
        return set(range(levels))
    # Levels ascend: two binary searches find the range.
    return {
        _first(parameter, levels, lambda v: v >= condition.low),
        _first(parameter, levels, lambda v: v > condition.high),
    }


def _level_of(parameter: Parameter, value: Any) -> int | None:
    try:
        clean = parameter.clean(value)
    except ValueError:
        return None
    return parameter.index(clean) if same(clean, value) else None


def _first(parameter: Parameter, levels: int, holds: Any) -> int:
    low, high = 0, levels
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(parameter.level(middle)) else (middle + 1, high)
    return low
