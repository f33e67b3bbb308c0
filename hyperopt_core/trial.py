"""A trial and what happens to it: frozen records, and the table of legal transitions between states."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hyperopt_core.errors import InvalidTransition, InvalidTrial, shown


class State(StrEnum):
    """Where a trial is in its life."""

    PROPOSING = "proposing"  # its number is taken, its parameters are being chosen
    WAITING = "waiting"  # waits for an agent: enqueued by a user, or to be tried again
    RUNNING = "running"  # an agent holds its lease and trains it
    PAUSED = "paused"  # trained to its budget; goes on if the scheduler promotes it
    COMPLETED = "completed"  # trained to its end, has a value unless the sweep names no metric
    STOPPED = "stopped"  # ended early by the scheduler; its value is not that of a full training
    FAILED = "failed"  # raised, crashed, timed out, or gave no finite value
    CANCELLED = "cancelled"  # ended by a person or by the end of the sweep

    @property
    def ended(self) -> bool:
        """True for states that no agent works on and that keep their result."""
        return self in _ENDED

    @property
    def pending(self) -> bool:
        """True where parameters are out and the result is not known yet."""
        return self in _PENDING


_ENDED = frozenset({State.COMPLETED, State.STOPPED, State.FAILED, State.CANCELLED})
_PENDING = frozenset({State.WAITING, State.RUNNING, State.PAUSED})

#: state -> the states that may follow it.
TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.PROPOSING: frozenset({State.RUNNING, State.WAITING, State.CANCELLED}),
    State.WAITING: frozenset({State.PROPOSING, State.RUNNING, State.CANCELLED}),
    State.RUNNING: frozenset(
        {State.WAITING, State.PAUSED, State.COMPLETED, State.STOPPED, State.FAILED, State.CANCELLED}
    ),
    State.PAUSED: frozenset({State.RUNNING, State.WAITING, State.COMPLETED, State.STOPPED, State.CANCELLED}),
    State.COMPLETED: frozenset(),
    State.STOPPED: frozenset(),
    State.FAILED: frozenset({State.WAITING}),  # a person tries it again
    State.CANCELLED: frozenset({State.WAITING}),
}


def check_transition(number: int, current: State, wanted: State) -> None:
    """Raise `InvalidTransition` unless trial `number` may go from `current` to `wanted`."""
    if wanted not in TRANSITIONS[current]:
        raise InvalidTransition(number, current, wanted)


class Decision(StrEnum):
    """What a scheduler says after a report."""

    CONTINUE = "continue"
    PAUSE = "pause"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision and the reason for it, in words that a user reads."""

    decision: Decision = Decision.CONTINUE
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a trial's parameters come from."""

    strategy: str  # name of the strategy, "initial" or "user"
    reason: str = ""  # e.g. "random start 3 of 10", "exploit"
    details: Mapping[str, float] = field(default_factory=dict)  # e.g. predicted mean and sd, acquisition


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a strategy answers to ask: parameters (no inactive ones) and where they come from."""

    params: Mapping[str, Any]
    origin: Origin
    budget: int | None = None  # train to this step; None: no limit


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a trial reported at a step."""

    step: float  # in the user's unit: epochs, seconds, samples; 0 or more
    metrics: Mapping[str, float]  # name -> value; NaN and infinities are kept
    attempt: int = 1
    at: float = 0.0  # seconds since the epoch; 0: unknown

    def __post_init__(self) -> None:
        as_step(self.step)


@dataclass(frozen=True, slots=True)
class Trial:
    """One configuration and its life so far, as a storage or an optimizer hands it out."""

    number: int  # 0, 1, 2, ... without holes
    params: Mapping[str, Any] = field(default_factory=dict)  # nested as the space is; without inactive parameters
    state: State = State.RUNNING
    origin: Origin = Origin("user")
    attempt: int = 1  # counts the agents that took it; the fence of every write
    base_attempt: int = 1  # the attempt at which the training began from scratch; older measurements do not count
    failures: int = 0  # attempts that ended in an error
    budget: int | None = None  # train to this step, then tell; None: to the end
    next_step: float = 1  # the step to go on with: 1 for a new one
    values: tuple[float, ...] = ()  # one per objective, as the user measures it; () until known
    metrics: Mapping[str, float] = field(default_factory=dict)  # last value of everything reported
    reason: str = ""  # why it was stopped, failed or cancelled
    error: str | None = None  # traceback or last lines of stderr
    owner: str | None = None  # the agent that holds or held it
    cancel_requested: bool = False  # somebody wants it to end
    started_at: float | None = None  # seconds since the epoch
    ended_at: float | None = None
    seq: int = 0  # place in the storage's log of its last change

    @property
    def value(self) -> float | None:
        """The first objective's value as the user measures it, or None."""
        return self.values[0] if self.values else None

    def _repr_html_(self) -> str:
        from hyperopt_core.space.notebook import html_table  # not before: programs import this file, and no numpy

        facts = {"value": self.value, "params": dict(self.params), "reason": self.reason, "took": self.seconds}
        rows = [(name, fact) for name, fact in facts.items() if fact not in (None, "", {})]
        return html_table(f"Trial {self.number}, {self.state}", ["", ""], rows)

    @property
    def seconds(self) -> float | None:
        """Wall-clock seconds from start to end, or None."""
        if self.started_at is None or self.ended_at is None:
            return None
        return self.ended_at - self.started_at


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended: what `finish_trial` writes.

    `state` is one of the ended ones, PAUSED (goes on later), or WAITING (to be tried again by another attempt).
    """

    state: State
    values: tuple[float, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""
    error: str | None = None
    failed: bool = False  # count it in Trial.failures
    resume: bool = False  # state WAITING: the next attempt goes on from the last step, not from scratch
    exit_code: int | None = None

    def __post_init__(self) -> None:
        if self.state not in _OUTCOMES:
            raise InvalidTrial(f"an attempt cannot end as {self.state}; one of {sorted(_OUTCOMES)}")


_OUTCOMES = _ENDED | {State.PAUSED, State.WAITING}


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened in a sweep after some point of its log, in order; applying it to an optimizer replays it."""

    seq: int  # the log is known up to here
    trials: tuple[Trial, ...] = ()  # the state now of every trial that changed, by seq
    measurements: tuple[tuple[int, Measurement], ...] = ()  # (trial number, measurement), in the order written


def as_float(value: Any, name: str = "value") -> float:
    """A measured value as a Python float; NaN and infinities stay. Raises `InvalidTrial` for what is no number."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise InvalidTrial(f"{name} is {shown(value)}: a number is needed") from None


def as_floats(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Metrics as Python floats. Raises `InvalidTrial`."""
    return {str(name): as_float(value, str(name)) for name, value in metrics.items()}


def as_step(value: Any) -> float:
    """A step as a Python number, whole ones as int. Raises `InvalidTrial` for what is not finite or below 0."""
    step = as_float(value, "step")
    if not 0 <= step < math.inf:
        raise InvalidTrial(f"step is {shown(value)}: number the steps 1, 2, 3, ...")
    return int(step) if step == int(step) else step


def step_after(last: float) -> int:
    """The whole step that follows `last`."""
    return math.floor(last) + 1
