"""The keys of a sweep file: what each means, how it is checked, and its part of the published JSON Schema.

One table serves the loader and the schema. `parameters` is read by `hyperopt_core.space.parse`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from hyperopt_core.config import values
from hyperopt_core.errors import Fault, suggest
from hyperopt_core.schedulers import SCHEDULERS
from hyperopt_core.spec import GOALS

Schema: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Key:
    """A key at the top of a sweep file."""

    description: str
    read: values.Read
    schema: Schema
    ours: bool = False  # W&B does not have it


_NUMBER: Schema = {"$ref": "#/$defs/number"}
_STRING: Schema = {"type": ["string", "number"]}
_SECONDS_SCHEMA: Schema = {"type": ["number", "string"], "description": "Seconds, or a text like 90s, 30m, 1h30m, 2d."}
_METRIC_SCHEMA: Schema = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "description": "The name under which the program reports it."},
        "goal": {"enum": list(GOALS), "default": "minimize"},
        "target": {**_NUMBER, "description": "No new trials once a trial has reached it."},
        "impute": {
            "enum": list(values.IMPUTE),
            "description": "Accepted and not needed: failed trials are no values.",
        },
        "impute_while_running": {"enum": [*values.IMPUTE, "false", False]},
    },
}
_HYPERBAND_SCHEMA: Schema = {
    "type": "object",
    "required": ["type"],
    "properties": {
        "type": {"enum": sorted(SCHEDULERS), "description": "hyperband alone is W&B's; with min_steps, Hyperband."},
        "min_iter": {**_NUMBER, "description": "The first iteration at which trials are judged."},
        "max_iter": {**_NUMBER, "description": "The iterations of a full training; goes with s."},
        "s": {**_NUMBER, "description": "How often trials are judged, backwards from max_iter."},
        "eta": {**_NUMBER, "default": 3, "description": "One trial in eta goes on."},
        "min_steps": {**_NUMBER, "description": "Schedulers other than W&B's: nothing ends before this step."},
        "strict": {
            "type": "boolean",
            "default": True,
            "description": "Judge the value at the band, else the best so far.",
        },
    },
}

_TERMINATE_SCHEMA: Schema = {"anyOf": [_HYPERBAND_SCHEMA, {"type": ["string", "null"]}]}
_POINTS_SCHEMA: Schema = {"type": ["array", "object"], "items": {"type": "object"}}
_FLAG_SCHEMA: Schema = {"type": "boolean", "default": False}

#: Every key of a sweep file but `parameters`.
KEYS: Mapping[str, Key] = {
    "method": Key("The strategy that proposes configurations.", values.method, {"type": "string", "default": "auto"}),
    "metric": Key("What the sweep improves.", values.metric, {"anyOf": [_METRIC_SCHEMA, {"type": "string"}]}),
    "early_terminate": Key(
        "Stops trials that do badly.",
        values.early_terminate,
        _TERMINATE_SCHEMA,
    ),
    "run_cap": Key("The number of trials, over all agents.", values.count(1), _NUMBER),
    "program": Key("The program that trains, for `${program}` in the command.", values.text, _STRING),
    "command": Key(
        "The arguments that start a trial; macros stand for its parameters.",
        values.command,
        {"type": ["array", "string"], "items": {"type": ["string", "number", "boolean", "null"]}},
    ),
    "name": Key("The name of the sweep.", values.text, _STRING),
    "description": Key("What the sweep is for.", values.text, _STRING),
    "project": Key("A label of the sweep.", values.text, _STRING),
    "entity": Key("A label of the sweep.", values.text, _STRING),
    "seed": Key("Makes the proposals repeatable.", values.count(0), _NUMBER, ours=True),
    "constraints": Key(
        "Conditions between parameters that every trial meets.",
        values.constraints,
        {"type": ["array", "string"], "items": {"type": "string"}, "examples": [["wd <= lr"]]},
        ours=True,
    ),
    "initial": Key(
        "Configurations to try first.",
        values.initial,
        {"type": ["array", "object"], "items": {"type": "object"}},
        ours=True,
    ),
    "budget": Key(
        "When the sweep ends by itself.",
        values.budget,
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "trials": {**_NUMBER, "description": "As run_cap."},
                "time": _SECONDS_SCHEMA,
                "seconds": _SECONDS_SCHEMA,
            },
        },
        ours=True,
    ),
    "max_steps": Key("The steps (epochs) of a full training.", values.count(1), _NUMBER, ours=True),
    "resumable": Key(
        "Whether a paused trial can go on from a checkpoint.",
        values.flag,
        {"type": "boolean", "default": False},
        ours=True,
    ),
    "retries": Key("How often a failed trial is tried again.", values.count(0), _NUMBER, ours=True),
    "timeout": Key("The time that one attempt may take.", values.duration, _SECONDS_SCHEMA, ours=True),
    "stall": Key("The time that an attempt may go without a report.", values.duration, _SECONDS_SCHEMA, ours=True),
    "parallelism": Key("How many trials run at once.", values.count(1), _NUMBER, ours=True),
    "deterministic": Key(
        "The same trials on every run, whatever the timing and the number of agents; goes with `parallelism`.",
        values.flag,
        {"type": "boolean", "default": False},
        ours=True,
    ),
    "strategy_options": Key("The options of the strategy.", values.options, {"type": "object"}, ours=True),
    "apiVersion": Key("A label of W&B's; not looked at.", values.label, {}),
    "kind": Key("A label of W&B's; not looked at.", values.label, {}),
    "controller": Key("Where W&B runs its engine; not looked at.", values.ignored("the engine runs here"), {}),
}

#: Keys of W&B's that a sweep cannot be run with -> what to do.
UNSUPPORTED: Mapping[str, str] = {
    "metrics": "several objectives are not supported: keep one under `metric`",
    "scheduler": "W&B's schedulers are not run here: choose a `method`, and `early_terminate`",
    "job": "jobs of W&B Launch are not run here: give `program` or `command`",
    "image_uri": "images of W&B Launch are not run here: give a `command` that starts the container",
}

#: What users of other tools write -> our key.
OTHER_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("params", "search_space", "space", "hyperparameters", "config_space"), "parameters"),
    **dict.fromkeys(("strategy", "algorithm", "algo", "sampler", "search_alg"), "method"),
    **dict.fromkeys(("objective", "goal", "monitor", "direction"), "metric"),
    **dict.fromkeys(("early_stopping", "pruner", "stopper"), "early_terminate"),
    **dict.fromkeys(("count", "max_trials", "n_trials", "num_trials", "max_runs", "num_samples"), "run_cap"),
    **dict.fromkeys(("script", "entrypoint", "entry_point"), "program"),
    **dict.fromkeys(("random_seed", "random_state"), "seed"),
    **dict.fromkeys(("epochs", "max_epochs"), "max_steps"),
}


def unknown_key(key: str, value: Any) -> Fault:
    """The fault of a key that a sweep file does not have."""
    if key in UNSUPPORTED:
        return Fault((key,), UNSUPPORTED[key])
    word = OTHER_WORDS.get(key.lower())
    hint = f"; did you mean {word!r}?" if word else suggest(key[:80], [*KEYS, "parameters"])
    if not hint and isinstance(value, dict) and {"value", "values", "min", "distribution"} & set(value):
        hint = "; a parameter stands below `parameters`"
    return Fault((key,), f"is no key of a sweep file{hint or '; known are parameters, ' + ', '.join(KEYS)}")
