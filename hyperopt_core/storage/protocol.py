"""What a storage does: one readable file, four implementations, one contract suite (tests/contracts/test_storage.py).

A storage keeps sweeps, their trials, and one log a sweep. Every write takes the next `seq` of its sweep in the same
transaction, so the order of `seq` is the order of commits and a reader that asks for `changes(since)` misses nothing.

Ownership is a lease: whoever claimed a trial holds (number, attempt). Every write of an attempt carries both and is
refused with `LeaseLost` once the trial has gone to another attempt, was cancelled or has ended. An owner shows that it
lives by raising the trial's beat counter. Storages do not compare clocks of different machines: whoever wants to take
over a trial says which (attempt, beat) it saw standing still, and the storage takes it back only if both still hold.

Values are stored as JSON has them: None, bool, int of any size, float (NaN and infinities too), str, lists and dicts
with string keys come back exactly as they were; tuples come back as lists, scalars of numpy and torch as Python's;
anything else raises `InvalidTrial`. What a storage hands out is the caller's own copy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from hyperopt_core.trial import Changes, Measurement, Origin, Outcome, Trial


class Status(StrEnum):
    """What people want of a sweep."""

    RUNNING = "running"
    PAUSED = "paused"  # no new trials; those that run go on
    STOPPED = "stopped"  # no new trials; those that run finish
    CANCELLED = "cancelled"  # no new trials; those that run are ended
    FINISHED = "finished"  # budget spent, target reached or space exhausted


@dataclass(frozen=True, slots=True)
class SweepRecord:
    """A sweep as it is stored."""

    id: int
    name: str
    spec: Mapping[str, Any]  # the configuration as JSON, see `SweepSpec.to_dict`
    seed: int
    status: Status
    reason: str = ""  # why it has this status
    created_at: float = 0.0  # seconds since the epoch
    next_number: int = 0  # how many trials there are
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Owner:
    """Who claims a trial; the process fields let another agent on the same host see at once that it is gone."""

    id: str  # unique per agent slot, e.g. "host-4711-2"
    host: str = ""
    pid: int = 0
    pid_start: str = ""  # start time of the process, so that a re-used pid is not mistaken for it
    boot_id: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """A trial that is PROPOSING or RUNNING, and who holds it."""

    number: int
    attempt: int
    beat: int
    owner: Owner


@dataclass(frozen=True, slots=True)
class Attempt:
    """One agent's go at a trial."""

    number: int
    attempt: int
    owner: str  # `Owner.id`
    started_at: float
    ended_at: float | None = None
    outcome: Outcome | None = None  # as it was told; None while it runs, and where it was taken back
    note: str = ""  # why it was taken back, and what its old owner told too late


