"""The JSON Schema of sweep files, made from the tables that also check them; editors complete and mark by it."""

from __future__ import annotations

from typing import Any

from hyperopt_core.config.keys import KEYS, Schema
from hyperopt_core.space.catalogue import DISTRIBUTIONS, Distribution
from hyperopt_core.space.priors import CONFIDENCE
from hyperopt_core.strategies import STRATEGIES, strategy_names

_NUMBER_TEXT = r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?,?\s*$"
_NUMBER: Schema = {"$ref": "#/$defs/number"}
_PARAMETER_KEYS: dict[str, Schema] = {
    "value": {"description": "The value of every trial."},
    "values": {"type": "array", "minItems": 1, "description": "The choices: any JSON values."},
    "probabilities": {"type": "array", "items": _NUMBER, "description": "How often random sampling takes each choice."},
    "min": {**_NUMBER, "description": "The least value, or exponent of e where the distribution says so."},
    "max": {**_NUMBER, "description": "The greatest value, or exponent of e where the distribution says so."},
    "q": {**_NUMBER, "description": "Only multiples of it, inside min and max.", "default": 1},
    "step": {**_NUMBER, "description": "Only min, min + step, min + 2 step, ..."},
    "mu": {**_NUMBER, "default": 0},
    "sigma": {**_NUMBER, "default": 1},
    "a": {**_NUMBER, "default": 1},
    "b": {**_NUMBER, "default": 1},
    "prior": {"description": "The value that you expect to be best."},
    "prior_confidence": {"enum": list(CONFIDENCE), "default": "medium"},
    "when": {
        "type": "object",
        "minProperties": 1,
        "description": "The parameter is active only where its parents have these values: {kernel: [poly, rbf]}.",
    },
}
#: The keys that imply a distribution where none is named.
_UNNAMED = {
    "constant": ("value",),
    "categorical": ("values",),
    "int_uniform": ("min", "max"),
    "q_uniform": ("min", "max", "q"),
}


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a sweep file."""
    keys = {name: {"description": key.description, **key.schema} for name, key in KEYS.items()}
    # Plug-ins differ from machine to machine: the published schema lists what is built in.
    built_in = [name for name in strategy_names() if name in STRATEGIES or name == "bayes"]
    keys["method"] |= {"anyOf": [{"enum": built_in}, {"type": "string"}]}
    keys["parameters"] = {"description": "What the sweep varies.", "$ref": "#/$defs/parameters"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Sweep file",
        "description": "A hyperparameter sweep, in the form of W&B's sweep files.",
        "type": "object",
        "required": ["parameters"],
        "additionalProperties": False,
        "properties": keys,
        "$defs": {
            "number": {
                "anyOf": [
                    {"type": "number"},
                    {"type": "string", "pattern": r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?,?\s*$"},
                ]
            },
            "parameters": {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": {"anyOf": [{"$ref": "#/$defs/parameter"}, {"$ref": "#/$defs/group"}]},
            },
            "group": {
                "type": "object",
                "description": "Parameters that the program gets as a mapping of their own.",
                "required": ["parameters"],
                "additionalProperties": False,
                "properties": {"parameters": {"$ref": "#/$defs/parameters"}, "when": _PARAMETER_KEYS["when"]},
            },
            "parameter": {"anyOf": _parameters()},
        },
    }


def _parameters() -> list[Schema]:
    named = [_parameter(distribution, name, distribution.needs) for name, distribution in DISTRIBUTIONS.items()]
    unnamed = [_parameter(DISTRIBUTIONS[name], None, needs) for name, needs in _UNNAMED.items()]
    return unnamed + named


def _parameter(distribution: Distribution, name: str | None, needs: tuple[str, ...]) -> Schema:
    keys = (*distribution.keys, "probabilities") if "values" in distribution.needs else distribution.keys
    properties = {key: _PARAMETER_KEYS[key] for key in keys}
    if name is not None:
        properties["distribution"] = {"const": name}
    required = list(needs) + (["distribution"] if name is not None else [])
    return {"type": "object", "required": required, "additionalProperties": False, "properties": properties}
