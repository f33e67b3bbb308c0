"""Synchronous successive halving as a state machine over trial numbers: who trains next, to which step.

A bracket's state is worked out anew from what its trials have become (to which step each may train, its values at the
rungs, whether it rests or has ended), never from the order of events. So it does not matter in which order results
arrive, which come twice, or that a process which joins late sees only the last state of each trial.

Why it ends: a rung is decided once all its trials rest or have ended; at most as many as the plan says are ever allowed
to the next rung, of which there are finitely many. And nothing waits for a rung: the next bracket begins.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hyperopt_core.maths.halving import bracket, floor, largest_bracket

Plan = Sequence[tuple[int, int]]  # (trials, steps) of each rung


@dataclass(slots=True)
class Member:
    """A trial of a bracket."""

    steps: int  # it trains, or is trained, to this step
    values: dict[int, float] = field(default_factory=dict)  # rung -> value at the first report there
    last: float = math.inf
    rests: bool = False  # paused
    ended: bool = False  # by itself, or lost
    finished: bool = False  # ended with a value: it is as long as it gets, and keeps its place

    def value_at(self, rung: int) -> float:
        """What it is compared by at a rung; infinite where it has nothing to show."""
        return self.values.get(rung, self.last if self.finished else math.inf)

    def settled(self, steps: int) -> bool:
        """Whether a rung that trains to `steps` need not wait for it."""
        return self.ended or (self.rests and self.steps >= steps)


class Bracket:
    """One bracket: who waits to go up, and whether there is room for new trials."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.members: dict[int, Member] = {}
        self.rung = 0
        self.waiting: list[int] = []  # allowed to train to the step of `rung`, best first
        self.over = self._decided = False

    @property
    def has_room(self) -> bool:
        """Whether a new trial may begin here."""
        return not self._decided and len(self.members) < self.plan[0][0]

    def best_of_short_rung(self) -> int | None:
        """Who would go up first if no more trials came."""
        first = self.plan[0][1]
        if len(self.plan) == 1 or not self.has_room or not all(m.settled(first) for m in self.members.values()):
            return None
        return next((number for number in self._ranked(self.members, 0) if self.members[number].rests), None)

    def update(self) -> None:
        """Work the state out from the members."""
        seats: Iterable[int] = ()
        self.waiting, self.over = [], False
        for rung, (count, steps) in enumerate(self.plan):
            self.rung = rung
            members = {number: self.members[number] for number in seats} if rung else self.members
            last = rung == len(self.plan) - 1
            above = math.inf if last else self.plan[rung + 1][1]
            up = [number for number, member in members.items() if member.steps >= above]
            if rung == 0:
                full = len(members) >= count and all(m.settled(steps) for m in members.values())
                self._decided = full or bool(up)
                if not self._decided:
                    return
            elif not up and not all(m.settled(steps) for m in members.values()):
                return
            if last:
                break
            seats, room = up, self._places(rung + 1) - len(up)
            if room > 0:
                seats = [*up, *[n for n in self._ranked(members, rung) if members[n].steps < above][:room]]
            self.waiting = [n for n in seats if members[n].rests and members[n].steps < above]
            if self.waiting:
                self.rung = rung + 1
                return
        self.over = True

    def _places(self, rung: int) -> int:
        """How many trials a rung takes: as planned, or in proportion where the bracket began with fewer."""
        share = min(1.0, len(self.members) / self.plan[0][0])
        return max(1, floor(self.plan[rung][0] * share))

    @staticmethod
    def _ranked(members: dict[int, Member], rung: int) -> list[int]:
        """Those that could go up, best first; the earlier trial wins a tie."""
        able = [(m.value_at(rung), number) for number, m in members.items() if m.rests or m.finished]
        return [number for value, number in sorted(able) if value < math.inf]


class Brackets:
    """Brackets side by side, made from `plans` in turn as workers ask for work. A trial knows its bracket's index."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        self._plans = plans
        self._brackets: dict[int, Bracket] = {}
        self._open: list[int] = []  # indices, ascending
        self._index: dict[int, int] = {}  # trial -> bracket

    def next(self, new: bool = True) -> tuple[int | None, int, int]:
        """(trial to go on with, or None for a new one; the step to train it to; the bracket). Changes nothing.

        Where no `new` trial may begin, a bracket that lacks trials goes on with those that it has.
        """
        for index in self._open:
            one = self._brackets[index]
            if one.waiting:
                return one.waiting[0], one.plan[one.rung][1], index
            if one.has_room and new:
                return None, one.plan[0][1], index
            best = None if new else one.best_of_short_rung()
            if best is not None:
                return best, one.plan[1][1], index
        index = max(self._brackets, default=-1) + 1
        return None, self._plan(index)[0][1], index

    def started(self, number: int, index: int, steps: int, *, afresh: bool) -> None:
        """A worker trains trial `number` of bracket `index` to `steps`; afresh: what it reported before is void."""
        if index not in self._brackets:
            self._brackets[index] = Bracket(self._plan(index))
            self._open = sorted([*self._open, index])
        one = self._brackets[index]
        self._index[number] = index
        member = one.members.setdefault(number, Member(steps))
        member.steps = max(member.steps, steps)
        member.rests = member.ended = member.finished = False
        if afresh:
            member.values, member.last = {}, math.inf
        self._update(index)

    def reported(self, number: int, step: float, value: float) -> bool:
        """A trial was measured; True where it should rest now. Later values at a rung change nothing."""
        one = self._brackets[self._index[number]]
        member = one.members[number]
        member.last = value
        for rung, (_, steps) in enumerate(one.plan):
            if step < steps:
                break
            member.values.setdefault(rung, value)
        return member.steps <= step < one.plan[-1][1]

    def rests(self, number: int) -> None:
        """A trial is paused."""
        self._member(number).rests = True
        self._update(self._index[number])

    def ended(self, number: int, *, finished: bool) -> None:
        """A trial has ended: with a value, or lost."""
        member = self._member(number)
        member.rests, member.ended, member.finished = False, True, finished
        self._update(self._index[number])

    def __contains__(self, number: object) -> bool:
        return number in self._index

    def bracket_of(self, number: int) -> Bracket:
        """The bracket of a trial."""
        return self._brackets[self._index[number]]

    def _member(self, number: int) -> Member:
        return self.bracket_of(number).members[number]

    def _plan(self, index: int) -> Plan:
        return self._plans[index % len(self._plans)]

    def _update(self, index: int) -> None:
        one = self._brackets[index]
        was_open = not one.over
        one.update()
        if one.over and was_open:
            self._open.remove(index)
        elif not (one.over or was_open):
            self._open = sorted([*self._open, index])


def hyperband_plans(min_steps: int, max_steps: int, eta: float) -> list[Plan]:
    """The brackets of one round, most trials first (Li et al. 2018, algorithm 1).

    >>> [plan[0] for plan in hyperband_plans(1, 81, 3)]
    [(81, 1), (34, 3), (15, 9), (8, 27), (5, 81)]
    """
    s_max = largest_bracket(min_steps, max_steps, eta)
    return [bracket(s, s_max, max_steps, eta) for s in range(s_max, -1, -1)]
