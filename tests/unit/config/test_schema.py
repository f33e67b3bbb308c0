"""The published JSON Schema: equal to the code's, and right about real sweep files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from hyperopt_core import SearchSpace
from hyperopt_core.config import json_schema
from hyperopt_core.config.keys import KEYS
from hyperopt_core.config.reading import read
from tests.properties.spaces import search_spaces

ROOT = Path(__file__).parents[3]
FILES = sorted((ROOT / "tests" / "data" / "wandb").iterdir())
VALIDATOR = Draft202012Validator(json_schema())


def test_the_published_schema_is_the_one_of_the_code() -> None:
    published = (ROOT / "docs" / "sweep.schema.json").read_text()
    assert published == json.dumps(json_schema(), indent=2) + "\n", "write json_schema() to docs/sweep.schema.json"


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("path", [f for f in FILES if not f.name.startswith("wrapped")], ids=lambda p: p.name)
def test_real_files_fit(path: Path) -> None:
    assert [e.message for e in VALIDATOR.iter_errors(read(path).value)] == []


@given(search_spaces())
def test_every_space_fits(space: SearchSpace) -> None:
    assert [e.message for e in VALIDATOR.iter_errors(space.to_dict())] == []


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"parameters": {}},
        {"parameters": {"a": 1}},
        {"parameters": {"a": {"min": 1}}},
        {"parameters": {"a": {"distribution": "unifrom", "min": 0, "max": 1}}},
        {"parameters": {"a": {"value": 1, "values": [1]}}},
        {"parameters": {"a": {"value": 1}}, "methd": "grid"},
        {"parameters": {"a": {"value": 1}}, "metric": {"goal": "minimize"}},
        {"parameters": {"a": {"value": 1}}, "metric": {"name": "x", "goal": "min"}},
        {"parameters": {"a": {"value": 1}}, "early_terminate": {"type": "x"}},
    ],
)
def test_wrong_ones_do_not(config: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid(config)


def test_every_key_is_described() -> None:
    properties = json_schema()["properties"]
    assert set(properties) == {*KEYS, "parameters"}
    assert all(p["description"].endswith(".") or ";" in p["description"] for p in properties.values())


def test_the_reference_names_every_key() -> None:
    reference = (ROOT / "docs" / "reference" / "sweep-file.md").read_text()
    assert [k for k in [*KEYS, "parameters"] if f"`{k}`" not in reference] == []
