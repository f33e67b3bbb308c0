"""What a scheduler is: it decides, report by report, which trials go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, Self

from hyperopt_core.trial import Trial, Verdict


@dataclass(frozen=True, slots=True)
class Job:
    """What the next free worker should do: go on with a paused trial, or start a new one."""

    number: int | None = None  # a paused trial; None: a new one
    budget: int | None = None  # train to this step; None: to the end
    reason: str = ""
    details: Mapping[str, float] = field(default_factory=dict)  # what a new trial's origin should remember


@dataclass(frozen=True, slots=True)
class Setting:
    """What a sweep says about its trainings, for options that a scheduler was not given."""

    max_steps: int | None = None  # the steps of a full training
    resumable: bool = False  # whether a paused trial can go on
    goal: str = "minimize"


class Scheduler(Protocol):
    """Sees every event of a sweep in the order of its log, from all workers; its state is a function of that log.

    Values are to be minimised (the optimizer flips the sign for `maximize`) and finite (it stops NaN itself).
    """

    @property
    def name(self) -> str:
        """As users write it in `early_terminate=`."""

    def next_job(self, new: bool = True) -> Job:
        """What should run next. Does not change the state: `started` does, once the job is in the log.

        new: whether a new trial may begin; where not, an answer without a number means that there is nothing to do.
        """

    def started(self, trial: Trial) -> None:
        """A trial began, or goes on after a pause, or began from scratch once more (a new `base_attempt`)."""

    def report(self, trial: Trial, step: float, value: float) -> Verdict:
        """A trial reported `value` at `step`: may it go on?"""

    def ended(self, trial: Trial) -> None:
        """A trial paused or ended: its `state` says how."""


class Template(Scheduler, Protocol):
    """A scheduler that users make with some options and that a sweep completes."""

    def fitted(self, setting: Setting) -> Self:
        """The same for one sweep and without memory. Raises `ConfigError` where `setting` does not fit."""
