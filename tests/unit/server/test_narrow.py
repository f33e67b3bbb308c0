"""What was brushed as a space of its own, and the sweep that begins there."""

from __future__ import annotations

import numpy as np
import pytest

from hyperopt_core import Categorical, Float, Int, SearchSpace
from hyperopt_core.errors import InvalidTrial
from hyperopt_core.server.narrow import narrow
from hyperopt_core.server.search import search_here
from hyperopt_core.space import Normal
from hyperopt_core.storage import open_storage
from hyperopt_core.sweep import Sweep
from tests import sweeps


def test_ranges_and_choices_bound_the_new_space() -> None:
    space = narrow(sweeps.SPACE, {"lr": {"low": 1e-3, "high": None}, "layers": {"low": 2.5, "high": 6.5}})
    assert space.parameters["lr"] == Float(1e-3, 1e-1, log=True)
    assert space.parameters["layers"] == Int(3, 6)
    assert space.parameters["momentum"] == sweeps.SPACE.parameters["momentum"]
    assert all(p["lr"] >= 1e-3 and 3 <= p["layers"] <= 6 for p in space.sample(np.random.default_rng(0), 50))


def test_a_parameter_that_can_be_active_no_longer_is_left_out() -> None:
    without = narrow(sweeps.SPACE, {"optimizer": {"choices": ["rmsprop", "adam"]}})
    assert list(without.parameters) == ["lr", "optimizer", "layers"]
    assert without.parameters["optimizer"] == Categorical(["adam", "rmsprop"])
    alone = narrow(sweeps.SPACE, {"optimizer": {"choices": ["sgd"]}})
    assert "momentum" in alone.sample(np.random.default_rng(0))[0]


def test_steps_groups_priors_and_unbounded_parameters() -> None:
    nested = SearchSpace.from_dict(
        {
            "parameters": {
                "model": {"parameters": {"width": {"min": 0, "max": 100, "step": 10}, "q": {"min": 0.0, "max": 1.0}}},
                "c": {"values": ["a", "b", "c"], "probabilities": [0.2, 0.3, 0.5]},
            }
        }
    )
    space = narrow(nested, {"model.width": {"low": 25, "high": 61}, "c": {"choices": ["c", "a"]}})
    assert space.parameters["model.width"] == Int(30, 60, step=10)
    assert space.parameters["c"] == Categorical(["a", "c"])
    step = SearchSpace({"x": Float(0, 1, step=0.25), "n": Normal(0, 1), "p": Float(0, 1, prior=0.9)})
    space = narrow(step, {"x": {"low": 0.3, "high": 0.8}, "n": {"low": 0, "high": 1}, "p": {"low": 0.0, "high": 0.5}})
    assert space.parameters["x"] == Float(0.5, 0.75, step=0.25)
    assert space.parameters["n"] == Normal(0, 1)
    assert space.parameters["p"] == Float(0.0, 0.5)


@pytest.mark.parametrize(
    ("ranges", "words"),
    [
        ({"lr": {"low": 1.0, "high": 2.0}}, "lr: no value"),
        ({"layers": {"low": 2.2, "high": 2.8}}, "layers: no value"),
        ({"optimizer": {"choices": []}}, "optimizer: none"),
        ({"nothing": {}}, "'nothing' is not a parameter"),
    ],
)
def test_a_range_without_a_value_is_refused(ranges: dict[str, dict[str, object]], words: str) -> None:
    with pytest.raises(InvalidTrial, match=words):
        narrow(sweeps.SPACE, ranges)


def test_the_new_sweep_knows_the_trials_inside() -> None:
    storage = open_storage("memory://")
    sweeps.fill(storage, sweeps.make_sweep(storage, "digits", trials=40), 40)
    with Sweep.open("digits", storage) as old:
        ranges = {"lr": {"low": 1e-3, "high": None}, "optimizer": {"choices": ["adam", "sgd"]}}
        made = search_here(old, storage, {"name": "digits-here", "ranges": ranges, "trials": 7})
        inside = [t for t in old.trials if t.value is not None and t.params["lr"] >= 1e-3]
        inside = [t for t in inside if t.params["optimizer"] in ("adam", "sgd")]
    assert made == {"name": "digits-here", "known": len(inside)}
    with Sweep.open("digits-here", storage) as new:
        assert sorted(t.value for t in new.trials if t.value) == sorted(t.value for t in inside if t.value)
        assert new.spec.limits.trials == len(inside) + 7
        curve = new.history.curve(0)
        assert [m.step for m in curve] == [1, 2, 3]
        trial = new.ask()
        assert trial.params["lr"] >= 1e-3
        assert trial.params["optimizer"] in ("adam", "sgd")


@pytest.mark.parametrize(
    "asked", [{}, {"name": "x"}, {"name": "x", "ranges": {}}, {"name": "x", "ranges": {"lr": 1}, "trials": 3}]
)
def test_a_request_that_lacks_something_begins_nothing(asked: dict[str, object]) -> None:
    storage = open_storage("memory://")
    sweeps.make_sweep(storage, "digits")
    with Sweep.open("digits", storage) as old, pytest.raises(InvalidTrial):
        search_here(old, storage, asked)
    assert [record.name for record in storage.list_sweeps()] == ["digits"]
