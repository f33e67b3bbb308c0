import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from hyperopt_core.errors import ConfigError, SpaceExhausted
from hyperopt_core.history import History
from hyperopt_core.space import Categorical, Float, Int, SearchSpace
from hyperopt_core.strategies.gp import ACQUISITIONS, GaussianProcess
from hyperopt_core.strategies.protocol import Point
from hyperopt_core.trial import State, Trial

Params = Mapping[str, Any]
Objective = Callable[[Params], float | None]

MIXED = SearchSpace(
    {
        "lr": Float(1e-5, 1.0, log=True),
        "units": Int(4, 256, log=True),
        "optimizer": Categorical(["sgd", "adam", "rmsprop"]),
        "momentum": Float(0.0, 1.0, when={"optimizer": ["sgd"]}),
        "dropout": Float(0.0, 0.5, step=0.05),
    }
)


def mixed(params: Params) -> float:
    """0 at lr = 1e-3, units = 64, sgd with momentum .7, dropout .2; adam at best .3."""
    value = (np.log10(params["lr"]) + 3) ** 2 / 4 + (np.log2(params["units"]) - 6) ** 2 / 8
    value += 4.0 * (params["dropout"] - 0.2) ** 2
    if params["optimizer"] == "sgd":
        return float(value + 4.0 * (params["momentum"] - 0.7) ** 2)
    return float(value + {"adam": 0.3, "rmsprop": 0.8}[params["optimizer"]])


def put(history: History, params: Params, state: State, value: float | None = None) -> None:
    values = () if value is None else (value,)
    history.put(Trial(len(history), params, state, values=values))


def propose(history: History, strategy: GaussianProcess, seed: int = 0) -> Point:
    number = len(history)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return strategy.ask(history, number, np.random.default_rng([seed, number]))


def run(
    space: SearchSpace, objective: Objective, n: int, strategy: GaussianProcess | None = None, seed: int = 0
) -> tuple[History, list[Point]]:
    """`n` trials one after the other; None from the objective is a failure."""
    history, points = History(space, seed=seed), []
    for _ in range(n):
        point = propose(history, strategy or GaussianProcess(), seed)
        points.append(point)
        params = space.decode(point.u)
        value = objective(params)
        put(history, params, State.FAILED if value is None else State.COMPLETED, value)
    return history, points


def best(history: History) -> float:
    return float(history.y.min())


@pytest.mark.parametrize("acquisition", ACQUISITIONS)
def test_every_acquisition_finds_the_good_corner_of_a_mixed_conditional_space(acquisition: str) -> None:
    results = [best(run(MIXED, mixed, 45, GaussianProcess(acquisition), seed)[0]) for seed in range(2)]
    assert np.mean(results) < 0.2  # random search: about .4


def test_no_trial_is_proposed_twice() -> None:
    history, points = run(MIXED, mixed, 40)
    assert len({history.space.key(history.space.decode(point.u)) for point in points}) == 40


def test_points_say_what_was_expected_of_them() -> None:
    history, points = run(MIXED, mixed, 30)
    assert points[0].reason.startswith("start 1 of 6")
    modelled = points[6:]
    assert {point.reason for point in modelled} == {"exploit", "explore"}
    assert all(set(point.details) == {"mean", "sd", "acquisition"} for point in modelled)
    predicted = [point.details["mean"] for point in modelled]
    assert np.corrcoef(predicted, history.y[6:])[0, 1] > 0.2
    assert all(history.y.min() <= mean <= history.y.max() for mean in predicted)


def test_the_answer_depends_on_history_number_and_generator_alone() -> None:
    history, _ = run(MIXED, mixed, 20)
    strategy = GaussianProcess()
    propose(run(MIXED, mixed, 15, strategy, seed=3)[0], strategy)  # the strategy has seen another sweep
    again = History(MIXED)
    for trial in history.trials:
        again.put(trial)
    np.testing.assert_array_equal(propose(history, strategy).u, propose(again, GaussianProcess()).u)


def test_pending_trials_push_the_next_ones_away() -> None:
    space = SearchSpace({"x": Float(0, 1), "y": Float(0, 1)})

    def bowl(p: Params) -> float:
        return float((p["x"] - 0.3) ** 2 + (p["y"] - 0.6) ** 2)

    history, _ = run(space, bowl, 12)
    taken = []
    for _ in range(6):
        point = propose(history, GaussianProcess())
        taken.append(point.u)
        put(history, space.decode(point.u), State.RUNNING)
    gaps = [np.linalg.norm(a - b) for i, a in enumerate(taken) for b in taken[:i]]
    assert min(gaps) > 1e-3


