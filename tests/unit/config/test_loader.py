"""From sweep files to a spec, and everything that is said of wrong ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hyperopt_core import ConfigError, Float, Int, SearchSpace
from hyperopt_core.config import load, loads
from hyperopt_core.errors import Fault
from hyperopt_core.spec import DEFAULT_COMMAND, Limits, Objective, SweepSpec

FILES = sorted((Path(__file__).parents[2] / "data" / "wandb").iterdir())
SPACE = {"parameters": {"lr": {"min": 0.0, "max": 1.0}}}


def faults_of(config: dict[str, Any], **options: Any) -> dict[str, str]:
    """key -> message of every error."""
    with pytest.raises(ConfigError) as raised:
        load(SPACE | config, **options)
    return {f.key: f.message for f in raised.value.faults}


def warnings_of(config: dict[str, Any]) -> dict[str, str]:
    found: list[Fault] = []
    load(SPACE | {"metric": {"name": "loss"}, "program": "train.py"} | config, faults=found)
    assert all(f.severity == "warning" for f in found)
    return {f.key: f.message for f in found}


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_files_as_users_write_them_load_and_are_read_back_equal(path: Path) -> None:
    spec = load(path)
    assert spec.space.parameters
    assert load(json.loads(json.dumps(spec.to_dict()))) == spec


def test_there_are_many_such_files() -> None:
    assert len(FILES) >= 20


def test_a_whole_file() -> None:
    spec = loads(
        """
        program: train.py
        method: bayes
        name: first
        description: what it is for
        project: demo
        entity: team
        metric: {name: val/acc, goal: maximize, target: 0.99}
        early_terminate: {type: hyperband, min_iter: 3, eta: 2}
        run_cap: 40
        seed: 0
        constraints: ["wd <= lr"]
        initial: [{lr: 0.1, wd: 0.01}]
        budget: {time: 1h30m}
        timeout: 90s
        retries: 2
        parallelism: 4
        max_steps: 27
        resumable: true
        strategy_options: {}
        parameters:
          lr: {distribution: log_uniform_values, min: 1e-4, max: 1}
          wd: {min: 0.0, max: 1}
        """
    )
    assert spec == SweepSpec(
        spec.space,
        Objective("val/acc", "maximize", 0.99),
        strategy="bayes",
        early_terminate={"type": "hyperband", "min_iter": 3, "eta": 2},
        limits=Limits(40, 5400),
        seed=0,
        max_steps=27,
        resumable=True,
        retries=2,
        timeout=90,
        parallelism=4,
        initial=({"lr": 0.1, "wd": 0.01},),
        program="train.py",
        name="first",
        description="what it is for",
        labels={"project": "demo", "entity": "team"},
    )
    assert spec.space.parameters == {"lr": Float(1e-4, 1, log=True), "wd": Float(0.0, 1)}
    assert [c.text for c in spec.space.constraints] == ["wd <= lr"]


def test_the_smallest_sweep() -> None:
    spec = load({"parameters": {"n": Int(1, 3)}})
    assert spec.strategy == "auto"
    assert spec.objective == Objective()
    assert spec.command == DEFAULT_COMMAND


@pytest.mark.parametrize(
    ("config", "required"),
    [
        ({"method": "grid"}, False),
        ({"method": "random"}, False),
        ({"method": "random", "metric": None}, False),
        ({"method": "random", "metric": {"name": "value"}}, True),
        ({"method": "tpe"}, True),
        ({}, True),
    ],
)
def test_a_metric_is_required_where_trials_are_compared(config: dict[str, Any], required: bool) -> None:
    spec = load({"parameters": {"n": {"values": [1, 2]}}} | config)
    assert spec.objective == Objective(required=required)
    assert ("metric" in spec.to_dict()) is required
    assert load(spec.to_dict()) == spec


def test_a_metric_that_nobody_named_is_required_by_what_compares() -> None:
    space = SearchSpace({"x": Float(0, 1)})
    for options in ({"strategy": "gp"}, {"strategy": "random", "early_terminate": "asha"}):
        with pytest.raises(ConfigError, match="metric is missing"):
            SweepSpec(space, Objective(required=False), **options)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="only one that nobody named"):
        Objective("loss", required=False)


def test_all_faults_of_a_file_come_at_once_with_lines_and_suggestions() -> None:
    text = "\n".join(
        [
            "methd: bayes",
            "metric: {name: loss, goal: minimise}",
            "early_terminate: {type: hyperband, min_iters: 3}",
            "command: ['${env}', '${interpreter}', '${arsg}', 'x${args}']",
            "run_cap: 0",
            "lr: {min: 0, max: 1}",
            "parameters:",
            "  lr: {min: 3, max: 1}",
            "  group:",
            "    parameters:",
            "      wd: {distribution: log_unifrom, min: 1, max: 2}",
            "  lr: {min: 0, max: 1}",
            "constraints: ['lr <']",
        ]
    )
    with pytest.raises(ConfigError) as raised:
        loads(text, source="sweep.yaml")
    found = [(f.line, f.key) for f in raised.value.faults]
    assert found == [
        (1, "methd"),
        (2, "metric.goal"),
        (3, "early_terminate.min_iters"),
        (4, "command.2"),
        (4, "command.3"),
        (5, "run_cap"),
        (6, "lr"),
        (11, "parameters.group.parameters.wd.distribution"),
        (12, "parameters.lr"),
        (13, "constraints.0"),
    ]
    message = str(raised.value)
    assert message.startswith("sweep.yaml: 10 faults\n  line 1: methd: ")
    for hint in ("'method'", "'minimize'", "'min_iter'", "'${args}'", "'log_uniform'"):
        assert f"did you mean {hint}" in message


@pytest.mark.parametrize(
    ("config", "key", "says"),
    [
        ({"method": "Bayes"}, "method", "did you mean 'bayes'"),
        ({"method": "byaes"}, "method", "did you mean 'bayes'"),
        ({"method": ["grid"]}, "method", "one of"),
        ({"method": "custom"}, "method", "pass a strategy object"),
        ({"method": "bayes"}, "metric", "`method: bayes` needs it"),
        ({"early_terminate": {"type": "hyperband", "min_iter": 1}}, "metric", "`early_terminate` needs it"),
        ({"metric": {"goal": "minimize"}}, "metric.name", "is missing"),
        ({"metric": {"name": "x", "goal": "max"}}, "metric.goal", "did you mean 'maximize'"),
        ({"metric": {"name": "x", "target": "much"}}, "metric.target", "a number is needed"),
        ({"metric": {"name": "x", "impute": "mean"}}, "metric.impute", "latest, best, worst"),
        ({"metric": {"nmae": "x"}}, "metric.nmae", "did you mean 'name'"),
        ({"metric": ["x"]}, "metric", "a mapping is needed"),
        ({"metrics": [{"name": "x"}, {"name": "y"}]}, "metrics", "keep one under `metric`"),
        ({"early_terminate": "hyperbnd"}, "early_terminate", "did you mean 'hyperband'"),
        ({"early_terminate": 3}, "early_terminate", "a mapping is needed"),
        ({"early_terminate": {"min_iter": 3}}, "early_terminate.type", "is missing"),
        ({"early_terminate": {"type": "hyperband", "max_iter": 9}}, "early_terminate.s", "max_iter needs s"),
        ({"run_cap": 1.5}, "run_cap", "a whole number of 1 or more"),
        ({"run_cap": True}, "run_cap", "a whole number of 1 or more"),
        ({"run_cap": 5, "budget": {"trials": 6}}, "run_cap", "keep one"),
        ({"budget": {"trails": 6}}, "budget.trails", "did you mean 'trials'"),
        ({"budget": {"time": "1h", "seconds": 3}}, "budget.seconds", "keep one"),
        ({"budget": 100}, "budget", "{trials: 100, time: 2h}"),
        ({"timeout": "3 fortnights"}, "timeout", "90s, 30m, 1h30m, 2d"),
        ({"timeout": 0}, "timeout", "above 0"),
        ({"retries": -1}, "retries", "0 or more"),
        ({"seed": "x"}, "seed", "a whole number"),
        ({"resumable": "yes"}, "resumable", "true or false"),
        ({"program": ["a"]}, "program", "a text is needed"),
        ({"program": "a\0b"}, "program", "NUL"),
        ({"command": []}, "command", "a list of arguments"),
        ({"command": ["python", {"a": 1}]}, "command.1", "a text is needed"),
        ({"command": "python 'x"}, "command", "cannot be split"),
        ({"constraints": ["lr < wd"]}, "constraints.0", "'wd' is not a parameter"),
        ({"constraints": [1]}, "constraints", "a list of texts"),
        ({"initial": [{"lr": 7}]}, "initial.0", "outside [0.0, 1.0]"),
        ({"initial": 7}, "initial", "a list of configurations"),
        ({"strategy_options": {"nonsense": 1}, "method": "random"}, "strategy_options", "does not take"),
        ({"method": "grid"}, "parameters.lr", "has a continuous range"),
        ({"parameters": None}, "parameters", "a mapping with at least one parameter"),
        ({"count": 3}, "count", "did you mean 'run_cap'"),
        ({"momentum": {"min": 0, "max": 1}}, "momentum", "below `parameters`"),
        ({"job": "x"}, "job", "W&B Launch"),
        ({"scheduler": {"engine": "optuna"}}, "scheduler", "choose a `method`"),
        ({"strange": 1}, "strange", "known are parameters"),
    ],
)
def test_a_wrong_key_is_named_with_what_would_be_right(config: dict[str, Any], key: str, says: str) -> None:
    assert says in faults_of(config)[key]


def test_parameters_are_needed() -> None:
    for config in ({"method": "grid"}, {}, {"sweep": {"method": "grid"}}):
        with pytest.raises(ConfigError, match="parameters"):
            load(config)


def test_faults_of_conditions_have_the_line_of_the_parameter() -> None:
    text = "parameters:\n  seed: {value: 1}\n  g:\n    parameters:\n      a: {min: 0, max: 1, when: {kernl: x}}\n"
    with pytest.raises(ConfigError) as raised:
        loads("seed: 1\n" + text + "  kernel: {values: [x]}\n")
    (fault,) = raised.value.faults
    assert (fault.line, fault.key) == (6, "parameters.g.parameters.a.when")
    assert "did you mean 'kernel'" in fault.message


def test_a_continuous_range_in_a_grid_is_named_where_it_stands() -> None:
    text = "method: grid\nparameters:\n  a.b: {min: 0.0, max: 1}\n  g:\n    parameters:\n      c: {min: 0.0, max: 1}\n"
    with pytest.raises(ConfigError) as raised:
        loads(text)
    assert [(f.line, f.path[-1]) for f in raised.value.faults] == [(3, "a.b"), (6, "c")]


@pytest.mark.parametrize(
    ("config", "key", "says"),
    [
        ({"metric": None}, "metric", "compared by what they report as 'value'"),
        ({"metric": "loss"}, "metric", "{name: loss, goal: minimize}"),
        ({"early_terminate": "hyperband"}, "early_terminate", "{type: hyperband, min_iter: 3}"),
        ({"early_terminate": {"type": "hyperband", "min_iter": 3, "s": 2}}, "early_terminate.s", "no effect"),
        ({"command": "python train.py ${args}"}, "command", "W&B wants a list"),
        ({"command": ["python", None]}, "command.1", "left out"),
        ({"controller": {"type": "local"}}, "controller", "not looked at"),
        ({"parameters": {"a": {"values": [1, 1]}}}, "parameters.a.values.1", "twice"),
    ],
)
def test_what_wandb_frowns_on_is_a_warning_or_an_error_if_strict(config: dict[str, Any], key: str, says: str) -> None:
    assert says in warnings_of(config)[key]
    assert says in faults_of({"metric": {"name": "loss"}} | config, strict=True)[key]


def test_clean_files_have_no_warnings() -> None:
    assert warnings_of({"method": "random", "early_terminate": {"type": "hyperband", "max_iter": 27, "s": 2}}) == {}


def test_warnings_come_beside_errors() -> None:
    found: list[Fault] = []
    with pytest.raises(ConfigError):
        load({"parameters": {"a": {"values": [1, 1]}, "b": 5}}, faults=found)
    assert [f.key for f in found] == ["parameters.a.values.1", "metric"]


def test_wrapped_files_are_unwrapped() -> None:
    found: list[Fault] = []
    spec = loads("project: x\nsweep:\n  method: random\n  parameters:\n    a: {min: 0, max: 3}\n", faults=found)
    assert spec.strategy == "random"
    assert [f.key for f in found] == ["project", "sweep", "sweep.metric", "sweep.program"]
    with pytest.raises(ConfigError) as raised:
        loads("sweep:\n  parameters:\n    a: {min: 9, max: 3}\n")
    assert [(f.line, f.key) for f in raised.value.faults] == [(3, "sweep.parameters.a.min")]


def test_numbers_and_texts_in_a_command() -> None:
    spec = load(SPACE | {"command": ["torchrun", 4, 0.5, True, None, "--x=${lr}"]})
    assert spec.command == ("torchrun", "4", "0.5", "True", "--x=${lr}")
    assert load(SPACE | {"command": "python -m 'a b' ${args}"}).command == ("python", "-m", "a b", "${args}")


def test_many_faults_end_at_a_hundred() -> None:
    with pytest.raises(ConfigError) as raised:
        load({f"k{i}": i for i in range(5000)})
    assert len(raised.value.faults) == 100


@pytest.mark.parametrize("command", [{}, {"command": ["python", "${program}"]}])
def test_a_program_that_is_missing_is_a_warning_since_a_function_needs_none(command: dict[str, Any]) -> None:
    found = warnings_of({"program": None} | command)
    assert "`command` holds ${program}" in found["program"]
    assert "program" not in warnings_of(command)
    assert "program" not in warnings_of({"program": None, "command": ["python", "train.py", "${args}"]})


def test_constraints_that_nothing_meets_are_a_fault_of_the_file() -> None:
    real = {"a": {"min": 0.0, "max": 1.0}, "b": {"min": 0.0, "max": 1.0}}
    impossible = ["a < b", "a > b"]
    for parameters in (real, {"a": {"values": [1, 2]}, "b": {"values": [1, 2]}}):
        says = faults_of({"parameters": parameters, "constraints": impossible})["constraints"]
        assert "no configuration was found that meets them all" in says
        assert load({"parameters": parameters, "constraints": impossible[:1]}).space.constraints


def test_an_unknown_parent_is_said_although_another_parameter_is_faulty() -> None:
    found = faults_of(
        {
            "parameters": {
                "kernel": {"values": ["rbf", "poly"]},
                "degree": {"min": 5, "max": 2},
                "gamma": {"min": 0.0, "max": 1.0, "when": {"kernl": ["rbf"], "degree": [3]}},
                "group": {
                    "when": {"kernel": ["rbf"], "other": [1]},
                    "parameters": {"a": {"values": [1, 2]}, "b": {"min": 0.0, "max": 1.0, "when": {"a": [1]}}},
                },
            }
        }
    )
    assert set(found) == {"parameters.degree.min", "parameters.gamma.when", "parameters.group.when"}
    assert "did you mean 'kernel'" in found["parameters.gamma.when"]