class Storage(Protocol):
    """Where sweeps last. Methods raise `StorageError` where the medium fails, and nothing is half written.

    A sweep that is not there (any more) raises `SweepNotFound`, a trial number that is not there `InvalidTrial`.
    """

    @property
    def shared(self) -> bool:
        """True where another process that opens `url` sees the same sweeps."""

    @property
    def url(self) -> str:
        """Where it is, e.g. ``sqlite:///sweeps.db``, without a password: for people to see."""

    @property
    def secret_url(self) -> str:
        """`url` with the password or token it was opened with: opens the same storage in another process."""

    # sweeps -----------------------------------------------------------------------------------------------------

    def create_sweep(self, name: str, spec: Mapping[str, Any], seed: int) -> SweepRecord:
        """Store a new sweep, RUNNING. Raises `SweepExists`."""

    def get_sweep(self, name: str) -> SweepRecord:
        """Raises `SweepNotFound`, with the names there are."""

    def list_sweeps(self) -> list[SweepRecord]:
        """All sweeps, oldest first."""

    def set_status(self, sweep: int, status: Status, reason: str = "", expected: Sequence[Status] = ()) -> bool:
        """Write what people (or the budget) want; with `expected`, only if the status is one of them now.

        Returns True where it was written. Takes a `seq`.
        """

    def update_spec(self, sweep: int, spec: Mapping[str, Any]) -> None:
        """Replace the stored configuration, as when a budget is raised; seed, trials and status stay. Takes a `seq`."""

    def delete_sweep(self, sweep: int) -> None:
        """Delete a sweep with its trials and measurements."""

    # the log ----------------------------------------------------------------------------------------------------

    def status(self, sweep: int) -> tuple[Status, str, int]:
        """(status, reason, seq): the cheapest look at a sweep."""

    def changes(self, sweep: int, since: int) -> Changes:
        """Everything that changed after `since`, in O(what changed). since=0: everything."""

    # the life of a trial ----------------------------------------------------------------------------------------

    def claim(
        self,
        sweep: int,
        owner: Owner,
        *,
        number: int | None = None,
        budget: int | None = None,
        cap: int | None = None,
        resume: bool = True,
    ) -> Trial | None:
        """Take a trial: one transaction, nobody else gets the same.

        number=None: the oldest WAITING trial (RUNNING if it has parameters, else PROPOSING), else the next new number
        (PROPOSING) while fewer than `cap` trials exist, else None. number=n: that PAUSED trial (RUNNING), or None if it
        is PAUSED no longer; `budget` is then the step to train to from now on (None: as before). The attempt counts up
        by one (a new trial's first is 1), the owner is recorded, the beat starts at 0. A trial that goes on (PAUSED
        with `resume`, or WAITING with `Outcome.resume`) keeps its `next_step` and metrics; one that starts from scratch
        has `next_step` 1 and the new attempt as its `base_attempt`.
        """

    def add_trial(
        self,
        sweep: int,
        number: int,
        attempt: int,
        params: Mapping[str, Any],
        origin: Origin,
        *,
        budget: int | None = None,
        key: str | None = None,
    ) -> Trial:
        """Give a PROPOSING trial its parameters: it is RUNNING from now on.

        `key` identifies the point of a finite space; two trials of a sweep never have the same one: raises
        `InvalidTrial` if it is taken, and the trial stays PROPOSING. The same call again changes nothing; different
        parameters for a RUNNING trial raise `InvalidTransition`. Raises `LeaseLost`.
        """

    def enqueue(self, sweep: int, params: Mapping[str, Any], origin: Origin, *, key: str | None = None) -> Trial:
        """Add a WAITING trial with parameters, under the next number; attempt 0 until it is claimed.

        Raises `InvalidTrial` if `key` is taken.
        """

    def add_measurements(
        self, sweep: int, number: int, attempt: int, measurements: Sequence[Measurement], *, durable: bool = False
    ) -> None:
        """Append what a running attempt reported, and raise its beat and `next_step`. Raises `LeaseLost`.

        The measurements are kept under `attempt`, whatever they say. Trials in `Changes` do not come up anew for this.
        durable=False may lose the last ones in a power cut (never in a crash of a process).
        """

    def finish_trial(self, sweep: int, number: int, attempt: int, outcome: Outcome) -> Trial:
        """End an attempt. Durable once it returns.

        The same outcome for the same attempt again changes nothing; another one raises `Conflict`. An attempt that is
        not the current one raises `LeaseLost` and is kept as a note of the attempt. State WAITING with
        resume=False makes the next attempt start from scratch; with resume=True it goes on.
        `finish_trial` also ends a PAUSED trial: attempt is the last one it had. Where somebody asked to cancel the
        trial, PAUSED and WAITING become CANCELLED.
        """

    def request_cancel(self, sweep: int, number: int, reason: str = "") -> bool:
        """Ask the owner of a running trial to end it (`Trial.cancel_requested`); WAITING, PAUSED ones end at once.

        The trial's reason is `reason` from now on.

        Returns False where the trial has ended already.
        """

    def retry(self, sweep: int, number: int) -> Trial:
        """A FAILED or CANCELLED trial is WAITING again, to start from scratch. Raises `InvalidTransition`."""

    def attempts(self, sweep: int, number: int) -> list[Attempt]:
        """What became of each agent that took the trial, oldest first."""

    # leases -----------------------------------------------------------------------------------------------------

    def beat(self, sweep: int, leases: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        """Raise the beat of each (number, attempt); returns those that are valid no longer or are asked to cancel.

        A beat takes no `seq`.
        """

    def held(self, sweep: int) -> list[Held]:
        """The trials that are PROPOSING or RUNNING, with their owners and beats."""

    def reclaim(self, sweep: int, number: int, attempt: int, beat: int, *, resume: bool, reason: str = "") -> bool:
        """Take a trial back from an owner that is gone: it is WAITING again (PROPOSING ones too, without parameters).

        Only if (attempt, beat) are still what the caller saw. Returns whether it was. A trial that somebody asked to
        cancel becomes CANCELLED instead. `reason` is kept in the trial and as a note of the attempt.
        """

    def close(self) -> None:
        """Let go of files and connections; a closed storage is not used again."""
