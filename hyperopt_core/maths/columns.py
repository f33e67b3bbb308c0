"""Sorted values step by step: how a trial stands among those that came as far."""

from __future__ import annotations

from bisect import bisect_left, insort


class StepValues:
    """One value a trial at each step, ascending; trials can be taken out again."""

    def __init__(self) -> None:
        self._sorted: dict[int, list[float]] = {}
        self._of: dict[int, dict[int, float]] = {}

    def add(self, number: int, step: int, value: float) -> bool:
        """Take in a trial's value at a step; False where it has one there already."""
        own = self._of.setdefault(number, {})
        if step in own:
            return False
        own[step] = value
        insort(self._sorted.setdefault(step, []), value)
        return True

    def at(self, step: int) -> list[float]:
        """The values at a step, ascending. Not to be changed."""
        return self._sorted.get(step, [])

    def forget(self, number: int) -> None:
        """Take out all values of a trial."""
        for step, value in self._of.pop(number, {}).items():
            values = self._sorted[step]
            del values[bisect_left(values, value)]


def quantile(ascending: list[float], q: float) -> float:
    """The linear-interpolation quantile of ascending values.

    >>> quantile([1.0, 2.0, 4.0], 0.5)
    2.0
    """
    place = q * (len(ascending) - 1)
    below = int(place)
    above = min(below + 1, len(ascending) - 1)
    return ascending[below] + (place - below) * (ascending[above] - ascending[below])
