"""What every strategy of the table promises, whatever its algorithm."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from hyperopt_core import Categorical, Constant, Float, Int, Optimizer, SearchSpace
from hyperopt_core.errors import ConfigError, SpaceExhausted
from hyperopt_core.strategies import STRATEGIES, make_strategy

FINITE = SearchSpace(
    {"kernel": Categorical(["rbf", "poly"]), "degree": Int(2, 4, when={"kernel": ["poly"]}), "depth": Int(1, 3)}
)
MIXED = SearchSpace(
    {
        "lr": Float(1e-5, 1e-1, log=True),
        "layers": Int(1, 8),
        "kernel": Categorical(["rbf", "poly"]),
        "degree": Int(2, 5, when={"kernel": ["poly"]}),
        "epochs": Constant(3),
    }
)
NAMES = sorted(STRATEGIES)


def handles(name: str, space: SearchSpace) -> bool:
    """Whether the strategy takes a space with a continuum: it says so before trial 0."""
    try:
        Optimizer(space, strategy=name, seed=0)
    except ConfigError:
        return False
    return True


def loss(params: Any) -> float:
    return float(abs(math.log10(params.get("lr", 1e-3)) + 3) + params.get("layers", 1) / 8 + len(params["kernel"]) / 4)


def run(name: str, space: SearchSpace, n: int, seed: int = 0) -> Optimizer:
    opt = Optimizer(space, strategy=name, seed=seed)
    for _ in range(n):
        trial = opt.ask()
        opt.tell(trial, loss(trial.params))
    return opt


@pytest.mark.parametrize("name", NAMES)
def test_its_name_is_the_one_in_the_table(name: str) -> None:
    assert make_strategy(name).name == name


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("space", [FINITE, MIXED], ids=["finite", "mixed"])
def test_proposals_are_points_of_the_space(name: str, space: SearchSpace) -> None:
    if not handles(name, space):
        return
    for trial in run(name, space, 12).trials:
        assert space.clean(trial.params) == trial.params
        assert trial.origin.strategy
        assert trial.origin.reason


@pytest.mark.parametrize("name", NAMES)
def test_a_finite_space_is_walked_without_repeats_and_ends(name: str) -> None:
    opt = run(name, FINITE, 12)
    assert len({FINITE.key(t.params) for t in opt.trials}) == FINITE.size == 12
    with pytest.raises(SpaceExhausted):
        opt.ask()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("space", [FINITE, MIXED], ids=["finite", "mixed"])
def test_same_seed_and_log_same_proposals_another_seed_others(name: str, space: SearchSpace) -> None:
    if not handles(name, space):
        return
    first, again, other = (run(name, space, 10, seed) for seed in (0, 0, 1))
    assert [t.params for t in first.trials] == [t.params for t in again.trials]
    if name != "grid" and space is MIXED:
        assert [t.params for t in first.trials] != [t.params for t in other.trials]


@pytest.mark.parametrize("name", NAMES)
def test_a_replayed_log_gives_the_same_next_proposal(name: str) -> None:
    space = MIXED if handles(name, MIXED) else FINITE
    live = run(name, space, 9)
    from hyperopt_core.trial import Changes

    replayed = Optimizer(space, strategy=name, seed=0)
    replayed.apply(Changes(9, tuple(live.trials)))
    assert replayed.propose(9) == live.propose(9)


@pytest.mark.parametrize("name", NAMES)
def test_proposals_do_not_depend_on_the_process(name: str) -> None:
    program = (
        "import json, sys; from tests.contracts.test_strategies import *;"
        "space = MIXED if handles(sys.argv[1], MIXED) else FINITE;"
        "print(json.dumps([dict(t.params) for t in run(sys.argv[1], space, 6).trials]))"
    )
    space = MIXED if handles(name, MIXED) else FINITE
    here = [dict(t.params) for t in run(name, space, 6).trials]
    there = subprocess.run([sys.executable, "-c", program, name], capture_output=True, text=True, check=True)
    assert json.loads(there.stdout) == here


@pytest.mark.parametrize("name", NAMES)
def test_many_workers_get_different_points(name: str) -> None:
    space = MIXED if handles(name, MIXED) else FINITE
    opt = run(name, space, 4)
    asked = [opt.ask() for _ in range(8)]
    assert len({space.key(t.params) for t in asked}) == 8
    for trial in reversed(asked):  # results arrive in any order
        opt.tell(trial, loss(trial.params))
    assert opt.best is not None


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [0.0, math.nan, math.inf, 1e300, -1e300])
def test_degenerate_values_are_taken(name: str, value: float) -> None:
    space = MIXED if handles(name, MIXED) else FINITE
    opt = Optimizer(space, strategy=name, seed=0)
    for i in range(11):
        trial = opt.ask()
        opt.tell(trial, value if i % 2 else 1.0)
    assert len(opt.trials) == 11


@pytest.mark.parametrize("name", NAMES)
def test_nothing_but_failures(name: str) -> None:
    space = MIXED if handles(name, MIXED) else FINITE
    opt = Optimizer(space, strategy=name, seed=0)
    for _ in range(11):
        opt.tell(opt.ask(), error="out of memory")
    assert opt.best is None


@pytest.mark.parametrize("name", NAMES)
def test_constraints_hold(name: str) -> None:
    space = SearchSpace({"a": Int(1, 6), "b": Int(1, 6)}, constraints=["a + b <= 6"])
    opt = Optimizer(space, strategy=name, seed=0)
    for _ in range(15):
        trial = opt.ask()
        assert trial.params["a"] + trial.params["b"] <= 6
        opt.tell(trial, float(trial.params["a"]))
    with pytest.raises(SpaceExhausted):
        opt.ask()


@pytest.mark.parametrize("name", NAMES)
def test_a_space_of_one_point(name: str) -> None:
    opt = Optimizer({"x": Constant(1)}, strategy=name, seed=0)
    assert opt.ask().params == {"x": 1}
    with pytest.raises(SpaceExhausted):
        opt.ask()


def test_arrays_of_the_history_are_read_only() -> None:
    history = run("random", MIXED, 3).history
    with pytest.raises(ValueError, match="read-only"):
        history.X[0, 0] = np.nan
