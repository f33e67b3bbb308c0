"""The embeddable engine: space, strategy, scheduler and history behind ask / report / tell, in memory, without IO.

Its state is a function of (spec, seed, log of changes): `apply` is the only way in, and `ask`, `report` and `tell` go
through it too, so that own results, other agents' results and a restart from a storage are one code path.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hyperopt_core.errors import BudgetSpent, Conflict, InvalidTrial, SpaceExhausted, suggest
from hyperopt_core.history import History
from hyperopt_core.schedulers import explain_scheduler, make_scheduler
from hyperopt_core.space import SearchSpace
from hyperopt_core.spec import Objective, SweepSpec
from hyperopt_core.strategies import explain_strategy, make_strategy
from hyperopt_core.trial import (
    Changes,
    Decision,
    Measurement,
    Origin,
    Outcome,
    Proposal,
    State,
    Trial,
    Verdict,
    as_float,
    as_floats,
    as_step,
    check_transition,
    step_after,
)

if TYPE_CHECKING:
    from hyperopt_core.schedulers.protocol import Scheduler
    from hyperopt_core.strategies.protocol import Strategy

_REDRAWS = 64  # random tries for a new point of a finite space before its grid is walked


class Optimizer:
    """Proposes configurations and learns from what they gave.

    space: a `SearchSpace`, or a mapping that makes one (W&B's `parameters` too). strategy: a name or an instance.
    early_terminate: None, a name, a scheduler, or W&B's mapping. goal: "minimize" or "maximize". max_steps: the steps
    of a full training. resumable: whether your loop can go on with a paused trial. initial: configurations to try
    first. Raises `ConfigError` for what does not fit together.

    >>> from hyperopt_core import Float, Optimizer
    >>> opt = Optimizer({"x": Float(-2, 2)}, strategy="random", seed=0)
    >>> for _ in range(20):
    ...     trial = opt.ask()
    ...     opt.tell(trial, (trial.params["x"] - 1) ** 2)
    >>> opt.best.value < 0.1
    True
    """

    def __init__(
        self,
        space: SearchSpace | Mapping[str, Any],
        strategy: str | Strategy = "auto",
        early_terminate: str | Mapping[str, Any] | Scheduler | None = None,
        goal: str = "minimize",
        *,
        metric: str = "value",
        seed: int | None = None,
        max_steps: int | None = None,
        resumable: bool = False,
        initial: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        named = early_terminate if isinstance(early_terminate, str | Mapping) else None
        spec = SweepSpec(
            space if isinstance(space, SearchSpace) else SearchSpace(space),
            Objective(metric, goal),
            strategy=strategy if isinstance(strategy, str) else strategy.name,
            early_terminate=named,
            seed=seed,
            max_steps=max_steps,
            resumable=resumable,
            initial=tuple(initial),
        )
        self._set_up(spec, make_strategy(strategy), early_terminate)

    @classmethod
    def from_spec(cls, spec: SweepSpec) -> Optimizer:
        """The engine of a sweep's spec."""
        self = cls.__new__(cls)
        strategy = make_strategy(spec.strategy, spec.strategy_options)
        self._set_up(spec, strategy, spec.early_terminate)
        return self

    @classmethod
    def from_config(cls, source: str | Path | Mapping[str, Any]) -> Optimizer:
        """The engine of a sweep file or a mapping in W&B's form. Raises `ConfigError` with every fault."""
        from hyperopt_core.config import load

        return cls.from_spec(load(source))

    def _set_up(
        self, spec: SweepSpec, strategy: Strategy, early_terminate: str | Mapping[str, Any] | Scheduler | None
    ) -> None:
        goal = spec.objective.goal
        scheduler = make_scheduler(early_terminate, max_steps=spec.max_steps, resumable=spec.resumable, goal=goal)
        seed = int(np.random.SeedSequence().generate_state(1, np.uint32)[0]) if spec.seed is None else spec.seed
        self.spec, self.seed, self.strategy, self.scheduler = replace(spec, seed=seed), seed, strategy, scheduler
        self.history = History(spec.space, spec.objective, seed, spec.max_steps, spec.limits.trials)
        self._lock = threading.RLock()
        self._initial = list(spec.initial)  # those that no trial has had
        self._verdicts: dict[int, Verdict] = {}
        self._began: dict[int, int] = {}  # trial -> the attempt that the scheduler knows of
        self._seq = 0
        self._prepare()

    def _prepare(self) -> None:
        """Let a strategy or a space that does not fit say so before trial 0."""
        if self.strategy.name == "grid":
            _ = self.space.grid

    # --- what users hold ---------------------------------------------------------------------------------------------

    @property
    def space(self) -> SearchSpace:
        """The search space."""
        return self.spec.space

    def _repr_html_(self) -> str:
        return self.history.to_html()

    @property
    def best(self) -> Trial | None:
        """The incumbent: the best completed trial (a stopped one only while none is completed), or None."""
        best = self.history.best
        return None if best is None else _handed_out(best)

    @property
    def trials(self) -> list[Trial]:
        """All trials by number."""
        return [_handed_out(t) for t in self.history.trials]

    @cached_property
    def capacity(self) -> int | None:
        """How many trials a finite space can have, or None."""
        feasible = self.space.count_feasible()
        return self.space.size if feasible is None else feasible

    def explain(self) -> str:
        """Which strategy and which scheduler are at work and why, and the seed, one a line.

        >>> print(Optimizer({"n": {"values": [1, 2, 3]}}, seed=0).explain())
        strategy: auto takes grid: the space has only 3 points, so that all can be tried
        scheduler: never, as there is no early_terminate: every trial is trained to its end
        seed: 0
        """
        with self._lock:
            strategy = explain_strategy(self.strategy, self.history, self.spec.strategy)
        scheduler = explain_scheduler(self.scheduler)
        return f"strategy: {strategy}\nscheduler: {scheduler}\nseed: {self.seed}"

    def ask(self, new: bool = True) -> Trial:
        """The next trial to run: a waiting one, a paused one that goes on, or a new one where `new` allows it.

        Raises `SpaceExhausted` when every point of a finite space has been asked for, or nothing is left to go on, and
        `BudgetSpent` when as many trials have been asked for as the configuration allows.
        """
        with self._lock:
            trial = self._waiting() or self._promoted(new) or self._new_or_last(new)
            self.apply(Changes(self._seq + 1, (trial,)))
            return _handed_out(trial)

    def report(
        self,
        trial: Trial | int,
        step: float | None = None,
        value: float | None = None,
        metrics: Mapping[str, float] | None = None,
    ) -> Decision:
        """What a running trial measured at `step` (default: the next whole one), and whether it should go on.

        value: the objective; metrics: more, or the objective under its name. Raises `InvalidTrial` for an unknown or
        ended trial, or when neither is given.
        """
        with self._lock:
            return self._report(self._known(trial), step, value, metrics)

    def _report(
        self, known: Trial, step: float | None, value: float | None, metrics: Mapping[str, float] | None
    ) -> Decision:
        if known.state is not State.RUNNING:
            raise InvalidTrial(f"trial {known.number} is {known.state}: only a running trial reports")
        given = as_floats(metrics or {}) | ({} if value is None else {self.spec.objective.metric: as_float(value)})
        if not given:
            raise InvalidTrial(f"report of trial {known.number} holds nothing: give value=... or metrics={{...}}")
        at = step_after(self.history.last_step(known.number)) if step is None else as_step(step)
        measurement = Measurement(at, given, known.attempt, time.time())
        self.apply(Changes(self._seq + 1, (), ((known.number, measurement),)))
        return self.verdict(known.number).decision

    def tell(
        self,
        trial: Trial | int,
        value: float | None = None,
        *,
        metrics: Mapping[str, float] | None = None,
        error: BaseException | str | None = None,
    ) -> None:
        """How a trial ended: with `value` (default: the last one reported), or with an `error`.

        A trial whose last report was answered with PAUSE or STOP is paused or stopped. Telling the same again changes
        nothing; something else raises `Conflict`. A trial without any value fails, unless the configuration names no
        metric. Raises `InvalidTrial` for an unknown trial or a value that is no number.
        """
        with self._lock:
            known = self._known(trial)
            silent = self.silent_step(known.number, value)
            if silent is not None:
                self.report(known, silent, value)
            self._tell(known, self.settle(known.number, value, metrics=metrics, error=error))

    def _tell(self, known: Trial, outcome: Outcome) -> None:
        if known.state.ended:
            # By their texts: NaN equals NaN here.
            if (known.state, repr(known.values)) != (outcome.state, repr(outcome.values)):
                raise Conflict(known.number, _shown(known.state, known.values), _shown(outcome.state, outcome.values))
            return
        check_transition(known.number, known.state, outcome.state)
        self.apply(Changes(self._seq + 1, (ended(known, outcome, time.time()),)))

    def enqueue(self, params: Mapping[str, Any]) -> Trial:
        """Have a configuration tried next. Raises `InvalidTrial` where it is no point of the space."""
        clean = self.space.clean(params)
        with self._lock:
            if self.space.size is not None and self.history.has(clean):
                raise InvalidTrial(f"{clean} has been a trial already, and a finite space tries no point twice")
            origin = Origin("user", "enqueued")
            trial = Trial(len(self.history), clean, State.WAITING, origin, attempt=0, base_attempt=0)
            self.apply(Changes(self._seq + 1, (trial,)))
            return _handed_out(trial)

    # --- what a sweep calls ------------------------------------------------------------------------------------------

    @property
    def seq(self) -> int:
        """How far the log has been applied."""
        return self._seq

    def apply(self, changes: Changes) -> None:
        """Take in what happened, in the order of the log."""
        for trial in changes.trials:
            self.history.put(trial)
            if trial.state is not State.PROPOSING and trial.attempt > self._began.get(trial.number, 0):
                self._begin(trial)
        new = [(number, m) for number, m in changes.measurements if self.history.measure(number, m)]
        for number, measurement in new:
            self._judge(number, measurement)
        for trial in changes.trials:
            if trial.state.ended or trial.state is State.PAUSED:
                self.scheduler.ended(trial)
        self._seq = max(self._seq, changes.seq)

    def propose(self, number: int) -> Proposal:
        """Parameters for the new trial `number`: a function of (seed, number, log). Raises `SpaceExhausted`."""
        job = self.scheduler.next_job()
        proposal = self._point(number, job.budget)
        if job.details:
            details = {**proposal.origin.details, **job.details}
            proposal = replace(proposal, origin=replace(proposal.origin, details=details))
        return proposal if job.budget is None else replace(proposal, budget=job.budget)

    def _point(self, number: int, budget: int | None) -> Proposal:
        given = self._next_initial(number)
        if given is not None:
            return Proposal(given, Origin("initial", "a given point"))
        rng = np.random.default_rng([self.seed, number])
        point = self.strategy.ask(self.history, number, rng, budget)
        origin = point.origin(self.strategy.name)
        if "mean" in origin.details:  # strategies minimise; users read the values of their metric
            mean = self.spec.objective.sign * origin.details["mean"]
            origin = replace(origin, details={**origin.details, "mean": mean})
        if self.space.size is not None and self.history.seen(point.u):
            return Proposal(self._unseen(rng), replace(origin, reason="random: the model's choice is known"))
        return Proposal(self.space.decode(point.u), origin)

    def promotion(self, new: bool = True) -> tuple[int, int | None] | None:
        """(number, budget) of the paused trial that the scheduler wants to go on, or None.

        new: whether a new trial may begin in its place.
        """
        job = self.scheduler.next_job(new)
        return None if job.number is None else (job.number, job.budget)

    def silent_step(self, number: int, value: float | None) -> int | None:
        """The step at which `value` counts as measured where an attempt made no reports: its budget, if it has one."""
        trial = self.history[number]
        if value is None or trial.state is not State.RUNNING or not math.isfinite(as_float(value)):
            return None
        return None if any(m.attempt == trial.attempt for m in self.history.curve(number)) else trial.budget

    def verdict(self, number: int) -> Verdict:
        """What the scheduler said after the trial's last report."""
        return self._verdicts.get(number, _GO_ON)

    def settle(
        self,
        number: int,
        value: float | None = None,
        *,
        metrics: Mapping[str, float] | None = None,
        error: BaseException | str | None = None,
    ) -> Outcome:
        """How the current attempt of a trial ends, given what its program returned. Raises `InvalidTrial`."""
        name = self.spec.objective.metric
        known = {k: v for m in self.history.curve(number) for k, v in m.metrics.items()} | as_floats(metrics or {})
        if value is not None:
            known[name] = as_float(value)
        if error is not None:
            text = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
            return Outcome(State.FAILED, (), known, _first_line(text), text, failed=True)
        if name not in known:
            if not self.spec.objective.required:
                return Outcome(State.COMPLETED, (), known)
            return Outcome(State.FAILED, (), known, missing_metric(name, known), failed=True)
        final, verdict = known[name], self.verdict(number)
        if not math.isfinite(final):
            return Outcome(State.FAILED, (final,), known, f"{name} is {final}", failed=True)
        state = _STATE_AFTER[verdict.decision]
        return Outcome(state, (final,), known, verdict.reason)

    # --- inside ------------------------------------------------------------------------------------------------------

    def _next_initial(self, number: int) -> Mapping[str, Any] | None:
        """The first of the sweep's given points that no trial has had, whoever brought it."""
        if not self._initial:
            return None
        self._initial = [p for p in self._initial if not self.history.has(p)]
        # Agents that propose at the same moment take different ones.
        ahead = sum(n < number for n in self.history.open_numbers(State.PROPOSING))
        return self._initial[ahead] if ahead < len(self._initial) else None

    def _waiting(self) -> Trial | None:
        waiting = self.history.open_numbers(State.WAITING)
        if not waiting:
            return None
        trial = self.history[min(waiting)]
        return replace(
            trial,
            state=State.RUNNING,
            attempt=trial.attempt + 1,
            base_attempt=trial.attempt + 1,
            next_step=1,
            started_at=time.time(),
        )

    def _new_or_last(self, new: bool) -> Trial:
        try:
            if not new:
                raise SpaceExhausted("no paused trial goes on")
            return self._new()
        except SpaceExhausted:
            last = self._promoted(new=False)
            if last is None:
                raise
            return last

    def _promoted(self, new: bool = True) -> Trial | None:
        promotion = self.promotion(new)
        if promotion is None:
            return None
        trial, budget = self.history[promotion[0]], promotion[1]
        attempt, base, go_on = (
            trial.attempt + 1,
            trial.base_attempt,
            step_after(self.history.last_step(trial.number)),
        )
        if not self.spec.resumable:  # nothing was kept: it is trained again, further
            base, go_on = attempt, 1
        return replace(
            trial, state=State.RUNNING, attempt=attempt, base_attempt=base, budget=budget, next_step=go_on, values=()
        )

    def _new(self) -> Trial:
        number, limit = len(self.history), self.spec.limits.trials
        if limit is not None and number >= limit:
            raise BudgetSpent(f"{limit} trials have been asked for: the limit of the configuration")
        proposal = self.propose(number)
        return Trial(number, proposal.params, origin=proposal.origin, budget=proposal.budget, started_at=time.time())

    def _begin(self, trial: Trial) -> None:
        fresh = trial.attempt == trial.base_attempt
        self._began[trial.number] = trial.attempt
        # An agent that was lost after it had been told to pause hands on a trial that has nothing left to train.
        trained = trial.budget is not None and self.history.last_step(trial.number) >= trial.budget
        if fresh or (self.verdict(trial.number).decision is Decision.PAUSE and not trained):
            self._verdicts.pop(trial.number, None)
        if trial.attempt > 0:
            self.scheduler.started(trial)

    def _judge(self, number: int, measurement: Measurement) -> None:
        value = measurement.metrics.get(self.spec.objective.metric)
        if value is None or self.verdict(number).decision is Decision.STOP:
            return
        if not math.isfinite(value):
            reason = f"{self.spec.objective.metric} is {value} at step {measurement.step:g}"
            self._verdicts[number] = Verdict(Decision.STOP, reason)
            return
        least = self.spec.objective.to_minimize(value)
        judge = self._scheduler_of(number)
        self._verdicts[number] = judge.report(self.history[number], measurement.step, least)

    def _scheduler_of(self, number: int) -> Scheduler:
        """Who judges the reports of a trial."""
        return self.scheduler

    def _unseen(self, rng: np.random.Generator) -> dict[str, Any]:
        """A random point of a finite space that has not been a trial."""
        for _ in range(_REDRAWS):
            u = self.space.sample_unit(rng, 1)[0]
            if not self.history.seen(u):
                return self.space.decode(u)
        grid = self.space.grid
        start = int(rng.integers(grid.size))
        for i in range(grid.size):
            params = self.space.nest(grid.point((start + i) % grid.size))
            if self.space.satisfies(params) and not self.history.has(params):
                return params
        raise SpaceExhausted(f"all {self.history.distinct} points of the space have been tried")

    def _known(self, trial: Trial | int) -> Trial:
        number = trial.number if isinstance(trial, Trial) else int(trial)
        if number not in self.history:
            raise InvalidTrial(f"there is no trial {number}: {len(self.history)} have been asked for")
        return self.history[number]


_GO_ON = Verdict()
_ATOMS = (str, int, float, bool, type(None))
_STATE_AFTER = {Decision.CONTINUE: State.COMPLETED, Decision.STOP: State.STOPPED, Decision.PAUSE: State.PAUSED}


def _handed_out(trial: Trial) -> Trial:
    """`trial` with params of its own: whoever changes them changes nothing here."""
    return replace(trial, params={k: v if isinstance(v, _ATOMS) else deepcopy(v) for k, v in trial.params.items()})


def ended(trial: Trial, outcome: Outcome, at: float) -> Trial:
    """The record of `trial` once its attempt ended with `outcome` at time `at`."""
    return replace(
        trial,
        state=outcome.state,
        values=outcome.values,
        metrics=outcome.metrics,
        reason=outcome.reason,
        error=outcome.error,
        failures=trial.failures + outcome.failed,
        ended_at=at,
    )


def missing_metric(name: str, logged: Iterable[str]) -> str:
    """Words for a trial that never reported the sweep's metric."""
    names = sorted(logged)
    if not names:
        return f"no value of {name!r} was reported; a training reports it with run.report({name}=...)"
    return f"no value of {name!r} was reported, only of {', '.join(names)}{suggest(name, names)}"


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _shown(state: State, values: tuple[float, ...]) -> str:
    return f"{state} {values[0]!r}" if values else str(state)
