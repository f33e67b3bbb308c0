"""Who trained what, and when: the spans of agents' work, and the gaps between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hyperopt_core.trial import State, Trial

if TYPE_CHECKING:
    from hyperopt_core.storage.protocol import Attempt


@dataclass(frozen=True, slots=True)
class Span:
    """One agent's go at a trial. Times are in seconds since the epoch."""

    owner: str
    number: int
    attempt: int
    start: float
    end: float  # for one that runs: now
    state: State  # what it ended as; RUNNING where it goes on


@dataclass(frozen=True, slots=True)
class Lane:
    """One agent's spans by their start."""

    owner: str
    spans: tuple[Span, ...]

    @property
    def busy(self) -> float:
        """Seconds at work."""
        return sum(span.end - span.start for span in self.spans)

    @property
    def share(self) -> float:
        """The part of the time from its first start to its last end that it was at work, 0..1."""
        there = max(span.end for span in self.spans) - self.spans[0].start
        return min(self.busy / there, 1.0) if there > 0 else 1.0

    @property
    def gap(self) -> float:
        """The longest time in seconds that it was idle between two trials."""
        ends, longest = self.spans[0].end, 0.0
        for span in self.spans[1:]:
            longest, ends = max(longest, span.start - ends), max(ends, span.end)
        return longest


def timeline(
    trials: Iterable[Trial], attempts: Mapping[int, Sequence[Attempt]] | None = None, *, now: float | None = None
) -> list[Lane]:
    """One lane an agent, in the order of their first starts; those without a start or an owner are left out.

    attempts: trial number -> its attempts, where a trial had several; else it is one span from its start to its end.
    now: where the spans of those that run end; default: the last time that is known.

    >>> some = [Trial(n, {}, State.COMPLETED, owner="a", started_at=10.0 * n, ended_at=10.0 * n + 8) for n in range(3)]
    >>> [(lane.owner, lane.busy, round(lane.share, 2), lane.gap) for lane in timeline(some)]
    [('a', 24.0, 0.86, 2.0)]
    """
    known, gone = list(trials), attempts or {}
    times = [at for t in known for at in (t.started_at, t.ended_at) if at is not None]
    latest = now if now is not None else max(times, default=0.0)
    spans: list[Span] = []
    for trial in known:
        if gone.get(trial.number):
            for a in gone[trial.number]:
                ended = a.outcome.state if a.outcome else State.RUNNING if a.ended_at is None else State.CANCELLED
                spans.append(
                    _span(
                        a.owner,
                        trial.number,
                        a.attempt,
                        a.started_at,
                        latest if a.ended_at is None else a.ended_at,
                        ended,
                    )
                )
        elif trial.owner and trial.started_at is not None:
            end = latest if trial.ended_at is None else trial.ended_at
            spans.append(_span(trial.owner, trial.number, trial.attempt, trial.started_at, end, trial.state))
    lanes: dict[str, list[Span]] = {}
    for span in sorted(spans, key=lambda s: (s.start, s.number)):
        lanes.setdefault(span.owner, []).append(span)
    return [Lane(owner, tuple(some)) for owner, some in lanes.items()]


def _span(owner: str, number: int, attempt: int, start: float, end: float, state: State) -> Span:
    return Span(owner, number, attempt, start, max(start, end), state)
