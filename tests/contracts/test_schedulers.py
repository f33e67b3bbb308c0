"""What every scheduler of the table promises, whatever its rule, where trials can be resumed and where they cannot."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperopt_core import Decision, Float, Optimizer, State
from hyperopt_core.schedulers import SCHEDULERS
from hyperopt_core.spec import GOALS
from hyperopt_core.trial import Changes, Origin, Trial

NAMES = sorted(SCHEDULERS)
MAX_STEPS = 27
SPACE = {"x": Float(0, 1)}
#: What has to be given; the bound stands between the good and the bad values of these tests.
NEEDED: dict[str, dict[str, Any]] = {"threshold": {"worse_than": 500.0}}
BOTH = pytest.mark.parametrize("resumable", [False, True], ids=["restarts", "resumes"])
EVERY = pytest.mark.parametrize("name", NAMES)


def make(name: str, goal: str = "minimize", resumable: bool = False) -> Optimizer:
    options = {k: v if goal == "minimize" else -v for k, v in NEEDED.get(name, {}).items()}
    return Optimizer(
        SPACE,
        strategy="random",
        early_terminate={"type": name, **options} if options else name,
        goal=goal,
        seed=0,
        max_steps=MAX_STEPS,
        resumable=resumable,
    )


def train(opt: Optimizer, trial: Trial, curve: Callable[[float], float], steps: int = MAX_STEPS) -> float:
    """Train a trial as far as it may go; returns the last step."""
    step = trial.next_step
    while step <= steps and opt.report(trial, step=step, value=curve(step)) is Decision.CONTINUE:
        step += 1
    opt.tell(trial)
    return min(step, steps)


def line(start: float, slope: float = 0.0) -> Callable[[float], float]:
    return lambda step: start + slope * step


curves = st.lists(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=MAX_STEPS), min_size=1, max_size=8)


def of(values: list[float]) -> Callable[[float], float]:
    return lambda step: values[int(step) - 1]


@BOTH
@EVERY
def test_a_training_that_reports_only_at_its_end_is_over_then(name: str, resumable: bool) -> None:
    opt = make(name, resumable=resumable)
    for number in range(12):
        trial = opt.ask()
        assert trial.number == number
        assert opt.report(trial, step=MAX_STEPS, value=line(trial.params["x"])(0)) is not Decision.PAUSE
        opt.tell(trial)
    assert any(trial.state is State.COMPLETED for trial in opt.trials)


@EVERY
def test_its_name_is_the_one_in_the_table(name: str) -> None:
    assert make(name).scheduler.name == name


@EVERY
@BOTH
def test_the_best_trial_so_far_is_never_stopped(name: str, resumable: bool) -> None:
    opt = make(name, resumable=resumable)
    for _ in range(60):  # each better than all before it, at every step
        trial = opt.ask()
        train(opt, trial, line(100.0 - trial.number, -1.0))
        assert opt.trials[trial.number].state in (State.COMPLETED, State.PAUSED)
    assert any(t.state is State.COMPLETED for t in opt.trials)


@pytest.mark.parametrize("name", [n for n in NAMES if n != "never"])
@BOTH
def test_a_bad_trial_ends_early_with_a_reason(name: str, resumable: bool) -> None:
    for goal in GOALS:
        sign = 1.0 if goal == "minimize" else -1.0
        opt = make(name, goal, resumable)
        for i in range(9):
            train(opt, opt.ask(), line(sign * (10.0 + i), -0.1 * sign))
        bad = opt.ask()
        while bad.attempt > 1:  # one of before that goes on
            train(opt, bad, line(sign))
            bad = opt.ask()
        assert train(opt, bad, line(sign * 1000.0)) < MAX_STEPS
        assert opt.trials[bad.number].state in (State.STOPPED, State.PAUSED)
        assert opt.trials[bad.number].reason


@EVERY
@BOTH
@settings(max_examples=15)
@given(data=curves)
def test_decisions_are_a_function_of_the_log(name: str, resumable: bool, data: list[list[float]]) -> None:
    """Also of its short form, the last state of each trial, which is what a process that joins late gets to see."""
    live = make(name, resumable=resumable)
    for _ in range(2 * len(data)):
        trial = live.ask()
        values = data[trial.number % len(data)]
        values = values + [values[-1]] * (MAX_STEPS - len(values))
        train(live, trial, of(values))
    replayed = make(name, resumable=resumable)
    measurements = tuple((t.number, m) for t in live.trials for m in live.history.curve(t.number))
    replayed.apply(Changes(1, tuple(live.trials), measurements))
    if resumable:  # without, what a restarted trial reported before is gone
        assert [replayed.verdict(t.number) for t in live.trials] == [live.verdict(t.number) for t in live.trials]
    assert replayed.scheduler.next_job() == live.scheduler.next_job()


@EVERY
@BOTH
@settings(max_examples=15)
@given(data=curves)
def test_reports_of_many_trials_in_turn_with_gaps_repeats_and_late_ones_never_raise(
    name: str, resumable: bool, data: list[list[float]]
) -> None:
    opt = make(name, resumable=resumable)
    trials = [opt.ask() for _ in data]
    for step in range(MAX_STEPS):
        for trial, values in zip(trials, data, strict=True):
            if step < len(values):
                for at in (step + 1, step + 1, max(1, step - 2), 2 * step + 1, step + 0.5):
                    assert opt.report(trial, step=at, value=values[step]) in Decision
    for trial in trials:
        opt.tell(trial)
    assert opt.ask().state is State.RUNNING


@EVERY
@BOTH
def test_a_trial_that_failed_or_never_reported_holds_nobody_up(name: str, resumable: bool) -> None:
    opt = make(name, resumable=resumable)
    silent = opt.ask()
    for i in range(30):
        trial = opt.ask()
        assert trial.number != silent.number
        if i % 3:
            train(opt, trial, line(1.0))
        else:
            opt.tell(trial, error="out of memory")


@EVERY
@BOTH
def test_an_instance_is_a_template(name: str, resumable: bool) -> None:
    """Two sweeps with one instance do not see each other's trials."""
    template = make(name).scheduler
    if not hasattr(template, "fitted"):
        return
    jobs = []
    for _ in range(2):
        opt = Optimizer(
            SPACE, strategy="random", early_terminate=template, seed=0, max_steps=MAX_STEPS, resumable=resumable
        )
        jobs.append(opt.scheduler.next_job())
        for _ in range(9):
            train(opt, opt.ask(), line(10.0, -0.1))
    assert jobs[0] == jobs[1]


@EVERY
@BOTH
def test_the_cost_of_a_report_is_small_and_does_not_grow_with_the_trials(name: str, resumable: bool) -> None:
    scheduler = make(name, resumable=resumable).scheduler

    def seconds(first: int, count: int) -> float:
        trials = []
        for i in range(first, first + count):
            job = scheduler.next_job()
            trials.append(Trial(i, budget=job.budget, origin=Origin("random", "", job.details)))
            scheduler.started(trials[-1])
        start = time.perf_counter()
        for trial in trials:
            for step in range(1, 10):
                scheduler.report(trial, step, float((trial.number * 7919) % 104729))
        return (time.perf_counter() - start) / (9 * count)

    seconds(0, 100)
    early = min(seconds(100 + 100 * i, 100) for i in range(5))
    seconds(1000, 9000)
    late = min(seconds(10_000 + 100 * i, 100) for i in range(5))
    assert late < 5 * early + 10e-6
    assert late < 50e-6
