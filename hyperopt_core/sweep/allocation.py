"""Which trial is given out next, and when there is none any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from hyperopt_core.config import load
from hyperopt_core.errors import (
    BudgetSpent,
    InvalidTrial,
    LeaseLost,
    SpaceExhausted,
    SweepPaused,
    SweepStopped,
    TooEarly,
)
from hyperopt_core.optimizer import Optimizer
from hyperopt_core.spec import SweepSpec
from hyperopt_core.storage.owner import this_owner
from hyperopt_core.storage.protocol import Status, Storage, SweepRecord
from hyperopt_core.sweep.budget import why_over
from hyperopt_core.sweep.changes import differences
from hyperopt_core.sweep.ordered import OrderedOptimizer, first_open
from hyperopt_core.trial import Changes, Outcome, State, Trial

#: A trial that so many agents died of fails: it crashes them, or needs more memory than there is.
LOST_AGENTS = 3
_PROPOSAL_SECONDS, _PROPOSAL_POLL = 10.0, 0.02  # how long, and how often, other processes' proposals are waited for
#: Strategies whose points do not depend on the history.
_BLIND = frozenset({"random", "sobol"})
#: What some agent is at work on.
HELD = (State.PROPOSING, State.RUNNING)


class Allocator:
    """Claims trials of one sweep for this process and gives them parameters.

    sync: brings the optimizer up to date with the storage. The caller holds the lock that guards the optimizer.
    """

    def __init__(self, storage: Storage, record: SweepRecord, optimizer: Optimizer, sync: Callable[[], None]) -> None:
        self._storage, self._id, self._name, self._created_at = storage, record.id, record.name, record.created_at
        self._optimizer, self._sync = optimizer, sync
        self._exhausted = ""  # why the strategy has no more points

    def claim(self, slot: int) -> Trial:
        """The next trial: RUNNING, or PROPOSING where it has no parameters yet.

        Raises `BudgetSpent`, `SweepStopped`, `SweepPaused`, `TooEarly` where there is none.
        """
        self._refuse_unless_running()
        if not self.blind:
            self._sync()
        trial = None
        while trial is None or self._gave_up(trial):
            over = self._over()
            if over:  # look again, more closely
                self._sync()
                self._limits_changed()
                over = self._over()
            if over:
                self._end(over)
                raise BudgetSpent(over)
            self._refuse_too_early()
            trial = self._take(slot)
            if trial is None:
                self._sync()
        return trial

    @property
    def blind(self) -> bool:
        """Whether what comes next does not depend on what other trials gave, so that nobody need read of them."""
        spec, optimizer = self._optimizer.spec, self._optimizer
        return (
            optimizer.strategy.name in _BLIND
            and optimizer.scheduler.name == "never"
            and spec.space.size is None
            and spec.objective.target is None
            and not (spec.initial or spec.deterministic)
        )

    def ready(self, trial: Trial) -> bool:
        """Whether a PROPOSING trial can have parameters now; in a deterministic sweep others may have to come first.

        Raises `TooEarly`, and gives the number back, where one of those has nobody who proposes it.
        """
        if not isinstance(self._optimizer, OrderedOptimizer) or self._optimizer.ready(trial.number):
            return True
        history = self._optimizer.history
        if any(n < trial.number and not history[n].params for n in history.open_numbers(State.WAITING)):
            self.give_back(trial)
            raise TooEarly(f"trial {trial.number} comes after one that waits to be proposed")
        return False

    def wait_for_turn(self, trial: Trial, turn: threading.Condition) -> None:
        """In a deterministic sweep, wait until the trials before have parameters. Raises `TooEarly`."""
        deadline = time.monotonic() + _PROPOSAL_SECONDS
        while not self.ready(trial):
            self._sync()
            if self.ready(trial):
                return
            if time.monotonic() > deadline:
                self.give_back(trial)
                raise TooEarly(f"trial {trial.number} depends on one that is still being proposed")
            turn.wait(_PROPOSAL_POLL)

    def give_back(self, trial: Trial) -> None:
        """A PROPOSING trial waits for another agent."""
        self._finish(trial, Outcome(State.WAITING, reason="trials before it come first"))

    def propose(self, trial: Trial) -> Trial:
        """Give a PROPOSING trial parameters; whatever goes wrong, its number is not lost. Raises `SpaceExhausted`."""
        try:
            while True:
                try:
                    return self._add(trial)
                except InvalidTrial:  # another agent proposed the same point a moment ago
                    self._sync()
        except SpaceExhausted as spent:
            self._exhausted = str(spent)
            self._finish(trial, Outcome(State.CANCELLED, reason=self._exhausted))
            raise
        except BaseException:
            self._finish(trial, Outcome(State.WAITING, reason="its parameters could not be chosen"))
            raise

    def learn_of(self, trial: Trial) -> None:
        """Know a trial that was claimed here."""
        if self._optimizer.spec.deterministic or trial.attempt != trial.base_attempt:
            self._sync()  # its place in the log counts, or its past
        else:  # the log will bring it once more, with what others did before it
            self._optimizer.apply(Changes(self._optimizer.seq, (trial,)))

    def key(self, params: Mapping[str, Any]) -> str | None:
        """What must be unique among the trials: the point of a finite space."""
        space = self._optimizer.space
        return None if space.size is None else space.key(params)

    def adopt(self, spec: SweepSpec) -> None:
        """Go on under the limits of `spec`."""
        mine = self._optimizer.spec
        objective = replace(mine.objective, target=spec.objective.target, required=spec.objective.required)
        self._optimizer.spec = replace(
            mine,
            objective=objective,
            limits=spec.limits,
            retries=spec.retries,
            timeout=spec.timeout,
            stall=spec.stall,
        )
        self._optimizer.history.max_trials = spec.limits.trials

    def _refuse_unless_running(self) -> None:
        status, reason, _ = self._storage.status(self._id)
        if status is Status.PAUSED:
            raise SweepPaused(f"sweep {self._name!r} is paused ({reason}); `resume` goes on")
        if status is Status.FINISHED:
            raise BudgetSpent(reason)
        if status is not Status.RUNNING:
            raise SweepStopped(f"sweep {self._name!r} is {status}: {reason}")

    def _over(self) -> str:
        """Why no trial is given out any more, or an empty string."""
        spec, history = self._optimizer.spec, self._optimizer.history
        unfinished = bool(history.open_numbers(State.WAITING)) or self._promotion() is not None
        age = time.time() - self._created_at
        counted = None
        if spec.deterministic:
            counted = max(0, min(first_open(history), len(history) - self._width + 1))
        capacity = self._optimizer.capacity
        over = why_over(spec, history, seconds=age, capacity=capacity, unfinished=unfinished, counted=counted)
        return over or ("" if unfinished else self._exhausted)

    def _limits_changed(self) -> bool:
        """Whether somebody has changed the limits since this process read them."""
        stored = load(self._storage.get_sweep(self._name).spec)
        if not differences(stored, self._optimizer.spec):
            return False
        self.adopt(stored)
        return True

    def _end(self, reason: str) -> None:
        """The sweep is FINISHED once nobody is at work any more."""
        history = self._optimizer.history
        if history.open_numbers(*HELD):
            return
        for number in history.open_numbers(State.WAITING):
            self._storage.request_cancel(self._id, number, reason)
        for number in history.open_numbers(State.PAUSED):  # what it has reached counts; it goes no further
            reached = replace(self._optimizer.settle(number), state=State.STOPPED, reason=reason, failed=False)
            self._finish(history[number], reached)
        self._storage.set_status(self._id, Status.FINISHED, reason, expected=(Status.RUNNING,))

    def _take(self, slot: int) -> Trial | None:
        owner, spec = this_owner(slot), self._optimizer.spec
        waiting = self._optimizer.history.open_numbers(State.WAITING)
        promotion = None if waiting else self._promotion()
        if promotion is not None:
            number, budget = promotion
            return self._storage.claim(self._id, owner, number=number, budget=budget, resume=spec.resumable)
        return self._storage.claim(self._id, owner, cap=self._cap())

    def _refuse_too_early(self) -> None:
        spec, history = self._optimizer.spec, self._optimizer.history
        if spec.deterministic and not history.open_numbers(State.WAITING):
            oldest = first_open(history)
            if len(history) >= oldest + self._width:
                raise TooEarly(f"trial {len(history)} depends on trial {oldest}, which has not ended")

    def _cap(self) -> int | None:
        """How many trials there may be now."""
        spec = self._optimizer.spec
        if not spec.deterministic:
            return spec.limits.trials
        early = first_open(self._optimizer.history) + self._width
        return early if spec.limits.trials is None else min(early, spec.limits.trials)

    @property
    def _width(self) -> int:
        """How many trials may be at work at once in a deterministic sweep."""
        return self._optimizer.spec.parallelism or 1

    def _promotion(self) -> tuple[int, int | None] | None:
        """(number, budget) of the paused trial that goes on next; under a spent cap, those there are enough for it."""
        cap = self._optimizer.spec.limits.trials
        return self._optimizer.promotion(new=cap is None or len(self._optimizer.history) < cap)

    def _gave_up(self, trial: Trial) -> bool:
        """Fail a trial that took one agent after the other down with it, rather than hand it to the next."""
        if trial.attempt - trial.failures <= LOST_AGENTS:
            return False
        lost = [a for a in self._storage.attempts(self._id, trial.number) if a.outcome is None and a.ended_at]
        if len(lost) < LOST_AGENTS:
            return False
        self._finish(trial, Outcome(State.FAILED, reason=f"{len(lost)} agents were lost with it", failed=True))
        self._sync()
        return True

    def _add(self, trial: Trial) -> Trial:
        proposal = self._optimizer.propose(trial.number)
        return self._storage.add_trial(
            self._id,
            trial.number,
            trial.attempt,
            proposal.params,
            proposal.origin,
            budget=proposal.budget,
            key=self.key(proposal.params),
        )

    def _finish(self, trial: Trial, outcome: Outcome) -> None:
        with suppress(LeaseLost):
            self._storage.finish_trial(self._id, trial.number, trial.attempt, outcome)
