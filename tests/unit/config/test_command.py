"""Commands of sweep files: each macro, values of all kinds, and nothing that a value could smuggle in."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from hyperopt_core import Categorical, ConfigError, Float, SearchSpace
from hyperopt_core.config import check_command, command_line
from hyperopt_core.spec import DEFAULT_COMMAND, SweepSpec

SPACE = SearchSpace(
    {
        "lr": Float(0, 1),
        "flag": Categorical([True, False]),
        "opt": {"name": Categorical(["adam", "sgd"]), "beta": Float(0, 1, when={"name": ["adam"]})},
        "layers": Categorical([[1, 2], None]),
    }
)
PARAMS = {"lr": 1e-5, "flag": True, "opt": {"name": "adam", "beta": 0.5}, "layers": [1, 2]}

ALTERNATING = ["--lr", "1e-05", "--flag", "True", "--opt.name", "adam", "--opt.beta", "0.5", "--layers"]


def line(*command: str, params: dict[str, Any] = PARAMS, directory: Path = Path("unused")) -> list[str]:
    return command_line(SweepSpec(SPACE, program="train.py", command=command), params, directory=directory)


def test_the_default_command_is_that_of_wandb() -> None:
    env = [] if os.name == "nt" else ["/usr/bin/env"]
    arguments = ["--lr=1e-05", "--flag=True", "--opt.name=adam", "--opt.beta=0.5", "--layers=[1, 2]"]
    assert line(*DEFAULT_COMMAND) == [*env, sys.executable, "train.py", *arguments]


@pytest.mark.parametrize(
    ("macro", "words"),
    [
        ("args", ["--lr=1e-05", "--flag=True", "--opt.name=adam", "--opt.beta=0.5", "--layers=[1, 2]"]),
        ("args_no_hyphens", ["lr=1e-05", "flag=True", "opt.name=adam", "opt.beta=0.5", "layers=[1, 2]"]),
        ("args_no_equals", [*ALTERNATING, "[1, 2]"]),
        ("args_no_boolean_flags", ["--lr=1e-05", "--flag", "--opt.name=adam", "--opt.beta=0.5", "--layers=[1, 2]"]),
        ("args_append_hydra", ["+lr=1e-05", "+flag=True", "+opt.name=adam", "+opt.beta=0.5", "+layers=[1, 2]"]),
        ("args_override_hydra", ["++lr=1e-05", "++flag=True", "++opt.name=adam", "++opt.beta=0.5", "++layers=[1, 2]"]),
    ],
)  # fmt: skip
def test_argument_macros(macro: str, words: list[str]) -> None:
    assert line("x", f"${{{macro}}}", "y") == ["x", *words, "y"]


def test_false_is_left_out_without_boolean_flags_and_none_is_not() -> None:
    params = PARAMS | {"flag": False, "layers": None}
    words = line("${args_no_boolean_flags}", params=params)
    assert words == ["--lr=1e-05", "--opt.name=adam", "--opt.beta=0.5", "--layers=None"]


def test_json_as_one_word_and_as_a_file(tmp_path: Path) -> None:
    (word,) = line("${args_json}")
    assert json.loads(word) == PARAMS
    (path,) = line("${args_json_file}", directory=tmp_path / "new")
    assert Path(path).parent == tmp_path / "new"
    assert json.loads(Path(path).read_text()) == PARAMS


def test_values_of_parameters_inside_of_items() -> None:
    assert line("--lr=${lr}", "${opt.name}", "a${lr}b${flag}") == ["--lr=1e-05", "adam", "a1e-05bTrue"]


def test_an_item_with_an_inactive_parameter_is_left_out() -> None:
    params = {"lr": 0.5, "flag": True, "opt": {"name": "sgd"}, "layers": None}
    assert line("x", "--beta=${opt.beta}", "--lr=${lr}", params=params) == ["x", "--lr=0.5"]


def test_environment_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWEEP_TEST_DIR", "/data set")
    monkeypatch.delenv("SWEEP_TEST_NONE", raising=False)
    assert line("--dir=${envvar:SWEEP_TEST_DIR}/x", "${args_no_hyphens}")[0] == "--dir=/data set/x"
    with pytest.raises(ConfigError, match="SWEEP_TEST_NONE is not set"):
        line("${envvar:SWEEP_TEST_NONE}")


def test_values_are_never_expanded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWEEP_TEST_SECRET", "secret")
    evil = ["${envvar:SWEEP_TEST_SECRET}", '"; rm -rf /', "$(reboot)", "a b"]
    space = SearchSpace({"x": Categorical(evil)})
    for value in evil:
        spec = SweepSpec(space, command=("run", "${x}", "--y=${x}", "${args}"))
        words = command_line(spec, {"x": value}, directory=Path("unused"))
        assert words == ["run", value, f"--y={value}", f"--x={value}"]


@pytest.mark.parametrize(
    ("item", "says"),
    [
        ("${arg}", "did you mean '${args}'"),
        ("${agrs_json}", "did you mean '${args_json}'"),
        ("${ARGS}", "is no macro"),
        ("${}", "is no macro"),
        ("${envvar:}", "did you mean '${envvar:NAME}'"),
        ("${lrr}", "did you mean '${lr}'"),
        ("--x=${args}", "must be an item of its own"),
        ("$args", "did you mean '${args}'"),
        ("$(program)", "did you mean '${program}'"),
        ("{args}", "did you mean '${args}'"),
        ("${args", "did you mean '${args}'"),
        ("a\0b", "NUL"),
        ("${PATH}", "write '${envvar:PATH}'"),
    ],
)
def test_wrong_macros_are_refused(item: str, says: str) -> None:
    (fault,) = check_command(["python", item], ["lr"])
    assert fault.path == ("command", 1)
    assert says in fault.message
    with pytest.raises(ConfigError):
        line("python", item)


@pytest.mark.parametrize("item", ["{}", "$HOME/x", "a{b}", "--x={args}", "$", "${lr}${flag}", "100%"])
def test_other_items_are_left_alone(item: str) -> None:
    assert check_command([item], ["lr", "flag"]) == []


def test_a_missing_program_is_said() -> None:
    with pytest.raises(ConfigError, match=r"program: is missing"):
        command_line(SweepSpec(SPACE), PARAMS, directory=Path("unused"))
