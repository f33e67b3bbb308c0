"""A spec that can be made can be stored: written as a sweep file and read back, it is the same."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperopt_core.config import load
from hyperopt_core.errors import ConfigError
from hyperopt_core.space import Categorical, Float, SearchSpace
from hyperopt_core.spec import Limits, Objective, SweepSpec

SPACE = SearchSpace({"x": Float(0, 1), "kind": Categorical(["a", "b"])}, constraints=["x > 0.1"])

odd: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -3, 2.5, 4.0, 2**60, 10**400, math.inf, math.nan, "", " ", "7", "a\0b", (), {}]
)
counts = odd | st.integers(-2, 2**54) | st.just(np.int64(5))
seconds = odd | st.floats() | st.integers()
texts = odd | st.text(max_size=8)
fields = st.fixed_dictionaries(
    {},
    optional={
        "seed": counts,
        "max_steps": counts,
        "retries": counts,
        "parallelism": counts,
        "timeout": seconds,
        "resumable": odd,
        "program": texts,
        "name": texts,
        "description": texts,
        "command": odd | st.lists(st.sampled_from(["run", "", "${args}", "--x=${x}", "a b"]), max_size=3).map(tuple),
        "labels": st.dictionaries(st.sampled_from(["project", "entity", "foo", "seed"]), texts, max_size=2),
        "strategy_options": st.sampled_from([{}, {"a": (1, 2)}, {"f": max}, {"a": math.nan}]),
        "early_terminate": st.sampled_from(
            [None, "asha", "hyperband", {}, {"type": "hyperband", "min_iter": 3, "s": None}, {"min_iter": 3}]
        ),
        "initial": st.sampled_from([(), ({"x": 0.5, "kind": "a"},)]),
    },
)


def _taken(key: str, value: Any) -> Any:
    return getattr(SweepSpec(SPACE, **{key: value}), key)


@given(fields, texts, seconds, counts, seconds)
def test_a_spec_that_can_be_made_is_read_back_equal(
    options: dict[str, Any], metric: Any, target: Any, trials: Any, time: Any
) -> None:
    made: list[tuple[str, Callable[[], Any]]] = [
        ("objective", lambda: Objective(metric, "maximize", target)),
        ("limits", lambda: Limits(trials, time)),
        *((key, partial(_taken, key, value)) for key, value in options.items()),
    ]
    whole: dict[str, Any] = {}
    for key, make in made:  # what is refused by itself is left out, so that most specs say much
        with suppress(ConfigError):
            whole[key] = make()
    whole.pop("strategy_options", None)  # which ones there are is the strategy's matter
    spec = SweepSpec(SPACE, **whole)
    again = load(json.loads(json.dumps(spec.to_dict())))
    assert again == spec
    assert again.to_dict() == spec.to_dict()


@pytest.mark.parametrize(
    "options",
    [
        {"seed": 2**60},
        {"seed": -3},
        {"seed": True},
        {"timeout": math.inf},
        {"timeout": math.nan},
        {"retries": 2**60},
        {"retries": None},
        {"max_steps": 2.5},
        {"labels": {"foo": "x"}},
        {"program": ""},
        {"parallelism": 0},
        {"command": ()},
        {"command": "python train.py"},
        {"resumable": 1},
        {"strategy_options": {"f": max}},
        {"early_terminate": {}},
    ],
)
def test_what_a_sweep_file_cannot_say_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(options))):
        SweepSpec(SPACE, **options)


def test_whole_numbers_of_other_types_become_ints() -> None:
    spec = SweepSpec(SPACE, seed=4.0, max_steps=np.int64(9), limits=Limits(np.int32(3)))  # type: ignore[arg-type]
    assert json.dumps([spec.seed, spec.max_steps, spec.limits.trials]) == "[4, 9, 3]"
