"""What every scheduler of the table promises, whatever its rule."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperopt_core import Decision, Float, Optimizer
from hyperopt_core.schedulers import SCHEDULERS, make_scheduler
from hyperopt_core.trial import Changes

NAMES = sorted(SCHEDULERS)
MAX_STEPS = 27
SPACE = {"x": Float(0, 1)}


def make(name: str, goal: str = "minimize") -> Optimizer:
    return Optimizer(SPACE, strategy="random", early_terminate=name, goal=goal, seed=0, max_steps=MAX_STEPS)


def train(opt: Optimizer, values: list[float]) -> int:
    """Train one trial with these values; returns how many steps it was given."""
    trial = opt.ask()
    for step, value in enumerate(values, start=1):
        if opt.report(trial, step=step, value=value) is not Decision.CONTINUE:
            opt.tell(trial)
            return step
    opt.tell(trial)
    return len(values)


curves = st.lists(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=MAX_STEPS), min_size=1, max_size=8)


@pytest.mark.parametrize("name", NAMES)
def test_its_name_is_the_one_in_the_table(name: str) -> None:
    assert make_scheduler(name, max_steps=MAX_STEPS).name == name


@pytest.mark.parametrize("name", NAMES)
def test_the_best_trial_so_far_is_never_stopped(name: str) -> None:
    opt = make(name)
    for i in range(12):  # each better than all before it, at every step
        assert train(opt, [100.0 - i - step for step in range(MAX_STEPS)]) == MAX_STEPS


@pytest.mark.parametrize("name", [n for n in NAMES if n != "never"])
def test_a_bad_trial_is_stopped_with_a_reason(name: str) -> None:
    for goal, sign in (("minimize", 1.0), ("maximize", -1.0)):
        opt = make(name, goal)
        for i in range(9):
            train(opt, [sign * (10.0 + i - 0.1 * step) for step in range(MAX_STEPS)])
        assert train(opt, [sign * 1000.0] * MAX_STEPS) < MAX_STEPS
        assert opt.trials[-1].reason


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25)
@given(data=curves)
def test_decisions_are_a_function_of_the_log(name: str, data: list[list[float]]) -> None:
    live = make(name)
    for values in data:
        train(live, values)
    replayed = make(name)
    measurements = tuple((t.number, m) for t in live.trials for m in live.history.curve(t.number))
    replayed.apply(Changes(1, tuple(live.trials), measurements))
    assert [replayed.verdict(t.number) for t in live.trials] == [live.verdict(t.number) for t in live.trials]


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25)
@given(data=curves)
def test_a_report_of_many_trials_in_turn_never_raises(name: str, data: list[list[float]]) -> None:
    opt = make(name)
    trials = [opt.ask() for _ in data]
    for step in range(MAX_STEPS):
        for trial, values in zip(trials, data, strict=True):
            if step < len(values):
                assert opt.report(trial, step=step + 1, value=values[step]) in Decision
    for trial in trials:
        opt.tell(trial)


@pytest.mark.parametrize("name", NAMES)
def test_the_cost_of_a_report_does_not_grow_with_the_trials(name: str) -> None:
    scheduler = make_scheduler(name, max_steps=MAX_STEPS)
    opt = make(name)
    trial = opt.ask()

    def seconds(first: int, count: int) -> float:
        from dataclasses import replace

        start = time.perf_counter()
        for i in range(first, first + count):
            for step in range(1, 10):
                scheduler.report(replace(trial, number=i), step, float((i * 7919) % 104729))
        return time.perf_counter() - start

    seconds(0, 100)
    early = min(seconds(100 + 100 * i, 100) for i in range(5))
    seconds(1000, 5000)
    late = min(seconds(6000 + 100 * i, 100) for i in range(5))
    assert late < 5 * early + 0.01
