"""Parameters and spaces: what is refused, with which words, and the edges of scales."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hyperopt_core import Beta, Categorical, Constant, Float, Int, LogNormal, Normal, SearchSpace
from hyperopt_core.errors import ConfigError, InvalidTrial


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Float(1, 0), "low must not be above high"),
        (lambda: Float(0, 1, log=True), "must be above 0"),
        (lambda: Float(0, math.inf), "finite"),
        (lambda: Float("a", 1), "low is 'a'"),  # type: ignore[arg-type]
        (lambda: Float(0, 1, step=0), "step is 0"),
        (lambda: Float(0, 1, step=0.1, q=0.1), "keep one"),
        (lambda: Float(0.1, 0.4, q=0.5), "no multiple of it"),
        (lambda: Float(0, 1, prior=2), "prior is not a value"),
        (lambda: Float(0, 1, prior=0.5, prior_confidence="hihg"), "did you mean 'high'"),
        (lambda: Int(1.5, 3), "whole number"),  # type: ignore[arg-type]
        (lambda: Int(1, 3, step=0), "step is 0"),
        (lambda: Int(True, 3), "low is True"),
        (lambda: Categorical([]), "empty"),
        (lambda: Categorical("abc"), "a list is needed"),
        (lambda: Categorical([1, 2, 1]), "twice"),
        (lambda: Categorical([object()]), "no JSON value"),
        (lambda: Categorical([math.nan]), "no JSON value"),
        (lambda: Categorical(["a", "b"], probabilities=[0.5, 0.6]), "sum 1"),
        (lambda: Categorical(["a", "b"], probabilities=[1.0]), "1 entries for 2 choices"),
        (lambda: Constant(print), "no JSON value"),
        (lambda: Normal(0, 0), "sigma is 0"),
        (lambda: Normal(0, 1, q=-1), "q is -1"),
        (lambda: LogNormal(1000, 1), "overflows"),
        (lambda: Beta(0, 1), "a is 0"),
        (lambda: Float(0, 1, when={}), "when is"),
        (lambda: Float(0, 1, when={"a": []}), "never be active"),
        (lambda: Float(0, 1, when={"a": {"mni": 1}}), "range"),
    ],
)
def test_a_wrong_definition_says_what_would_be_right(make: Callable[[], Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        make()


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({}, "at least one"),
        ({"a": Int(1, 2, when={"b": [1]}), "b": Int(1, 2, when={"a": [1]})}, "circle: a, b"),
        ({"a": Int(1, 2, when={"a": [1]})}, "circle: a"),
        ({"kernel": Categorical(["rbf"]), "c": Int(1, 2, when={"kernl": ["rbf"]})}, "did you mean 'kernel'"),
        ({"kernel": Categorical(["rbf"]), "c": Int(1, 2, when={"kernel": ["rbff"]})}, "never is 'rbff'"),
        ({"a.b": Int(1, 2), "a": {"b": Int(1, 2)}}, "two parameters"),
    ],
)
def test_parameters_that_do_not_fit_together(parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        SearchSpace(parameters)


def test_quantised_values_stay_inside_the_bounds_and_on_the_multiples() -> None:
    assert [Float(1, 10, q=4).decode(u) for u in (0, 0.4, 0.6, 1)] == [4, 4, 8, 8]
    tenths = Float(0, 1, step=0.1)
    assert [tenths.level(i) for i in range(11)] == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    assert isinstance(Float(1, 10, q=4).decode(0), int)  # whole multiples are ints, as in W&B
    assert Beta(1, 1, q=0.3).decode(1.0) == pytest.approx(0.9)


def test_every_value_of_an_int_is_equally_likely() -> None:
    counts = Counter(Int(1, 4).decode(u) for u in (np.arange(4000) + 0.5) / 4000)
    assert set(counts.values()) == {1000}


def test_probabilities_and_priors_steer_sampling() -> None:
    rng = np.random.default_rng(0)
    space = SearchSpace({"c": Categorical(["a", "b"], probabilities=[0.9, 0.1]), "x": Float(0, 1, prior=0.2)})
    sample = space.sample(rng, 2000)
    assert 0.87 < np.mean([p["c"] == "a" for p in sample]) < 0.93
    assert np.mean([p["x"] for p in sample]) < 0.4
    inside, outside = space.log_prior(np.array([[0.25, 0.2], [0.25, 0.9]]))
    assert inside > 0 > outside


def test_distribution_families_have_their_quantiles() -> None:
    assert Normal(2, 3).decode(0.975) == pytest.approx(2 + 3 * 1.959964, rel=1e-6)
    assert LogNormal(0, 1).decode(0.975) == pytest.approx(math.exp(1.959964), rel=1e-6)
    assert Beta(2, 5).decode(0.5) == pytest.approx(0.26445, rel=1e-4)


@pytest.mark.parametrize("value", [np.float64(0.5), np.float32(0.5), 0.5])
def test_numpy_scalars_become_plain(value: Any) -> None:
    assert type(Float(0, 1).clean(value)) is float
    assert type(Int(0, 9).clean(np.int64(3))) is int
    assert Categorical([True, 1, 1.0, "1"]).clean(np.bool_(True)) is True


def test_choices_keep_their_types_apart() -> None:
    choices = Categorical([True, 1, "1", None])
    assert [choices.index(choices.clean(v)) for v in (True, 1, "1", None)] == [0, 1, 2, 3]
    assert choices.clean(1.0) == 1
    with pytest.raises(ValueError, match="is not one of"):
        choices.clean(False)


@pytest.mark.parametrize("value", ["0.5", None, math.nan, math.inf, True, 2.0, [0.5]])
def test_what_a_float_refuses(value: Any) -> None:
    with pytest.raises(ValueError, match=r"is (not|outside)"):
        Float(0, 1).clean(value)


def test_wide_bounds_do_not_overflow() -> None:
    wide = Float(-1.7e308, 1.7e308)
    assert wide.encode(0.0) == pytest.approx(0.5)
    assert wide.decode(0.25) == pytest.approx(-0.85e308)


def test_a_point_names_everything_that_is_wrong_with_it() -> None:
    space = SearchSpace({"lr": Float(0, 1), "n": Int(1, 3), "kind": Categorical(["a", "b"])})
    with pytest.raises(InvalidTrial) as refused:
        space.clean({"lr": 2, "kind": "c", "nn": 1})
    for words in ("lr: 2 is outside", "n is missing", "kind: 'c' is not one of", "nn is not a parameter"):
        assert words in str(refused.value)


def test_inactive_values_are_left_out_and_constants_filled_in() -> None:
    space = SearchSpace({"k": Categorical(["a", "b"]), "x": Int(1, 3, when={"k": ["a"]}), "c": Constant(7)})
    assert space.clean({"k": "b", "x": 2}) == {"k": "b", "c": 7}


def test_nested_groups_and_relative_parents() -> None:
    space = SearchSpace(
        {"opt": {"kind": Categorical(["sgd", "adam"]), "momentum": Float(0, 1, when={"kind": ["sgd"]})}, "n": Int(1, 2)}
    )
    assert [c.name for c in space.columns] == ["opt.kind", "opt.momentum", "n"]
    assert space.decode(np.array([0.75, 0.5, 0.1])) == {"opt": {"kind": "adam"}, "n": 1}


def test_the_grid_of_a_huge_space_is_counted_and_reached_without_being_listed() -> None:
    space = SearchSpace({f"x{i}": Int(1, 10**6) for i in range(20)} | {"y": Int(1, 2, when={"x0": {"min": 500_001}})})
    assert space.size == 10**120 // 2 + 10**120
    assert space.grid.point(space.grid.size - 1)["y"] == 2