def test_regions_where_trials_fail_are_left() -> None:
    space = SearchSpace({"x": Float(0, 1), "y": Float(0, 1)})

    def cliff(p: Params) -> float | None:  # better and better up to an edge beyond which everything crashes
        return None if p["x"] > 0.6 else float(1.0 - p["x"] + (p["y"] - 0.5) ** 2)

    history, _ = run(space, cliff, 40)
    beyond = [trial.params["x"] > 0.65 for trial in history.trials[20:]]
    assert sum(beyond) <= 10  # half of the rest straddle the edge, where the best point is
    assert best(history) < 0.41


def test_stopped_trials_count_as_no_better_than_the_average() -> None:
    space = SearchSpace({"x": Float(0, 1)})
    history = History(space)
    for x in (0.05, 0.2, 0.35, 0.5, 0.65):
        put(history, {"x": x}, State.COMPLETED, -x)
    before = [propose(history, GaussianProcess("ei"), seed).u[0] for seed in range(3)]
    assert min(before) > 0.65
    for x in (0.75, 0.8, 0.85, 0.9, 0.95, 1.0):
        put(history, {"x": x}, State.STOPPED)
    after = [propose(history, GaussianProcess("ei"), seed).u[0] for seed in range(3)]
    assert max(after) < 0.75


def test_a_users_belief_draws_the_first_trials_and_data_overrule_it() -> None:
    def space(**belief: Any) -> SearchSpace:
        return SearchSpace({"x": Float(0, 1, **belief), "y": Float(0, 1)})

    def bowl(p: Params) -> float:
        return float((p["x"] - 0.2) ** 2 + (p["y"] - 0.6) ** 2)

    right, _ = run(space(prior=0.2, prior_confidence="high"), bowl, 8)
    wrong, _ = run(space(prior=0.9, prior_confidence="high"), bowl, 40)
    assert np.mean(np.abs(right.X[:, 0] - 0.2)) < 0.2
    assert np.mean(np.abs(wrong.X[:4, 0] - 0.9)) < 0.3
    assert best(wrong) < 0.01


def test_constraints_hold_for_every_point() -> None:
    space = SearchSpace({"x": Float(0, 1), "y": Float(0, 1)}, constraints=["x + y <= 1"])
    history, _ = run(space, lambda p: -float(p["x"] + 2 * p["y"]), 25)
    assert (history.X.sum(axis=1) <= 1 + 1e-9).all()
    assert best(history) < -1.9


HOSTILE: dict[str, Objective] = {
    "constant": lambda p: 1.0,
    "all failed": lambda p: None,
    "one huge outlier": lambda p: 1e300 if p["x0"] > 0.9 else float(p["x0"]),
    "both ends of the floats": lambda p: -1e300 if p["x0"] > 0.5 else 1e300,
    "not a number": lambda p: float("nan") if p["x0"] > 0.5 else float(p["x0"]),
    "two values": lambda p: float(p["x0"] > 0.5),
    "one success": lambda p: 0.5 if 0.45 < p["x0"] < 0.55 else None,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_values_neither_raise_nor_warn(name: str) -> None:
    space = SearchSpace({"x0": Float(0, 1), "c": Categorical(["a", "b"]), "n": Int(1, 9, when={"c": ["a"]})})
    history, _ = run(space, HOSTILE[name], 16)
    assert history.distinct == 16


def test_500_trials_at_one_point() -> None:
    space = SearchSpace({"x": Float(0, 1), "y": Float(0, 1)})
    history = History(space)
    for _ in range(500):
        put(history, {"x": 0.5, "y": 0.5}, State.COMPLETED, 1.0)
    assert not history.seen(propose(history, GaussianProcess()).u)


def test_200_dimensions() -> None:
    space = SearchSpace({f"x{i}": Float(0, 1) for i in range(200)})
    history, _ = run(space, lambda p: float(sum(p.values())), 14)
    assert best(history) < 92  # random search: about 95


@pytest.mark.parametrize(
    ("space", "size"), [({"c": Categorical(["only"])}, 1), ({"c": Categorical(["a", "b"]), "n": Int(1, 4)}, 8)]
)
def test_a_finite_space_is_proposed_whole_and_then_exhausted(space: dict[str, Any], size: int) -> None:
    history, points = run(SearchSpace(space), lambda p: float(p.get("n", 0)), size)
    assert history.distinct == len(points) == size
    with pytest.raises(SpaceExhausted, match=f"all {size} points"):
        propose(history, GaussianProcess())


@pytest.mark.parametrize("options", [{"acquisition": "log_ei"}, {"starts": 0}])
def test_options_that_cannot_be_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(options))):
        GaussianProcess(**options)


@pytest.mark.slow
def test_a_thousand_trials_take_less_than_a_second() -> None:
    history = History(MIXED)
    rng = np.random.default_rng(0)
    for params in MIXED.sample(rng, 1000):
        put(history, params, State.COMPLETED, mixed(params))
    for params in MIXED.sample(rng, 16):
        put(history, params, State.RUNNING)
    propose(history, GaussianProcess())
    start = time.process_time()
    propose(history, GaussianProcess(), seed=1)
    assert time.process_time() - start < 1.5
