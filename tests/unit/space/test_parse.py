"""W&B's `parameters` mapping: what each form means, and what is said of the wrong ones."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperopt_core import ConfigError, SearchSpace
from hyperopt_core.errors import Fault
from hyperopt_core.space import Beta, Categorical, Constant, Float, Int, LogNormal, Normal, Parameter
from hyperopt_core.space.catalogue import DISTRIBUTIONS
from hyperopt_core.space.parse import parse_parameters
from tests.properties.spaces import parameters, search_spaces

ORACLE = json.loads((Path(__file__).parents[2] / "data" / "distributions.json").read_text())


def one(spec: Any, faults: list[Fault] | None = None) -> Parameter:
    parameter = parse_parameters({"x": spec}, faults=faults)["x"]
    assert isinstance(parameter, Parameter)
    return parameter


def messages(config: Any) -> dict[str, str]:
    """key -> message of every fault."""
    with pytest.raises(ConfigError) as raised:
        parse_parameters(config)
    return {f.key: f.message for f in raised.value.faults}


def warnings(spec: Any) -> list[str]:
    found: list[Fault] = []
    one(spec, found)
    assert all(f.severity == "warning" for f in found)
    return [str(f) for f in found]


@pytest.mark.parametrize(
    ("spec", "parameter"),
    [
        ({"value": 5}, Constant(5)),
        ({"value": None}, Constant(None)),
        ({"distribution": "constant", "value": [1, 2]}, Constant([1, 2])),
        ({"values": ["a", "b"]}, Categorical(["a", "b"])),
        ({"distribution": "categorical", "values": [1, True, None]}, Categorical([1, True, None])),
        ({"values": [1, 2], "probabilities": [0.25, 0.75]}, Categorical([1, 2], probabilities=[0.25, 0.75])),
        (
            {"distribution": "categorical_w_probabilities", "values": [1, 2], "probabilities": [0.5, 0.5]},
            Categorical([1, 2], probabilities=[0.5, 0.5]),
        ),
        ({"min": 1, "max": 8}, Int(1, 8)),
        ({"min": 1, "max": 8.0}, Float(1, 8.0)),
        ({"min": 0.5, "max": 8}, Float(0.5, 8)),
        ({"distribution": "int_uniform", "min": 1, "max": 9, "step": 2}, Int(1, 9, step=2)),
        ({"distribution": "int_log_uniform_values", "min": 1, "max": 64}, Int(1, 64, log=True)),
        ({"distribution": "uniform", "min": 0, "max": 1, "step": 0.25}, Float(0, 1, step=0.25)),
        ({"distribution": "q_uniform", "min": 1, "max": 10, "q": 4}, Float(1, 10, q=4)),
        ({"distribution": "q_uniform", "min": 1, "max": 10}, Float(1, 10, q=1)),
        ({"distribution": "log_uniform_values", "min": 1e-5, "max": 0.1}, Float(1e-5, 0.1, log=True)),
        ({"distribution": "log_uniform", "min": -3, "max": -1}, Float(math.exp(-3), math.exp(-1), log=True)),
        ({"distribution": "inv_log_uniform", "min": 1, "max": 3}, Float(math.exp(-3), math.exp(-1), log=True)),
        ({"distribution": "inv_log_uniform_values", "min": 1e-5, "max": 0.1}, Float(1e-5, 0.1, log=True)),
        ({"distribution": "q_log_uniform_values", "min": 8, "max": 64, "q": 8}, Float(8, 64, log=True, q=8)),
        ({"distribution": "normal"}, Normal(0.0, 1.0)),
        ({"distribution": "q_normal", "mu": 100, "sigma": 20, "q": 5}, Normal(100, 20, q=5)),
        ({"distribution": "log_normal", "mu": -4.0}, LogNormal(-4.0, 1.0)),
        ({"distribution": "q_log_normal", "sigma": 0.5}, LogNormal(0.0, 0.5, q=1)),
        ({"distribution": "beta", "a": 2, "b": 5}, Beta(2, 5)),
        ({"distribution": "q_beta", "q": 0.1}, Beta(1.0, 1.0, q=0.1)),
        ({"min": "1e-4", "max": " .5 "}, Float(1e-4, 0.5)),
        ({"min": "1", "max": "8"}, Int(1, 8)),
        ({"min": np.float64(0.5), "max": np.int64(3)}, Float(0.5, 3)),
        ({"values": np.arange(3)}, Categorical([0, 1, 2])),
        ({"values": (np.int64(1), (2, 3))}, Categorical([1, [2, 3]])),
        ({"min": 0, "max": 1.5, "prior": "5e-1"}, Float(0, 1.5, prior=0.5)),
        ({"values": [1, 2], "prior": 2}, Categorical([1, 2], prior=2)),
    ],
)  # fmt: skip
def test_each_form_is_the_parameter_that_it_describes(spec: dict[str, Any], parameter: Parameter) -> None:
    assert one(spec) == parameter


def test_every_distribution_of_the_table_can_be_parsed() -> None:
    keys = {"value": 1, "values": [1, 2], "probabilities": [0.5, 0.5], "min": 1, "max": 2}
    for name, distribution in DISTRIBUTIONS.items():
        assert one({"distribution": name} | {k: keys[k] for k in distribution.needs})


def test_groups_nest_and_parameters_pass_through() -> None:
    lr = Float(0, 1)
    tree = parse_parameters({"a": {"parameters": {"lr": lr, "b": {"c": Int(1, 2)}, "d": {"value": 1}}}})
    assert tree == {"a": {"lr": lr, "b": {"c": Int(1, 2)}, "d": Constant(1)}}
    assert tree["a"]["lr"] is lr


def test_the_condition_of_a_group_holds_for_its_leaves() -> None:
    space = SearchSpace(
        {
            "kind": {"values": ["a", "b", "c"]},
            "layers": {"min": 1, "max": 8},
            "group": {
                "when": {"kind": ["a", "b"], "layers": {"min": 3}},
                "parameters": {
                    "plain": {"min": 0.0, "max": 1.0},
                    "ready": Float(0, 1),
                    "inner": {"min": 0, "max": 9, "when": {"kind": ["b", "c"], "layers": {"max": 5}}},
                },
            },
        }
    )
    active = [
        sorted(space.decode(np.array([kind, layers, 0.5, 0.5, 0.5])).get("group", {}))
        for kind, layers in ((0.1, 0.1), (0.1, 0.9), (0.5, 0.4), (0.5, 0.9), (0.9, 0.9))
    ]
    assert active == [[], ["plain", "ready"], ["inner", "plain", "ready"], ["plain", "ready"], []]


def test_conditions_that_exclude_each_other_are_a_fault() -> None:
    leaf = {"value": 1, "when": {"kind": "c"}}
    group = {"when": {"kind": ["a", "b"]}, "parameters": {"x": leaf}}
    found = messages({"kind": {"values": ["a", "b", "c"]}, "g": group})
    assert found == {"parameters.g.parameters.x.when": "together with the `when` of the group, 'kind' leaves no value"}


@pytest.mark.parametrize(
    ("spec", "key", "says"),
    [
        (0.1, "", "{value: 0.1}"),
        ([1, 2], "", "{values: [1, 2]}"),
        ({}, "", "a mapping is needed"),
        ({"min": 3, "max": 1}, ".min", "above max, which is 1: swap them"),
        ({"min": "a", "max": 1}, ".min", "a number is needed"),
        ({"min": None, "max": 1.5}, ".min", "a number is needed"),
        ({"min": True, "max": 1.5}, ".min", "a number is needed"),
        ({"min": 0.0, "max": math.inf}, ".max", "a finite number is needed"),
        ({"min": 0, "max": 10**400}, ".max", "a finite number is needed"),
        ({"min": 0}, "", "has `min` but no `max`"),
        ({"low": 0, "high": 1}, "", "did you mean 'min'"),
        ({"value": 1, "values": [1]}, "", "keep one of"),
        ({"lr": {"min": 0, "max": 1}}, "", "a group of parameters stands under `parameters:`"),
        ({"mu": 0, "sigma": 1}, "", "add `distribution: normal`"),
        ({"distribution": "log_unifrom_values"}, ".distribution", "did you mean 'log_uniform_values'"),
        ({"distribution": ["uniform"], "min": 1, "max": 2}, ".distribution", "is no distribution"),
        ({"distribution": "uniform", "values": [1]}, ".values", "remove `distribution: uniform`"),
        ({"distribution": "uniform", "min": 0, "max": 1, "q": 0.1}, ".q", "`distribution: q_uniform`"),
        ({"distribution": "int_uniform", "min": 0, "max": 9, "q": 3}, ".q", "use `step`"),
        ({"distribution": "int_uniform", "min": 0, "max": 1.5}, ".max", "needs whole numbers"),
        ({"distribution": "log_uniform_values", "min": 0, "max": 1}, ".min", "needs values above 0, e.g. 0.001"),
        ({"distribution": "log_uniform_values", "min": -9, "max": -2}, ".min", "of e write `log_uniform`"),
        ({"distribution": "log_uniform", "min": 1, "max": 1000}, ".max", "for plain values write log_uniform_values"),
        ({"distribution": "normal", "sigma": -1}, ".sigma", "above 0"),
        ({"min": 0, "max": 1, "maximum": 2}, ".maximum", "did you mean 'max'"),
        ({"min": 0, "max": 1, "vlaues": 2}, ".vlaues", "did you mean 'values'"),
        ({"min": 0, "max": 1, "prior": 3}, ".prior", "outside [0, 1]"),
        ({"min": 0, "max": 1, "prior": 1, "prior_confidence": "hihg"}, ".prior_confidence", "did you mean 'high'"),
        ({"min": 0, "max": 1, "when": ["a"]}, ".when", "give a mapping"),
        ({"distribution": "q_uniform", "min": 1, "max": 2, "q": 0}, ".q", "above 0"),
        ({"distribution": "q_uniform", "min": 5, "max": 6, "q": 4}, ".q", "no multiple of it"),
        ({"values": []}, ".values", "at least one value"),
        ({"values": "a, b"}, ".values", "a list is needed"),
        ({"values": [1, 2], "probabilities": [1]}, ".probabilities", "one for each"),
        ({"values": [1, 2], "probabilities": [0.5, 0.6]}, ".probabilities", "the sum 1"),
        ({"values": [object()]}, "", "no JSON value"),
        ({"value": {1, 2}}, "", "no JSON value"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_named_with_what_would_be_right(spec: Any, key: str, says: str) -> None:
    found = messages({"x": spec})
    assert says in found[f"parameters.x{key}"]


def test_all_faults_come_at_once() -> None:
    found = messages(
        {"a": 1, "b": {"parameters": {"c": {"min": 2, "max": 1}}}, "d": {"distribution": "no"}, "\0": {"value": 1}}
    )
    assert set(found) == {"parameters.a", "parameters.b.parameters.c.min", "parameters.d.distribution", "parameters.\0"}


@pytest.mark.parametrize("config", [None, [], {}, "x", {"g": {"parameters": {}}}, {"g": {"parameters": [1]}}])
def test_no_parameters_are_a_fault(config: Any) -> None:
    assert "a mapping with at least one parameter is needed" in next(iter(messages(config).values()))


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"values": [1, 2, 1]}, "1 is there twice"),
        ({"min": 3, "max": 3}, "`value: 3`"),
        ({"values": ["1e-4", 0.1]}, "for a number write 0.0001"),
        ({"value": "0.1,"}, "for a number write 0.1"),
        ({"values": ["None", 1]}, "for no value write null"),
        ({"min": "0.1,", "max": 1}, "read as 0.1"),
        ({"distribution": "log_uniform", "min": -9, "max": -2}, "exponents of e, here 0.0001234 to 0.1353"),
        ({"distribution": "log_uniform", "min": 1e-5, "max": 0.1}, "they look like plain values"),
        ({"min": 0, "max": 8, "q": 2}, "q_uniform"),
    ],
)
def test_what_is_only_doubtful_is_a_warning(spec: dict[str, Any], says: str) -> None:
    (warning,) = warnings(spec)
    assert says in warning


def test_equal_values_are_one_choice_with_the_sum_of_their_probabilities() -> None:
    assert one({"values": [1, 2, 1], "probabilities": [0.25, 0.5, 0.25]}) == Categorical(
        [1, 2], probabilities=[0.5, 0.5]
    )


def test_values_that_only_compare_equal_stay_apart() -> None:
    assert warnings({"values": [1, 1.0, True, "1"]}) == []


def test_deep_and_endless_values_are_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    deep: Any = {"value": 1}
    for _ in range(10_000):
        deep = {"parameters": {"x": deep}}
    for config in ({"x": {"value": endless}}, {"x": deep}):
        assert "32 deep" in next(iter(messages(config).values()))


def test_a_thousand_parameters_are_enough() -> None:
    assert "more than 1,000" in messages({f"x{i}": {"value": i} for i in range(1001)})["parameters"]
    assert len(messages({f"x{i}": i for i in range(5000)})) == 100


@given(parameters())
def test_what_a_parameter_writes_is_read_back(parameter: Parameter) -> None:
    assert one(parameter.to_dict()) == parameter
    assert one(json.loads(json.dumps(parameter.to_dict()))) == parameter


@given(search_spaces())
def test_what_a_space_writes_is_read_back(space: SearchSpace) -> None:
    assert SearchSpace.from_dict(json.loads(json.dumps(space.to_dict()))) == space


_KEYS = ["min", "max", "values", "value", "q", "when", "parameters", "distribution", "x"]
_LEAVES = [st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from([*DISTRIBUTIONS])]
_ANYTHING = st.recursive(
    st.one_of(_LEAVES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=4),
    max_leaves=12,
)


@given(_ANYTHING)
def test_nothing_but_a_config_error_is_ever_raised(config: Any) -> None:
    with suppress(ConfigError):
        SearchSpace(config)


# --- W&B's own engine -------------------------------------------------------------------------------------------------

#: Where ours differs on purpose: values of q_* stay inside [min, max] and own equal shares of it.
DIFFERS = {"q_uniform", "q_log_uniform", "q_log_uniform_values"}


@pytest.mark.parametrize("table", ORACLE["distributions"], ids=lambda t: json.dumps(t["config"]))
def test_quantiles_are_those_of_wandb(table: dict[str, Any]) -> None:
    parameter = one(table["config"])
    for quantile, theirs in zip(ORACLE["quantiles"], table["ppf"], strict=True):
        # Just below, for at the edge between two values both are right.
        (u,) = parameter.draw(np.array([quantile * (1 - 1e-13)]))
        ours = parameter.decode(float(u))
        if table["config"].get("distribution") in DIFFERS:
            assert table["config"]["min"] <= ours or table["config"]["distribution"] == "q_log_uniform"
            assert parameter.clean(ours) == ours
        elif isinstance(theirs, float):
            assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-11)
        else:
            assert ours == theirs


def test_quantised_values_stay_inside_the_bounds_where_wandb_leaves_them() -> None:
    table = next(t for t in ORACLE["distributions"] if t["config"].get("min") == 1 and t["config"].get("q") == 4)
    parameter = one(table["config"])
    assert set(table["ppf"]) == {0, 4, 8}
    assert {parameter.level(i) for i in range(parameter.levels or 0)} == {4, 8}
