"""The life of a trial as a storage keeps it: pure functions from one record to the next, the same for every storage.

A storage loads a `Record`, hands it to one of these inside its transaction and saves what comes back. They hold the
rules of ownership (see `hyperopt_core.storage.protocol`): who may write, what a repeated write means, where a trial
goes next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hyperopt_core.errors import Conflict, InvalidTransition, InvalidTrial, LeaseLost
from hyperopt_core.storage.plain import outcome_to_text, plain, proposal_to_text, same_outcome, whole
from hyperopt_core.storage.protocol import Held, Owner
from hyperopt_core.trial import Measurement, Origin, Outcome, State, Trial, check_transition

HELD = (State.PROPOSING, State.RUNNING)
_NOBODY = Owner("")


@dataclass(frozen=True, slots=True)
class Record:
    """A trial with what only its storage needs to know."""

    trial: Trial
    owner: Owner = _NOBODY
    beat: int = 0
    proposed: bool = False  # it has parameters
    resume: bool = False  # the next attempt goes on from `next_step`
    key: str | None = None  # identifies its point of a finite space

    def held_by(self, attempt: int) -> bool:
        """True where `attempt` holds the lease."""
        return self.trial.attempt == attempt and self.trial.state in HELD

    def held(self) -> Held:
        """The lease as others see it."""
        return Held(self.trial.number, self.trial.attempt, self.beat, self.owner)

    def handed_out(self) -> Trial:
        """The trial with mappings of its own."""
        trial = self.trial
        origin = replace(trial.origin, details=dict(trial.origin.details))
        return replace(trial, params=plain(trial.params), origin=origin, metrics=dict(trial.metrics))


def new(number: int) -> Record:
    """A trial whose number was taken this moment."""
    return Record(Trial(number, state=State.WAITING, attempt=0))


def enqueued(number: int, params: Mapping[str, Any], origin: Origin, key: str | None) -> Record:
    """A trial that waits with parameters."""
    return Record(Trial(number, params, State.WAITING, origin, attempt=0), proposed=True, key=key)


def claim(record: Record, owner: Owner, now: float, budget: int | None = None, resume: bool = True) -> Record:
    """A WAITING or PAUSED trial goes to `owner`; a paused one goes on unless `resume` is false."""
    attempt = record.trial.attempt + 1
    trial = replace(
        record.trial,
        state=State.RUNNING if record.proposed else State.PROPOSING,
        attempt=attempt,
        budget=record.trial.budget if budget is None else budget,
        values=(),
        reason="",
        error=None,
        owner=owner.id,
        ended_at=None,
    )
    goes_on = resume if record.trial.state is State.PAUSED else record.resume
    if not goes_on:
        trial = replace(trial, base_attempt=attempt, next_step=1, metrics={}, started_at=now)
    return replace(record, trial=trial, owner=owner, beat=0, resume=False)


def propose(
    record: Record, attempt: int, params: Mapping[str, Any], origin: Origin, budget: int | None, key: str | None
) -> Record:
    """A PROPOSING trial gets its parameters; the record itself comes back where it has the same already."""
    trial = record.trial
    if not record.held_by(attempt):
        raise LeaseLost(trial.number, attempt)
    if record.proposed:
        known = proposal_to_text(trial.params, trial.origin, trial.budget, record.key)
        if known == proposal_to_text(params, origin, budget, key):
            return record
        raise InvalidTransition(trial.number, trial.state, State.RUNNING)
    trial = replace(trial, params=params, origin=origin, budget=budget, state=State.RUNNING)
    return replace(record, trial=trial, proposed=True, key=key)


def report(record: Record, attempt: int, measurements: Sequence[Measurement]) -> Record:
    """The running attempt has measured something."""
    trial = record.trial
    if trial.state is not State.RUNNING or trial.attempt != attempt:
        raise LeaseLost(trial.number, attempt)
    next_step = max((whole(m.step + 1) for m in measurements), default=1)
    trial = replace(trial, next_step=max(trial.next_step, next_step))
    return replace(record, trial=trial, beat=record.beat + 1)


def finish(record: Record, attempt: int, told: Outcome | None, outcome: Outcome, now: float) -> Record:
    """An attempt ends with `outcome`; `told` is what it ended with before, if it did.

    Returns the record itself where nothing changes. Raises `Conflict`, `LeaseLost` and `InvalidTransition`.
    """
    trial = record.trial
    if told is not None:
        if same_outcome(told, outcome):
            return record
        if told.state is not State.PAUSED or outcome.state is State.PAUSED:
            raise Conflict(trial.number, *_differences(told, outcome))
    if trial.attempt != attempt or trial.state not in (*HELD, State.PAUSED):
        raise LeaseLost(trial.number, attempt)
    check_transition(trial.number, trial.state, outcome.state)
    state, reason = outcome.state, outcome.reason
    if trial.cancel_requested and not state.ended:
        state, reason = State.CANCELLED, trial.reason or reason
    trial = replace(
        trial,
        state=state,
        values=outcome.values,
        metrics=outcome.metrics,
        reason=reason or (trial.reason if state is State.CANCELLED else ""),
        error=outcome.error,
        failures=trial.failures + outcome.failed,
        ended_at=now if state.ended else None,
    )
    return replace(record, trial=trial, resume=outcome.resume and state is State.WAITING)


def cancel(record: Record, reason: str, now: float) -> Record | None:
    """Somebody wants the trial to end: at once where nobody holds it. None where it has ended already."""
    trial = record.trial
    if trial.state.ended:
        return None
    if trial.cancel_requested:
        return record
    trial = replace(trial, cancel_requested=True, reason=reason)
    if trial.state not in HELD:
        trial = replace(trial, state=State.CANCELLED, ended_at=now)
    return replace(record, trial=trial)


def retry(record: Record) -> Record:
    """A FAILED or CANCELLED trial waits to start from scratch."""
    trial = record.trial
    if trial.state not in (State.FAILED, State.CANCELLED):
        raise InvalidTransition(trial.number, trial.state, State.WAITING)
    trial = replace(trial, state=State.WAITING, values=(), metrics={}, cancel_requested=False, ended_at=None)
    return replace(record, trial=trial, resume=False)


def reclaim(record: Record, attempt: int, beat: int, resume: bool, reason: str, now: float) -> Record | None:
    """Take the trial from an owner that is gone. None where it has moved since the caller looked."""
    trial = record.trial
    if not record.held_by(attempt) or record.beat != beat:
        return None
    if trial.cancel_requested:
        trial = replace(trial, state=State.CANCELLED, reason=trial.reason or reason, ended_at=now)
    else:
        trial = replace(trial, state=State.WAITING, reason=reason)
    return replace(record, trial=trial, resume=resume and record.proposed and trial.state is State.WAITING)


def late_note(note: str, outcome: Outcome) -> str:
    """`note` of a fenced attempt, with what its old owner told too late."""
    late = f"told late: {outcome_to_text(outcome)}"
    if late in note:
        return note
    return f"{note}; {late}" if note else late


def no_trial(number: int, count: int) -> InvalidTrial:
    """The error for a trial number that is not there."""
    held = f"its trials are 0 to {count - 1}" if count else "it has no trials yet"
    return InvalidTrial(f"the sweep has no trial {number}; {held}")


def key_taken(key: str | None) -> InvalidTrial:
    """The error for a point of a finite space that another trial has."""
    return InvalidTrial(f"another trial of this sweep has the point {key!r} already")


def _differences(told: Outcome, outcome: Outcome) -> tuple[str, str]:
    """The fields in which two outcomes differ, as words for a message."""
    names = [
        name
        for name in ("state", "values", "metrics", "reason", "error", "failed", "resume", "exit_code")
        if repr(getattr(told, name)) != repr(getattr(outcome, name))
    ]
    first, second = (
        ", ".join(f"{name} {str(value) if name == 'state' else repr(value)}" for name, value in pairs)
        for pairs in ([(name, getattr(which, name)) for name in names] for which in (told, outcome))
    )
    return first, second
