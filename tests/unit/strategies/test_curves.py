"""Learning from curves: what stopped and paused trials teach."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from hyperopt_core import Decision, Float, Int, Optimizer, SpaceExhausted, State
from hyperopt_core.analysis.simulate import simulate
from hyperopt_core.strategies import make_strategy
from hyperopt_core.strategies.cokriging import CoKrigingSearch
from hyperopt_core.strategies.gp import GaussianProcess
from hyperopt_core.trial import Changes

SPACE = {"x": Float(0, 1), "y": Float(0, 1)}
WANDB = {"type": "hyperband", "min_iter": 3, "eta": 3}


def curve(params: Mapping[str, Any], step: float) -> float:
    """The best is at (.3, .7); every training falls from 1 above its end."""
    return float((params["x"] - 0.3) ** 2 + (params["y"] - 0.7) ** 2 + 1 / step)


def run(strategy: Any, steps: int, early: Any = "auto", seed: int = 0, **options: Any) -> Optimizer:
    opt = Optimizer(SPACE, strategy=strategy, early_terminate=early, seed=seed, max_steps=27, **options)
    simulate(opt, curve, max_steps=27, steps=steps)
    return opt


def test_few_trials_are_spent_where_all_are_stopped_at_once() -> None:
    """W&B's sweep files: bayes with hyperband, which only ever stops."""
    tally = {}
    for strategy in ("bayes", "random"):
        trials = [t for seed in range(3) for t in run(strategy, 400, WANDB, seed).trials if t.number >= 12]
        tally[strategy] = np.mean([(t.params["x"] - 0.3) ** 2 + (t.params["y"] - 0.7) ** 2 > 0.1 for t in trials])
    assert tally["bayes"] < 0.5 * tally["random"]


def test_with_pauses_it_is_near_the_best_after_a_few_full_trainings() -> None:
    for seed in range(3):
        opt = run("auto", 10 * 27, resumable=True, seed=seed)
        assert opt.best is not None
        assert opt.best.value is not None
        assert opt.best.value - 1 / 27 < 0.01


def test_a_last_value_is_never_taken_as_final() -> None:
    """Trainings whose early values order them the wrong way round: full ones put that right."""

    def misleading(params: Mapping[str, Any], step: float) -> float:
        return float(params["x"] if step < 20 else 1 - params["x"])

    opt = Optimizer({"x": Float(0, 1)}, strategy="auto", early_terminate="auto", seed=0, max_steps=27, resumable=True)
    simulate(opt, misleading, max_steps=27, steps=27 * 20)
    assert opt.best is not None
    assert opt.best.params["x"] > 0.9


def test_without_early_stopping_it_is_the_strategy_that_it_was_given() -> None:
    plain, curved = (run(strategy, 27 * 6, None) for strategy in ("gp", "cokriging"))
    assert [t.params for t in plain.trials] == [t.params for t in curved.trials]
    assert isinstance(make_strategy("bayes", {"acquisition": "ucb"}), CoKrigingSearch)
    assert CoKrigingSearch(GaussianProcess(starts=3)).name == "cokriging"


def test_a_replayed_log_gives_the_same_next_proposal() -> None:
    live = run("cokriging", 200, resumable=True)
    replayed = Optimizer(SPACE, strategy="cokriging", early_terminate="auto", seed=0, max_steps=27, resumable=True)
    measurements = tuple((t.number, m) for t in live.trials for m in live.history.curve(t.number))
    replayed.apply(Changes(1, tuple(live.trials), measurements))
    assert replayed.propose(99) == live.propose(99)


def test_workers_side_by_side_get_points_apart() -> None:
    opt = run("cokriging", 150, resumable=True)
    asked = [t for t in (opt.ask() for _ in range(12)) if t.attempt == 1]
    points = np.array([[t.params["x"], t.params["y"]] for t in asked])
    gaps = np.linalg.norm(points[:, None] - points, axis=2) + np.eye(len(points))
    assert len(asked) > 4
    assert gaps.min() > 1e-3


@pytest.mark.parametrize("value", [0.0, math.nan, 1e300, -1e300])
def test_odd_values_failures_and_gaps_are_taken(value: float) -> None:
    opt = Optimizer(SPACE, strategy="cokriging", early_terminate=WANDB, seed=0)
    for i in range(24):
        trial = opt.ask()
        if i % 5 == 0:
            opt.tell(trial, error="out of memory")
            continue
        for step in (1, 2, 3, 5, 9, 20):
            if opt.report(trial, step=step, value=value if i % 2 else i / step) is not Decision.CONTINUE:
                break
        opt.tell(trial)
    assert {t.state for t in opt.trials} >= {State.STOPPED, State.COMPLETED, State.FAILED}


def test_a_small_space_is_walked_to_its_end() -> None:
    opt = Optimizer({"n": Int(1, 60)}, strategy="cokriging", early_terminate=WANDB, seed=0)
    for _ in range(60):
        trial = opt.ask()
        for step in range(1, 10):
            if opt.report(trial, step=step, value=abs(trial.params["n"] - 20) + 1 / step) is not Decision.CONTINUE:
                break
        opt.tell(trial)
    assert {t.params["n"] for t in opt.trials} == set(range(1, 61))
    with pytest.raises(SpaceExhausted):
        opt.ask()
