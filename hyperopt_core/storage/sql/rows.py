"""Rows of the database as records, and records as rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row
from sqlalchemy.exc import DataError

from hyperopt_core.errors import InvalidTrial
from hyperopt_core.storage.lifecycle import Record
from hyperopt_core.storage.plain import dumps, loads, outcome_from_text, whole
from hyperopt_core.storage.protocol import Attempt, Owner, Status, SweepRecord
from hyperopt_core.trial import Measurement, Origin, State, Trial

_STATES = {str(state): state for state in State}

#: What databases and their drivers raise for a number or a text that no column can hold.
UNFIT = (DataError, OverflowError, UnicodeEncodeError)


def unfit(error: Exception) -> InvalidTrial:
    """One of `UNFIT` in words."""
    words = " ".join(str(getattr(error, "orig", error)).split())
    return InvalidTrial(f"a number or a text that the database cannot hold: {words}")


def sweep_from_row(row: Row[Any]) -> SweepRecord:
    """A row of `sweeps`."""
    return SweepRecord(
        id=row.id,
        name=row.name,
        spec=loads(row.spec),
        seed=loads(row.seed),
        status=Status(row.status),
        reason=row.reason,
        created_at=row.created_at,
        next_number=row.next_number,
        seq=row.seq,
    )


def trial_from_row(row: Row[Any]) -> Trial:
    """A row of `trials` as others see it."""
    # One text for the decoder: a reload reads many trials.
    origin, params, values, metrics = loads(f"[{row.origin},{row.params or '{}'},{row.values},{row.metrics}]")
    return Trial(
        number=row.number,
        params=params,
        state=_STATES[row.state],
        origin=Origin(*origin),
        attempt=row.attempt,
        base_attempt=row.base_attempt,
        failures=row.failures,
        budget=row.budget,
        next_step=whole(row.next_step),
        values=tuple(values),
        metrics=metrics,
        reason=row.reason,
        error=row.error,
        owner=row.owner,
        cancel_requested=row.cancel_requested,
        started_at=row.started_at,
        ended_at=row.ended_at,
        seq=row.seq,
    )


def record_from_row(row: Row[Any]) -> Record:
    """A row of `trials` as the rules of its life need it."""
    return Record(
        trial=trial_from_row(row),
        owner=owner_from_row(row),
        beat=row.beat,
        proposed=row.params is not None,
        resume=row.resume,
        key=row.key,
    )


def owner_from_row(row: Row[Any]) -> Owner:
    """The columns of `trials` that say who holds or held it."""
    return Owner(row.owner or "", row.host, row.pid, row.pid_start, row.boot_id)


def row_from_record(record: Record) -> dict[str, Any]:
    """The columns of `trials` but for `sweep_id`, `number` and `seq`."""
    trial, owner = record.trial, record.owner
    return {
        "state": str(trial.state),
        "params": dumps(trial.params) if record.proposed else None,
        "origin": dumps([trial.origin.strategy, trial.origin.reason, trial.origin.details]),
        "key": record.key,
        "budget": trial.budget,
        "attempt": trial.attempt,
        "base_attempt": trial.base_attempt,
        "failures": trial.failures,
        "next_step": trial.next_step,
        "resume": record.resume,
        "cancel_requested": trial.cancel_requested,
        "values": dumps(trial.values),
        "metrics": dumps(trial.metrics),
        "reason": trial.reason,
        "error": trial.error,
        "owner": trial.owner,
        "host": owner.host,
        "pid": owner.pid,
        "pid_start": owner.pid_start,
        "boot_id": owner.boot_id,
        "beat": record.beat,
        "started_at": trial.started_at,
        "ended_at": trial.ended_at,
    }


def measurements_from_rows(rows: Sequence[Any]) -> tuple[tuple[int, Measurement], ...]:
    """Rows (number, step, metrics, attempt, at) of `reports` as (trial number, measurement)."""
    # One text for the decoder: there may be very many, and each is short.
    metrics = loads(f"[{','.join([row[2] for row in rows])}]")
    return tuple(
        (number, Measurement(whole(step), measured, attempt, at))
        for (number, step, _, attempt, at), measured in zip(rows, metrics, strict=True)
    )


def attempt_from_row(row: Row[Any]) -> Attempt:
    """A row of `attempts`."""
    return Attempt(
        number=row.number,
        attempt=row.attempt,
        owner=row.owner,
        started_at=row.started_at,
        ended_at=row.ended_at,
        outcome=None if row.outcome is None else outcome_from_text(row.outcome),
        note=row.note,
    )
