"""Advice on sweeps that could be run and would be better otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from hyperopt_core.config import advise, load

FINE = {
    "method": "bayes",
    "seed": 1,
    "metric": {"name": "val_loss", "goal": "minimize"},
    "parameters": {
        "lr": {"distribution": "log_uniform_values", "min": 1e-5, "max": 0.1},
        "x": {"min": 0.0, "max": 1.0},
    },
}


def advice(config: dict[str, Any] | None = None, **known: Any) -> dict[str, str]:
    found = advise(load(FINE | (config or {})), **known)
    assert all(f.severity == "warning" for f in found)
    return {f.key: f.message for f in found}


def test_a_good_sweep_gets_none() -> None:
    assert advice(seconds_per_trial=60, epochs=30) == {}


@pytest.mark.parametrize(
    ("spec", "write"),
    [
        ({"min": 1e-4, "max": 0.1}, "log_uniform_values"),
        ({"min": 1, "max": 1000}, "int_log_uniform_values"),
        ({"distribution": "q_uniform", "min": 8, "max": 8000, "q": 8}, "q_log_uniform_values"),
    ],
)
def test_three_decades_want_a_logarithmic_scale(spec: dict[str, Any], write: str) -> None:
    assert (
        f"`distribution: {write}`" in advice({"parameters": {"a": spec, "b": {"min": 0.0, "max": 1.0}}})["parameters.a"]
    )


@pytest.mark.parametrize("spec", [{"min": 0.0, "max": 1000.0}, {"min": 1, "max": 900}, {"min": -10.0, "max": 1e5}])
def test_fewer_decades_do_not(spec: dict[str, Any]) -> None:
    assert advice({"parameters": {"a": spec, "b": {"min": 0.0, "max": 1.0}}}) == {}


def grid(*sizes: int, **more: Any) -> dict[str, Any]:
    return {"method": "grid", "parameters": {f"p{i}": {"values": list(range(n))} for i, n in enumerate(sizes)}} | more


def test_a_grid_that_explodes() -> None:
    message = advice(grid(20, 20, 21), seconds_per_trial=120)["method"]
    assert "8,400 combinations, about 12 days at 120 s a trial" in message
    assert "run_cap reaches the first 100" in advice(grid(20, 20, 21, run_cap=100))["method"]
    assert "about 10^39" in advice(grid(*[1000] * 13), seconds_per_trial=1)["method"]
    assert advice(grid(20, 20)) == {}
    assert "about 9 days" in advice(grid(20, 20), seconds_per_trial=2000)["method"]


def test_few_combinations_are_a_grid() -> None:
    few = {"parameters": {"a": {"min": 1, "max": 5}, "b": {"min": 1, "max": 10}}}
    assert "only 50 combinations: `method: grid`" in advice(few | {"method": "random"})["method"]
    assert advice(few | {"method": "grid"}) == {}


def test_a_model_of_categories_alone() -> None:
    categories = {"parameters": {"a": {"values": list(range(100))}}}
    assert "unordered choices" in advice(categories)["method"]
    assert advice(categories | {"method": "random"}) == {}


def test_no_seed() -> None:
    assert "`seed: 1`" in advice({"seed": None})["seed"]
    assert advice({"seed": 0}) == {}
    grid = {"method": "grid", "parameters": {"a": {"values": [1, 2]}}}
    assert "seed" not in advice({**grid, "seed": None})


def test_bands_beyond_the_training() -> None:
    late = {"early_terminate": {"type": "hyperband", "min_iter": 30}}
    assert "first at iteration 30, and a training has 18" in advice(late, epochs=18)["early_terminate"]
    assert "take min_iter: 2" in advice(late | {"max_steps": 18})["early_terminate"]
    assert advice(late) == advice(late, epochs=30) == {}


@pytest.mark.parametrize(
    ("name", "goal", "write"),
    [
        ("val_acc", "minimize", "maximize"),
        ("test/F1 (macro)", "minimize", "maximize"),
        ("mAP@0.5", "minimize", None),
        ("validAccuracy", "minimize", "maximize"),
        ("roc_auc", "minimize", "maximize"),
        ("eval.score", "minimize", "maximize"),
        ("val_loss", "maximize", "minimize"),
        ("trainError", "maximize", "minimize"),
        ("val_acc", "maximize", None),
        ("val_loss", "minimize", None),
        ("neg_loss", "maximize", None),
        ("accuracy_loss", "minimize", None),
        ("vacuum", "minimize", None),
        ("elbo", "maximize", None),
    ],
)
def test_a_metric_that_sounds_like_the_other_goal(name: str, goal: str, write: str | None) -> None:
    found = advice({"metric": {"name": name, "goal": goal}})
    assert found == {} if write is None else f"`goal: {write}`" in found["metric.goal"]
