"""Spaces with constraints: counted, found impossible; and definitions too odd to be used."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hyperopt_core.errors import ConfigError
from hyperopt_core.space import Categorical, Constraint, Float, Int, SearchSpace

HUGE = 10**400  # no float can hold it


@pytest.mark.parametrize(
    ("parameters", "constraints"),
    [
        ({"a": Int(1, 9), "b": Int(1, 9), "c": Int(1, 7)}, ["a < b"]),
        ({"a": Int(1, 9), "b": Int(1, 9), "c": Int(1, 7)}, ["a < b", "c != 3", "a + b + c <= 12"]),
        ({"a": Int(1, 5), "b": Int(1, 5, when={"a": {"min": 3}}), "c": Int(1, 5)}, ["b <= c"]),
        ({"a": Int(1, 5), "b": Int(1, 5, when={"c": [1, 2]}), "c": Int(1, 3), "z": Int(1, 4)}, ["a < 3"]),
        ({"a": Categorical(["x", "y"]), "g": {"b": Int(1, 4), "c": Int(0, 4, when={"a": ["y"]})}}, ["g.b > g.c"]),
        ({"a": Int(1, 5), "b": Int(1, 5)}, ["1 < 2"]),
        ({"a": Int(1, 5), "b": Int(1, 5)}, ["2 < 1"]),
        ({"a": Int(1, 5), "b": Int(1, 5)}, ["a < b", "b < a"]),
        ({"a": Int(1, 5), "b": Int(1, 5)}, []),
    ],
)
def test_feasible_points_are_counted(parameters: dict[str, Any], constraints: list[str]) -> None:
    space = SearchSpace(parameters, constraints=constraints)
    met = sum(space.satisfies(space.nest(point)) for point in space.grid)
    assert space.count_feasible() == met
    assert space.is_satisfiable() == (met > 0)


def test_only_constrained_parameters_are_looked_at() -> None:
    many = {f"x{i}": Int(1, 1000) for i in range(9)}
    space = SearchSpace({"a": Int(1, 9), "b": Int(1, 9)} | many, constraints=["a < b"])
    assert space.count_feasible(limit=81) == 36 * 10**27
    assert space.count_feasible(limit=80) is None
    assert SearchSpace({"a": Int(1, 9), "b": Float(0, 1)}, constraints=["b < a"]).count_feasible() is None


@pytest.mark.parametrize(
    ("constraints", "possible"),
    [(["a < b"], True), (["a < b", "a > b"], False), (["a == b"], False), (["a + b < 0.05"], True)],
)
def test_constraints_that_no_point_meets(constraints: list[str], possible: bool) -> None:
    assert SearchSpace({"a": Float(0, 1), "b": Float(0, 1)}, constraints=constraints).is_satisfiable() is possible


def test_a_few_points_in_a_large_grid_are_found() -> None:
    parameters = {"a": Int(1, 400), "b": Int(1, 400), "c": Int(1, 400)}
    assert SearchSpace(parameters, constraints=["a + b <= 2"]).is_satisfiable()
    assert not SearchSpace(parameters, constraints=["a + b <= 1"]).is_satisfiable()


def test_feasibility_of_coordinates_looks_at_what_conditions_switch_off() -> None:
    space = SearchSpace(
        {"k": Categorical(["on", "off"]), "a": Float(0, 1, when={"k": ["on"]}), "b": Float(0, 1), "n": Int(1, 3)},
        constraints=["a < b"],
    )
    u = space.draw(np.random.default_rng(0).random((200, space.d)))
    assert space.feasible(u).tolist() == [space.satisfies(space.decode(row)) for row in u]
    assert 0 < space.feasible(u).sum() < 200


def test_a_space_with_constraints_survives_pickling() -> None:
    space = SearchSpace({"a": Int(1, 9), "b": Int(1, 9)}, constraints=["1 < a ** 2 <= b + 3"])
    again = pickle.loads(pickle.dumps(space))
    assert again == space
    assert again.count_feasible() == space.count_feasible()


@pytest.mark.parametrize(
    "make",
    [
        lambda: Float(math.nan, 1),
        lambda: Float(0, HUGE),
        lambda: Float(0, 1, step=HUGE),
        lambda: Float(0, 1, step=5e-324),
        lambda: Float(0, 1e300, q=5e-324),
        lambda: Float(1e308, 1.7e308, q=1e-320),
        lambda: Float(-1.7e308, 1.7e308, step=1),
        lambda: Int(1, HUGE),
        lambda: Int(1, HUGE, log=True),
        lambda: Int(-(10**308), 10**308),
        lambda: Int(1, 10, step=HUGE),
        lambda: Int(1, 10, step=math.nan),  # type: ignore[arg-type]
        lambda: Int(1, 10, prior=HUGE),
        lambda: Categorical([10**5000, 1]),
        lambda: Categorical([1, 2], probabilities=5),  # type: ignore[arg-type]
        lambda: Categorical([1, 2], probabilities=[HUGE, 1]),
        lambda: SearchSpace({"a": Int(1, 2)}, constraints=5),  # type: ignore[arg-type]
        lambda: SearchSpace({"a": Int(1, 2)}, constraints=None),  # type: ignore[arg-type]
        lambda: Constraint("-" * 990 + "a < 1"),
        lambda: Constraint("a" + ".a" * 490 + " < 1"),
        lambda: Constraint("a" + "+a" * 450 + " < 1"),
    ],
)
def test_odd_definitions_are_refused_in_words(make: Callable[[], object]) -> None:
    with pytest.raises(ConfigError) as raised:
        make()
    assert len(str(raised.value)) < 300


def test_a_step_may_be_any_whole_number() -> None:
    for step in (2.0, np.int64(2)):
        parameter = Int(1, 9, step=step)  # type: ignore[arg-type]
        assert SearchSpace.from_dict(SearchSpace({"n": parameter}).to_dict()).parameters["n"] == parameter


def test_a_value_of_absurd_size_is_no_value() -> None:
    for parameter in (Float(0, 1), Int(0, 1), Categorical([0, 1])):
        with pytest.raises(ValueError, match=r"1e308|is not one of"):
            parameter.clean(HUGE)


def test_a_sum_of_a_hundred_terms_is_a_constraint() -> None:
    names = [f"x{i}" for i in range(100)]
    assert Constraint(" + ".join(names) + " <= 1").holds(dict.fromkeys(names, 0.005)) is True
