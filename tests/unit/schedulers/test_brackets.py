"""Hyperband and successive halving: the paper's arithmetic, and brackets that end whatever happens to their trials."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperopt_core import Decision, Float, Hyperband, Int, Optimizer, SpaceExhausted, State
from hyperopt_core.errors import ConfigError
from hyperopt_core.maths.brackets import hyperband_plans
from hyperopt_core.optimizer import ended
from hyperopt_core.schedulers.successive_halving import SuccessiveHalving
from hyperopt_core.trial import Changes, Outcome, Trial


def make(max_steps: int = 9, resumable: bool = True, **options: Any) -> Optimizer:
    given: dict[str, Any] = {"strategy": "random", "early_terminate": "hyperband", "seed": 0} | options
    return Optimizer({"x": Float(0, 1)}, max_steps=max_steps, resumable=resumable, **given)


@pytest.mark.parametrize(
    ("max_steps", "eta", "plans"),
    [
        (27, 3, ["27@1 9@3 3@9 1@27", "12@3 4@9 1@27", "6@9 2@27", "4@27"]),
        (81, 3, ["81@1 27@3 9@9 3@27 1@81", "34@3 11@9 3@27 1@81", "15@9 5@27 1@81", "8@27 2@81", "5@81"]),
        (52, 3, ["27@2 9@6 3@17 1@52", "12@6 4@17 1@52", "6@17 2@52", "4@52"]),
        (100, 4, ["64@2 16@6 4@25 1@100", "22@6 5@25 1@100", "8@25 2@100", "4@100"]),
    ],
)
def test_sizes_are_those_of_the_paper(max_steps: int, eta: int, plans: list[str]) -> None:
    table = [" ".join(f"{n}@{steps}" for n, steps in plan) for plan in hyperband_plans(1, max_steps, eta)]
    assert table == plans
    # s_max = floor(log_eta R) and n = ceil((s_max + 1) / (s + 1) * eta^s), in whole numbers only
    s_max = max(s for s in range(20) if eta**s <= max_steps)
    assert [plan[0][0] for plan in hyperband_plans(1, max_steps, eta)] == [
        -(-(s_max + 1) * eta**s // (s + 1)) for s in range(s_max, -1, -1)
    ]


def test_the_number_of_brackets_is_counted_not_rounded() -> None:
    for s in range(1, 12):
        for eta in (2, 3, 4, 5, 10):
            assert len(hyperband_plans(1, eta**s, eta)) == s + 1
            assert len(hyperband_plans(1, eta**s - 1, eta)) == s


def test_one_worker_walks_a_bracket_rung_by_rung() -> None:
    opt = make()
    seen = []
    for _ in range(9 + 3 + 1 + 5 + 1 + 3):
        trial = opt.ask()
        seen.append((trial.next_step, trial.budget))
        assert trial.budget is not None
        for step in range(int(trial.next_step), trial.budget + 1):
            opt.report(trial, step=step, value=trial.params["x"] + 1 / step)
        opt.tell(trial)
    assert seen == [(1, 1)] * 9 + [(2, 3)] * 3 + [(4, 9)] + [(1, 3)] * 5 + [(4, 9)] + [(1, 9)] * 3
    first = sorted(opt.trials[:9], key=lambda t: t.params["x"])
    assert [t.state for t in first] == [State.COMPLETED] + [State.PAUSED] * 8
    assert [t.budget for t in first] == [9, 3, 3] + [1] * 6
    assert opt.best is not None
    assert opt.best.state is State.COMPLETED


def test_what_cannot_be_resumed_is_trained_again_from_the_first_step() -> None:
    opt = make(resumable=False)
    for _ in range(9):
        trial = opt.ask()
        assert opt.report(trial, step=1, value=trial.params["x"]) is Decision.PAUSE
        opt.tell(trial)
    again = opt.ask()
    assert (again.next_step, again.budget, again.attempt, again.base_attempt) == (1, 3, 2, 2)
    assert again.params == min(opt.trials, key=lambda t: t.params["x"]).params
    assert opt.history.curve(again.number) == ()


def test_a_pause_says_why() -> None:
    opt = make()
    trial = opt.ask()
    opt.report(trial, step=1, value=0.5)
    opt.tell(trial)
    assert opt.trials[0].reason == "trained to step 1, from where 3 of 9 trials go on"


def test_a_rung_that_waits_blocks_nobody() -> None:
    opt = make()
    asked = [opt.ask() for _ in range(100)]  # nobody ever reports
    assert [t.budget for t in asked[:18]] == [1] * 9 + [3] * 5 + [9] * 3 + [1]


def test_without_new_trials_a_bracket_goes_on_with_those_it_has() -> None:
    opt = Optimizer(
        {"x": Int(1, 6)}, strategy="random", early_terminate="hyperband", seed=0, max_steps=9, resumable=True
    )
    for _ in range(6 + 2 + 1):
        _train(opt, opt.ask())
    with pytest.raises(SpaceExhausted):
        opt.ask()
    assert sorted((t.params["x"], t.budget) for t in opt.trials) == [(1, 9), (2, 3), (3, 1), (4, 1), (5, 1), (6, 1)]


def test_two_workers_that_are_promised_the_last_seat_both_get_one() -> None:
    opt = make()
    for _ in range(8):
        opt.ask()
    job = opt.scheduler.next_job()
    twice = [Trial(n, {"x": 0.5}, origin=opt.propose(8).origin, budget=job.budget) for n in (8, 9)]
    opt.apply(Changes(20, tuple(twice)))
    for number in range(10):
        assert opt.report(number, step=1, value=float(number)) is Decision.PAUSE
        opt.tell(number)
    assert opt.ask().number == 0


def test_options() -> None:
    assert Hyperband(max_steps=27).plans[0] == [(27, 1), (9, 3), (3, 9), (1, 27)]
    assert Hyperband().plans == Hyperband(1, 81, 3).plans
    assert SuccessiveHalving(3, 27).plan == [(9, 3), (3, 9), (1, 27)]
    assert make(52).scheduler.plans[0] == [(27, 2), (9, 6), (3, 17), (1, 52)]  # type: ignore[attr-defined]
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"min_steps": 0}, "min_steps: is 0: a whole number of 1 or more"),
        ({"eta": 1}, "eta: is 1: a number above 1"),
        ({"min_steps": 30, "max_steps": 27}, "min_steps: is 30, and a full training has 27 steps"),
    ]
    for options, message in wrong:
        with pytest.raises(ConfigError, match=message):
            Hyperband(**options)
    with pytest.raises(ConfigError, match=r"early_terminate\.min_steps: is 30, and a full training has 9"):
        make(early_terminate=Hyperband(min_steps=30))


# --- schedules of all sorts ------------------------------------------------------------------------------------------

events = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 11)), min_size=20, max_size=160)


@pytest.mark.parametrize("resumable", [True, False], ids=["resumes", "restarts"])
@settings(max_examples=60, deadline=None)
@given(events=events, seed=st.integers(0, 5))
def test_crashes_order_and_duplicates_never_leave_a_rung_undecided(
    resumable: bool, events: list[tuple[int, int]], seed: int
) -> None:
    _run(resumable, events, seed)


@pytest.mark.slow
@pytest.mark.parametrize("resumable", [True, False], ids=["resumes", "restarts"])
def test_thousands_of_schedules(resumable: bool) -> None:
    rng = np.random.default_rng(0)
    for seed in range(2000):
        what = rng.choice(12, size=(int(rng.integers(20, 200)), 2)) % [8, 12]
        _run(resumable, [(int(worker), int(event)) for worker, event in what], seed)


def _run(resumable: bool, events: list[tuple[int, int]], seed: int) -> None:
    opt = make(resumable=resumable, seed=seed)
    running: list[Trial] = []
    for worker, what in events:
        if worker >= len(running):
            running.append(opt.ask())
            continue
        trial = running[worker]
        _event(opt, running, worker, trial, what)
    for trial in running:  # who is left finishes
        _train(opt, trial)
    while opt.history.open_numbers(State.WAITING) or opt.promotion(new=False) is not None:
        _train(opt, opt.ask() if opt.history.open_numbers(State.WAITING) else _take(opt))
    _check(opt)


def _event(opt: Optimizer, running: list[Trial], worker: int, trial: Trial, what: int) -> None:
    step = opt.history.last_step(trial.number) + 1
    value = trial.params["x"] + 1 / step
    if what == 0:  # it crashes for good
        opt.tell(running.pop(worker), error="killed")
    elif what == 1:  # its agent is lost: another one goes on, or begins again
        running.pop(worker)
        state = opt.history[trial.number]
        opt.apply(Changes(opt.seq + 1, (replace(state, state=State.WAITING),)))
    elif what == 2:  # a person ends it
        running.pop(worker)
        opt.apply(Changes(opt.seq + 1, (ended(opt.history[trial.number], Outcome(State.CANCELLED), 0.0),)))
    elif what == 3:  # a report comes twice, and one late
        for at in (step, step, max(1, step - 1)):
            opt.report(trial, step=at, value=value)
    elif what <= 5:
        opt.report(trial, step=step, value=value)
    else:
        _train(opt, running.pop(worker))


def _train(opt: Optimizer, trial: Trial) -> None:
    budget = trial.budget or 9
    for step in range(int(trial.next_step), budget + 1):
        if opt.report(trial, step=step, value=trial.params["x"] + 1 / step) is not Decision.CONTINUE:
            break
    opt.tell(trial)


def _take(opt: Optimizer) -> Trial:
    trial = opt._promoted(new=False)
    assert trial is not None
    opt.apply(Changes(opt.seq + 1, (trial,)))
    return trial


def _check(opt: Optimizer) -> None:
    """Every rung of every bracket was decided, nobody went further than the rung says, and the best did go up."""
    by_bracket: dict[int, list[Trial]] = {}
    for trial in opt.trials:
        by_bracket.setdefault(int(trial.origin.details["bracket"]), []).append(trial)
    for index, trials in by_bracket.items():
        plan = hyperband_plans(1, 9, 3)[index % 3]
        assert len(trials) <= plan[0][0]
        assert not any(t.state is State.RUNNING for t in trials)
        share = len(trials) / plan[0][0]
        seats = trials
        for (_, steps), (count, above) in pairwise(plan):
            up = [t for t in seats if t.budget is not None and t.budget >= above]
            able = [t for t in seats if t.state is State.PAUSED and t.budget == steps]
            assert len(up) <= max(1, int(count * share + 1e-9))
            if up:
                stay = [t.params["x"] for t in able]
                assert not stay or max(t.params["x"] for t in up) <= min(stay)
            else:
                assert not able
            seats = up
        for trial in trials:
            if trial.state in (State.PAUSED, State.COMPLETED):
                assert trial.budget is not None
                assert opt.history.last_step(trial.number) >= trial.budget


def test_a_value_without_reports_counts_as_measured_at_the_budget() -> None:
    opt = make()
    for _ in range(9 + 3 + 1):
        trial = opt.ask()
        opt.tell(trial, trial.params["x"])
    assert sorted((t.budget, t.state) for t in opt.trials) == [
        *[(1, State.PAUSED)] * 6,
        *[(3, State.PAUSED)] * 2,
        (9, State.COMPLETED),
    ]
