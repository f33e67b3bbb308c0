"""Successive halving as arithmetic: where trials are compared, bracket sizes, and who is among the best."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence

Entry = tuple[float, int]  # (value, trial number): the earlier trial wins a tie


def rung_steps(min_steps: float, max_steps: float | None, eta: float, most: int = 64) -> tuple[float, ...]:
    """min_steps * eta^k rounded to whole steps while below `max_steps`, and `max_steps` itself, where it is known.

    >>> rung_steps(1, 81, 3)
    (1, 3, 9, 27, 81)
    >>> rung_steps(3, 52, 3)
    (3, 9, 27, 52)
    """
    steps: list[float] = []
    step = float(min_steps)
    while len(steps) < most and (max_steps is None or step < max_steps * (1 - 1e-9)):
        whole = round(step)
        if not steps or whole > steps[-1]:
            steps.append(whole)
        step *= eta
    return (*steps, max_steps) if max_steps is not None else tuple(steps)


def steps_text(steps: Sequence[float], most: int = 5) -> str:
    """Steps as words say them.

    >>> steps_text(rung_steps(1, None, 3))
    '1, 3, 9, 27, 81, ...'
    """
    return ", ".join(f"{step:g}" for step in steps[:most]) + (", ..." if len(steps) > most else "")


def largest_bracket(min_steps: float, max_steps: float, eta: float) -> int:
    """s_max: the largest s with min_steps * eta^s <= max_steps; counted, since log(243) / log(3) is below 5."""
    s, step = 0, min_steps * eta
    while step <= max_steps * (1 + 1e-12):
        s, step = s + 1, step * eta
    return s


def bracket(s: int, s_max: int, max_steps: float, eta: float) -> list[tuple[int, int]]:
    """Bracket `s` of Hyperband: (trials, steps to train them to), rung by rung (Li et al. 2018, algorithm 1).

    n = ceil((s_max + 1) / (s + 1) * eta^s) trials begin; rung i keeps floor(n / eta^i) at max_steps * eta^(i - s)
    steps, rounded to whole ones.

    >>> bracket(3, 3, 27, 3)
    [(27, 1), (9, 3), (3, 9), (1, 27)]
    """
    n = _ceil((s_max + 1) / (s + 1) * eta**s)
    rungs = [(floor(n / eta**i), max(1, round(max_steps * eta ** (i - s)))) for i in range(s + 1)]
    return [(count, steps) for count, steps in rungs if count > 0]


def floor(x: float) -> int:
    """The whole part of a positive number that may have been rounded just below a whole one."""
    return int(x + 1e-9)


def _ceil(x: float) -> int:
    return floor(x) if x - floor(x) < 1e-9 else floor(x) + 1


class Ranking:
    """Values of trials at one rung, best first; O(log n) comparisons a call."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._values: dict[int, float] = {}
        self._waiting: list[Entry] = []

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, number: int) -> bool:
        return number in self._values

    def record(self, number: int, value: float) -> int:
        """Take in a trial's value (its first one counts); returns its rank, 1 for the best."""
        if number not in self._values:
            self._values[number] = value
            insort(self._entries, (value, number))
        return self.rank(number)

    def rank(self, number: int) -> int:
        """1 for the best of the trials recorded."""
        return bisect_left(self._entries, (self._values[number], number)) + 1

    def forget(self, number: int) -> None:
        """The trial begins from scratch: what it was worth here does not count."""
        self.leave(number)
        if number in self._values:
            del self._entries[bisect_left(self._entries, (self._values.pop(number), number))]

    @property
    def numbers(self) -> list[int]:
        """The trials recorded, best first."""
        return [number for _, number in self._entries]

    def value(self, number: int) -> float:
        """A recorded trial's value."""
        return self._values[number]

    def value_at(self, rank: int) -> float:
        """The value of the trial at `rank`."""
        return self._entries[rank - 1][0]

    def wait(self, number: int) -> None:
        """A recorded trial is paused here and may be promoted."""
        entry = (self._values[number], number)
        place = bisect_left(self._waiting, entry)
        if self._waiting[place : place + 1] != [entry]:
            self._waiting.insert(place, entry)

    def leave(self, number: int) -> None:
        """A trial goes on or has ended: it waits here no more."""
        if number in self._values:
            entry = (self._values[number], number)
            place = bisect_left(self._waiting, entry)
            if self._waiting[place : place + 1] == [entry]:
                del self._waiting[place]

    def promotable(self, eta: float) -> int | None:
        """The best trial that waits, if it is in the top 1/eta of all recorded (Li et al. 2020, algorithm 2)."""
        if not self._waiting:
            return None
        number = self._waiting[0][1]  # where the best that waits is not in the top, none is
        return number if self.rank(number) <= floor(len(self._entries) / eta) else None


def reached(steps: Sequence[float], step: float) -> int:
    """How many of the ascending `steps` a trial at `step` has reached.

    >>> reached((3, 9, 27), 9)
    2
    """
    return bisect_left(steps, step + 1e-9)
