"""The Parzen estimator: what it learns, and that its time does not grow."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from hyperopt_core import Categorical, Float, Int, Optimizer, State
from hyperopt_core.errors import ConfigError
from hyperopt_core.strategies.tpe import TreeParzen
from hyperopt_core.trial import Changes, Trial

MIXED = {
    "lr": Float(1e-5, 1.0, log=True),
    "units": Int(4, 256, log=True),
    "optimizer": Categorical(["sgd", "adam", "rmsprop"]),
    "momentum": Float(0.0, 1.0, when={"optimizer": ["sgd"]}),
}


def mixed(params: Mapping[str, Any]) -> float:
    """0 at lr = 1e-3, units = 64, sgd with momentum .7; adam at best .3."""
    value = (np.log10(params["lr"]) + 3) ** 2 / 4 + (np.log2(params["units"]) - 6) ** 2 / 8
    if params["optimizer"] == "sgd":
        return float(value + 4.0 * (params["momentum"] - 0.7) ** 2)
    return float(value + {"adam": 0.3, "rmsprop": 0.8}[params["optimizer"]])


def run(space: Any, objective: Any, n: int, strategy: Any = "tpe", seed: int = 0) -> Optimizer:
    opt = Optimizer(space, strategy=strategy, seed=seed)
    for _ in range(n):
        trial = opt.ask()
        value = objective(trial.params)
        opt.tell(trial, value) if value is not None else opt.tell(trial, error="out of memory")
    return opt


def best(opt: Optimizer) -> float:
    assert opt.best is not None
    assert opt.best.value is not None
    return opt.best.value


def test_it_finds_the_good_corner_of_a_mixed_conditional_space() -> None:
    found = np.mean([best(run(MIXED, mixed, 100, seed=seed)) for seed in range(3)])
    chance = np.mean([best(run(MIXED, mixed, 100, "random", seed)) for seed in range(3)])
    assert found < 0.1 < chance


def test_points_say_where_they_come_from() -> None:
    trials = run(MIXED, mixed, 40).trials
    assert trials[0].origin.reason == "start 1 of 10"
    assert {t.origin.reason for t in trials[10:]} == {"exploit", "explore"}
    assert all(set(t.origin.details) == {"acquisition"} for t in trials[10:])


@pytest.mark.parametrize("state", [State.FAILED, State.STOPPED, State.RUNNING])
def test_where_trials_fail_stop_or_run_fewer_are_tried(state: State) -> None:
    def asked(there: int) -> float:
        opt = Optimizer({"x": Float(0, 1)}, strategy="tpe", seed=0)
        known = [Trial(i, {"x": i / 20}, State.COMPLETED, values=((i / 20 - 0.5) ** 2,)) for i in range(20)]
        known += [Trial(20 + i, {"x": 0.45 + i / 1000}, state, values=(0.0,)) for i in range(there)]
        opt.apply(Changes(99, tuple(known)))
        return float(np.mean([0.45 < opt.propose(100 + k).params["x"] < 0.49 for k in range(40)]))

    assert asked(40) < 0.5 * asked(0)


def test_a_users_belief_draws_the_first_trials_and_data_overrule_it() -> None:
    def bowl(p: Mapping[str, Any]) -> float:
        return float((p["x"] - 0.2) ** 2 + (p["y"] - 0.6) ** 2)

    def space(prior: float) -> dict[str, Any]:
        return {"x": Float(0, 1, prior=prior, prior_confidence="high"), "y": Float(0, 1)}

    right, wrong = run(space(0.2), bowl, 15), run(space(0.9), bowl, 100)
    assert np.mean([abs(t.params["x"] - 0.2) for t in right.trials]) < 0.2
    assert np.mean([abs(t.params["x"] - 0.9) for t in wrong.trials[:5]]) < 0.3
    assert best(wrong) < 0.01


def test_no_point_comes_twice_though_few_are_left() -> None:
    opt = run({"n": Int(1, 60), "c": Categorical(["a", "b"])}, lambda p: float(p["n"]), 120)
    assert opt.history.distinct == 120


def test_a_late_trial_takes_hardly_longer_than_an_early_one() -> None:
    def seconds(n: int) -> float:
        opt = Optimizer(MIXED, strategy="tpe", seed=0)
        points = opt.space.sample(np.random.default_rng(0), n)
        trials = (Trial(i, p, State.COMPLETED, values=(mixed(p),)) for i, p in enumerate(points))
        opt.apply(Changes(n, tuple(trials)))
        opt.propose(n)  # encodes what is new
        start = time.process_time()
        for k in range(5):
            opt.propose(n + k)
        return (time.process_time() - start) / 5

    assert seconds(5000) < 10 * seconds(500) + 0.02


@pytest.mark.parametrize("options", [{"candidates": 0}, {"starts": 0}])
def test_options_that_cannot_be_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match=next(iter(options))):
        TreeParzen(**options)
