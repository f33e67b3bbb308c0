"""A sweep: an `Optimizer` with a memory that lasts, shared by any number of agents.

The only caller of a storage. `tell` only writes; `ask` is the one place where a strategy learns: it reads what changed,
whoever changed it, applies it, and goes on.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from hyperopt_core.agents.executors import ExecutorLike, run_agents
from hyperopt_core.agents.function import FunctionEvaluator, Objective
from hyperopt_core.agents.gpus import Gpus
from hyperopt_core.agents.interrupt import Interrupt
from hyperopt_core.config import load
from hyperopt_core.errors import (
    ConfigError,
    HostFails,
    InvalidTransition,
    InvalidTrial,
    LeaseLost,
    StorageError,
    TooEarly,
)
from hyperopt_core.history import History
from hyperopt_core.spec import SweepSpec
from hyperopt_core.storage import open_storage
from hyperopt_core.storage.protocol import Status, Storage, SweepRecord
from hyperopt_core.sweep.allocation import HELD, Allocator
from hyperopt_core.sweep.budget import why_hopeless
from hyperopt_core.sweep.changes import differences, is_limit
from hyperopt_core.sweep.delivery import Delivery
from hyperopt_core.sweep.files import Folders
from hyperopt_core.sweep.leases import LeaseKeeper
from hyperopt_core.sweep.opening import close_later, close_now, create_under_a_free_name, weakly
from hyperopt_core.sweep.ordered import make_optimizer
from hyperopt_core.sweep.quarantine import Quarantine
from hyperopt_core.sweep.showing import Shown
from hyperopt_core.trial import Decision, Measurement, Origin, Outcome, State, Trial, as_floats, as_step, step_after

DEFAULT_STORAGE = "sqlite:///sweeps.db"
LEASE_SECONDS = 60.0
_RESULT_SECONDS = 600.0  # for which a result waits for a storage that is out of reach
_REPORT_SECONDS = 2.0  # for which a report waits to be stored and judged
_TURN_SECONDS = 0.2  # for which `ask` waits for a trial of this process to end, where the next depends on it


class Sweep(Shown):
    """Trials in a storage, given out to agents and learnt from. Make one with `create`, come back with `open`.

    Safe to use from several threads. Use it as a context manager, or call `close`.

    >>> with Sweep.create({"parameters": {"x": {"min": 0.0, "max": 1.0}}, "method": "random", "seed": 1, "run_cap": 5},
    ...                   storage="memory://") as sweep:
    ...     best = sweep.run(lambda run: run.params["x"])
    >>> best.value == best.params["x"]
    True
    """

    def __init__(
        self, storage: Storage, record: SweepRecord, *, lease: float = LEASE_SECONDS, files: str | Path | None = None
    ) -> None:
        self._storage, self._id, self.name, self._created_at = storage, record.id, record.name, record.created_at
        self._optimizer = make_optimizer(replace(load(record.spec), seed=record.seed))
        self._lock = threading.RLock()  # guards the optimizer's growth; `report` only reads, and never waits for it
        self._turn = threading.Condition(self._lock)  # something has ended or been proposed here
        self._keeper = LeaseKeeper(storage, record.id, ttl=lease, resume=self.spec.resumable)
        self._lease = lease
        self._folders = Folders(self.url, self.name, self._created_at, files)
        self._quarantine = Quarantine()
        self._allocator = Allocator(storage, record, self._optimizer, self._sync)
        self._delivery = Delivery(storage, record.id, patience=max(lease, _RESULT_SECONDS), learn=weakly(self._sync))
        self._release = weakref.finalize(self, close_later, self._keeper, self._delivery, None)
        self._keeper.reap()

    @classmethod
    def create(
        cls,
        config: str | Path | Mapping[str, Any] | SweepSpec,
        storage: str | Path | Storage = DEFAULT_STORAGE,
        name: str | None = None,
        *,
        lease: float = LEASE_SECONDS,
        files: str | Path | None = None,
    ) -> Self:
        """A new sweep from a sweep file, a mapping in W&B's form, or a spec.

        name: default the file's `name`, or one that is free. lease: seconds without a sign of life after which an
        agent's trial goes to another. files: the folder for the files of trials, see `trial_directory`. Raises
        `ConfigError`, `SweepExists`, `StorageError`.
        """
        spec = config if isinstance(config, SweepSpec) else load(config)
        seed = make_optimizer(spec).seed  # also says what does not fit together before anything is stored
        stored = replace(spec, seed=seed).to_dict()
        load(stored)  # what cannot be read back is not stored
        wanted = name or spec.name

        def create(store: Storage) -> SweepRecord:
            if wanted:
                return store.create_sweep(wanted, stored, seed)
            base = Path(config).stem if isinstance(config, str | Path) else "sweep"
            return create_under_a_free_name(store, base, stored, seed)

        return cls._in(storage, create, lease, files)

    @classmethod
    def open(
        cls,
        name: str,
        storage: str | Path | Storage = DEFAULT_STORAGE,
        *,
        lease: float = LEASE_SECONDS,
        files: str | Path | None = None,
    ) -> Self:
        """The sweep of that name. Raises `SweepNotFound`, `StorageError`."""
        return cls._in(storage, lambda store: store.get_sweep(name), lease, files)

    @classmethod
    def _in(
        cls,
        storage: str | Path | Storage,
        get: Callable[[Storage], SweepRecord],
        lease: float,
        files: str | Path | None,
    ) -> Self:
        """The sweep that `get` finds or makes; a storage opened here is closed with it, or at once if that fails."""
        if not isinstance(storage, str | Path):
            return cls(storage, get(storage), lease=lease, files=files)
        opened = open_storage(storage)
        try:
            sweep = cls(opened, get(opened), lease=lease, files=files)
        except BaseException:
            opened.close()
            raise
        sweep._release.detach()
        sweep._release = weakref.finalize(sweep, close_later, sweep._keeper, sweep._delivery, opened)
        return sweep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop beating, and let go of the storage unless it was handed in."""
        close_now(self._release)

    # --- reading -----------------------------------------------------------------------------------------------------

    @property
    def spec(self) -> SweepSpec:
        """What the sweep is asked to do."""
        return self._optimizer.spec

    @property
    def url(self) -> str:
        """Where it is stored."""
        return self._storage.url

    @property
    def status(self) -> Status:
        """What people, or its budget, want of it."""
        return self._storage.status(self._id)[0]

    @property
    def reason(self) -> str:
        """Why it has this status."""
        return self._storage.status(self._id)[1]

    @property
    def created_at(self) -> float:
        """Seconds since the epoch."""
        return self._created_at

    @property
    def history(self) -> History:
        """All that is known now, other agents' results too."""
        self._sync()
        return self._optimizer.history

    @property
    def trials(self) -> list[Trial]:
        """All trials by number, as they are now."""
        with self._lock:
            return self.history.trials

    @property
    def best(self) -> Trial | None:
        """The incumbent, or None."""
        with self._lock:
            return self.history.best

    def explain(self) -> str:
        """Which strategy and which scheduler are at work now and why, and the seed, one a line."""
        self._sync()
        return self._optimizer.explain()

    def open_count(self) -> int:
        """How many trials are at work or may yet be given out, all agents' together."""
        with self._lock:
            ended = self.status not in (Status.RUNNING, Status.PAUSED)
            return len(self.history.open_numbers(*HELD, *(() if ended else (State.WAITING,))))

    def ended_count(self) -> int:
        """How many trials have ended, all agents' together."""
        with self._lock:
            return sum(t.state.ended for t in self.history.trials)

    @property
    def reopen(self) -> Callable[[], Sweep] | None:
        """Opens this sweep in another process; None where its storage lives in this one's memory."""
        if not self._storage.shared:
            return None
        return partial(Sweep.open, self.name, self._storage.secret_url, lease=self._lease, files=self._folders.given)

    @property
    def directory(self) -> Path | None:
        """The folder with the files of all trials, if there are any; None for a sweep in memory."""
        return self._folders.root

    def trial_directory(self, trial: Trial) -> Path:
        """A folder for the files of a trial: checkpoints, logs; it exists.

        It is beside a SQLite file, else in `files`, by default ``sweeps-files`` in the working directory. For a retry
        on another machine to find its checkpoint, `files` must be a folder that the machines share.
        """
        return self._folders.of(trial.number)

    # --- controlling -------------------------------------------------------------------------------------------------

    def pause(self, reason: str = "paused") -> None:
        """No new trials until `resume`; those that run go on."""
        self._storage.set_status(self._id, Status.PAUSED, reason, expected=(Status.RUNNING,))

    def resume(self) -> None:
        """Give out trials again, also after a stop, or once the budget has been raised."""
        self._storage.set_status(self._id, Status.RUNNING)

    def stop(self, reason: str = "stopped") -> None:
        """No new trials; those that run finish."""
        self._storage.set_status(self._id, Status.STOPPED, reason, expected=(Status.RUNNING, Status.PAUSED))

    def cancel(self, reason: str = "cancelled") -> None:
        """No new trials; those that run are ended."""
        unfinished = (Status.RUNNING, Status.PAUSED, Status.STOPPED)
        self._storage.set_status(self._id, Status.CANCELLED, reason, expected=unfinished)
        for trial in self.trials:
            if not trial.state.ended:
                self._storage.request_cancel(self._id, trial.number, reason)

    def cancel_trial(self, number: int, reason: str = "cancelled") -> bool:
        """End one trial; False where it has ended already."""
        return self._storage.request_cancel(self._id, number, reason)

    def enqueue(self, params: Mapping[str, Any]) -> Trial:
        """Have a configuration tried next, beyond the limit on trials too; a finished sweep goes on for it.

        A stopped or cancelled one keeps it until `resume`. Raises `InvalidTrial` where it is no point of the space.
        """
        clean = self.spec.space.clean(params)
        trial = self._storage.enqueue(self._id, clean, Origin("user", "enqueued"), key=self._allocator.key(clean))
        self._storage.set_status(self._id, Status.RUNNING, expected=(Status.FINISHED,))
        return trial

    def retry(self, number: int) -> Trial:
        """Have a failed or cancelled trial tried again; a finished sweep goes on for it. Raises `InvalidTransition`."""
        trial = self._storage.retry(self._id, number)
        self._storage.set_status(self._id, Status.RUNNING, expected=(Status.FINISHED,))
        return trial

    def update(self, spec: SweepSpec) -> list[str]:
        """Take the limits of `spec` (see `hyperopt_core.sweep.changes.LIMITS`); returns the keys that changed.

        A finished sweep goes on where they leave room. Agents at work see the change when their budget ends. Raises
        `ConfigError` where anything else differs.
        """
        changed = differences(spec, self.spec)
        fixed = [key for key in changed if not is_limit(key, self.spec)]
        if fixed:
            raise ConfigError(
                f"sweep {self.name!r} has another {', '.join(fixed)}: only limits can change while it goes on"
            )
        if changed:
            self._storage.update_spec(self._id, replace(spec, seed=self._optimizer.seed).to_dict())
            self._allocator.adopt(spec)
            self._storage.set_status(self._id, Status.RUNNING, expected=(Status.FINISHED,))
        return changed

    # --- ask, report, tell -------------------------------------------------------------------------------------------

    def ask(self, slot: int = 0) -> Trial:
        """The next trial to run, leased to this process until `tell`.

        Raises `BudgetSpent`, `SpaceExhausted`, `SweepStopped`, `SweepPaused` where there is none, and in a
        deterministic sweep, after a moment, `TooEarly` where one depends on trials that still run. Raises `HostFails`
        where only this host's trials fail.
        """
        if not self._release.alive:
            raise StorageError(f"sweep {self.name!r} has been closed: open it again")
        if self._quarantine.reason:
            raise HostFails(self._quarantine.reason)
        self._keeper.watch()
        with self._lock:
            try:
                trial = self._allocator.claim(slot)
            except TooEarly:
                self._turn.wait(_TURN_SECONDS)
                raise
            lease = (trial.number, trial.attempt)
            self._keeper.hold(lease)
            try:
                if trial.state is State.PROPOSING:
                    self._allocator.wait_for_turn(trial, self._turn)
                    trial = self._allocator.propose(trial)
                    self._turn.notify_all()
                self._allocator.learn_of(trial)
            except BaseException:
                self._keeper.let_go(lease)  # nobody trains it here: its lease runs out, and another agent takes it
                raise
            self._quarantine.began(trial.number)
            go_on = trial.attempt != trial.base_attempt
            next_step = step_after(self._optimizer.history.last_step(trial.number)) if go_on else 1
            return replace(trial, params=self.spec.space.clean(trial.params), next_step=next_step)

    def report(
        self,
        trial: Trial,
        step: float | None = None,
        value: float | None = None,
        metrics: Mapping[str, float] | None = None,
    ) -> Decision:
        """Store what a trial measured at `step` (default: the next whole one); STOP where it should end now.

        The answer is STOP too where the trial was cancelled or has gone to another agent. A storage that does not
        answer holds up a training for 2 s at most: what it measured is kept and stored later, and what the scheduler
        says to it comes with a later report. Raises `InvalidTrial` for what is no number.
        """
        given = as_floats(metrics or {})
        if value is not None:
            given |= as_floats({self.spec.objective.metric: value})
        if not given:
            raise InvalidTrial(f"report of trial {trial.number} holds nothing: give value=... or metrics={{...}}")
        if step is None:
            known = max(self._delivery.last_step(trial), self._optimizer.history.last_step(trial.number))
            step = step_after(known)
        # The verdict of a deterministic sweep must be this report's own, however long it takes.
        wait = self._lease if self.spec.deterministic else _REPORT_SECONDS
        try:
            self._delivery.measured(trial, Measurement(as_step(step), given, trial.attempt, time.time()), wait=wait)
        except LeaseLost:
            return Decision.STOP
        return Decision.STOP if self.stop_reason(trial) else self._optimizer.verdict(trial.number).decision

    def tell(
        self,
        trial: Trial,
        value: float | None = None,
        *,
        metrics: Mapping[str, float] | None = None,
        error: BaseException | str | None = None,
    ) -> None:
        """How a trial ended: with `value` (default: the last one reported), or with an `error`.

        Durable once it returns. Raises `LeaseLost` where another agent has the trial, `Conflict` for a second result.
        """
        outcome = self.settle(trial, value, metrics=metrics, error=error)
        self._delivery.ended(trial, outcome)
        self._after(trial, outcome)

    # --- what agents call --------------------------------------------------------------------------------------------

    def settle(
        self,
        trial: Trial,
        value: float | None = None,
        *,
        metrics: Mapping[str, float] | None = None,
        error: BaseException | str | None = None,
    ) -> Outcome:
        """How an attempt ends, given what its program returned; retries and cancelling are taken into account."""
        told = value is not None or error is not None or self.spec.objective.metric in (metrics or {})
        self._patiently_catch_up(trial, told=told)
        silent = self._optimizer.silent_step(trial.number, value)
        if silent is not None:
            self.report(self._optimizer.history[trial.number], silent, value)
            self._patiently_catch_up(trial, told=told)
        with self._lock:
            outcome = self._optimizer.settle(trial.number, value, metrics=metrics, error=error)
            known = self._optimizer.history[trial.number]
            if known.cancel_requested:
                return replace(outcome, state=State.CANCELLED, reason=known.reason or "cancelled", failed=False)
            if outcome.failed and outcome.error is not None and known.failures < self.spec.retries:
                return replace(outcome, state=State.WAITING, values=())
            return outcome

    def finish(self, trial: Trial, outcome: Outcome) -> None:
        """Store how an attempt ended. A lost lease is no error here: somebody else has the trial."""
        with suppress(LeaseLost):
            self._delivery.ended(trial, outcome)
        self._after(trial, outcome)

    def release(self, trial: Trial, reason: str) -> None:
        """Give a trial back unfinished, as no fault of its own: another agent takes it."""
        self.finish(trial, Outcome(State.WAITING, reason=reason, resume=self.spec.resumable))

    def stop_reason(self, trial: Trial) -> str:
        """Why somebody wants a running trial to end now; empty where nobody does."""
        if self._keeper.status is Status.CANCELLED:
            return "the sweep was cancelled"
        known = self._optimizer.history[trial.number]
        if known.attempt > trial.attempt:
            return "another agent has taken the trial over"
        if known.cancel_requested or self._keeper.revoked((trial.number, trial.attempt)):
            return known.reason or "the trial was cancelled or taken over"
        return ""

    def run(
        self,
        objective: Objective,
        workers: int = 1,
        executor: ExecutorLike = "thread",
        *,
        interrupt: Interrupt | None = None,
        limit: int | None = None,
        gpus: Gpus | None = None,
    ) -> Trial | None:
        """Run `objective(run)` on `workers` agents until the sweep ends, or `limit` trials; returns the incumbent.

        executor: "thread", "process" (the objective must be importable), or any `concurrent.futures.Executor`, which
        gets one agent loop a worker. gpus: `share_out(4)`; each trial's are in `run.device` and `run.gpus`. Ctrl-C once
        lets the trials that run finish, twice ends them, thrice kills.
        """
        evaluator = partial(FunctionEvaluator, objective=objective)
        run_agents(
            self,
            evaluator,
            workers=workers,
            executor=executor,
            interrupt=interrupt,
            reopen=self.reopen,
            limit=limit,
            gpus=gpus,
        )
        self._delivery.patiently(self._sync, "the best trial")
        with self._lock:
            return self._optimizer.history.best

    # --- inside ------------------------------------------------------------------------------------------------------

    def _leave_out_this_host(self, last: str) -> None:
        """Where it is the host that fails: its failures are no results, and wait to be tried elsewhere."""
        if self._quarantine.look(self.history, last) and not self.spec.deterministic:  # where they were seen by others
            for number in self._quarantine.failed:
                with suppress(InvalidTransition):  # it is tried again already
                    self._storage.retry(self._id, number)

    def _sync(self) -> None:
        """Learn what happened since, from whichever agent."""
        with self._lock:
            changes = self._storage.changes(self._id, self._optimizer.seq)
            if changes.seq > self._optimizer.seq:
                self._optimizer.apply(changes)

    def _patiently_catch_up(self, trial: Trial, *, told: bool) -> None:
        """Have everything that the trial measured in the storage, and in the optimizer; its value may be `told`."""

        def catch_up() -> None:
            silent = not self._delivery.flush(trial)
            if not (told and silent and self._allocator.blind and self._keeper.holds(trial.number)):
                self._sync()

        self._delivery.patiently(catch_up, f"the result of trial {trial.number}")

    def _after(self, trial: Trial, outcome: Outcome) -> None:
        self._keeper.let_go((trial.number, trial.attempt))
        self._delivery.forget(trial)
        if self.spec.deterministic:
            with self._turn:
                self._turn.notify_all()
        self._quarantine.ended(trial.number, failed=outcome.failed)
        if outcome.failed:
            with suppress(StorageError):
                self._leave_out_this_host(outcome.reason)
        if outcome.state is State.FAILED:
            with suppress(StorageError):  # what was told is stored; the next failure looks again
                reason = why_hopeless(self.spec.objective.metric, self.trials, outcome)
                if reason:
                    self.stop(reason)
