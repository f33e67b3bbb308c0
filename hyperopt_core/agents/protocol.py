"""What an agent needs: somewhere that gives out trials, and something that trains one. Nothing here knows a storage."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from hyperopt_core.agents.run import Run
from hyperopt_core.spec import SweepSpec
from hyperopt_core.trial import Decision, Outcome, Trial


class TrialSource(Protocol):
    """Where trials come from and results go: a `Sweep`."""

    @property
    def name(self) -> str:
        """The sweep's name, which its programs are told."""

    @property
    def spec(self) -> SweepSpec:
        """What the sweep is asked to do."""

    def ask(self, slot: int = 0) -> Trial:
        """The next trial to run.

        Raises `SweepPaused` (ask again later), `TooEarly` (it has waited already: ask again), `BudgetSpent` and
        `SpaceExhausted` (others may still be at work, see `open_count`), `SweepStopped`.
        """

    def report(
        self,
        trial: Trial,
        step: float | None = None,
        value: float | None = None,
        metrics: Mapping[str, float] | None = None,
    ) -> Decision:
        """Store what a trial measured; STOP where it should end, for whatever reason."""

    def stop_reason(self, trial: Trial) -> str:
        """Why somebody wants a running trial to end now ("" where nobody does): cancelled, lost, stopped early."""

    def settle(
        self,
        trial: Trial,
        value: float | None = None,
        *,
        metrics: Mapping[str, float] | None = None,
        error: BaseException | str | None = None,
    ) -> Outcome:
        """How an attempt ends, given what its program returned; retries and cancelling are taken into account."""

    def finish(self, trial: Trial, outcome: Outcome) -> None:
        """Store how an attempt ended. A lost lease is no error here: somebody else has the trial."""

    def release(self, trial: Trial, reason: str) -> None:
        """Give a trial back unfinished, as no fault of its own: another agent takes it."""

    def open_count(self) -> int:
        """How many trials have not ended, all agents' together; one of them may yet come back to be tried again."""

    def ended_count(self) -> int:
        """How many trials have ended, all agents' together."""

    def trial_directory(self, trial: Trial) -> Path:
        """A folder for the files of a trial; it exists."""


class Evaluator(Protocol):
    """Trains one trial: calls a function, or starts a program. Called from several threads at once."""

    def __call__(self, run: Run) -> Outcome:
        """Run to the end and say how it ended; never raises for what the trial's program does.

        Ends soon after `run.should_stop`. An interrupted trial (see `Interrupt`) comes back as WAITING.
        """

    def close(self) -> None:
        """Let go of what all trials share."""
