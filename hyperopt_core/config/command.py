"""The `command` of a sweep file: its macros, and the argument list of a trial. No shell is involved anywhere.

A macro that stands for several arguments, or for none, is an item of its own; ``${envvar:NAME}`` and the value of one
parameter, ``${lr}``, may stand inside an item: ``--lr=${lr}``.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from hyperopt_core.errors import ConfigError, Fault, suggest
from hyperopt_core.spec import SweepSpec

_MACRO = re.compile(r"\$\{([^{}]*)\}")
_ENVIRONMENT = "envvar:"
_BROKEN = re.compile(r"\$\(?\{?([a-z_]+)[})]?|\{([a-z_]+)\}")  # $args, ${args, $(args), {args}
_ARGUMENTS_FILE = "args.json"


@dataclass(frozen=True)
class _Trial:
    """What macros are replaced by."""

    spec: SweepSpec
    params: Mapping[str, Any]  # nested
    flat: Mapping[str, Any]  # dotted name -> value
    directory: Path


Macro: TypeAlias = Callable[[_Trial], list[str]]


def _program(trial: _Trial) -> list[str]:
    if trial.spec.program is None:
        raise ConfigError([Fault(("program",), "is missing: `command` holds ${program}")])
    return [trial.spec.program]


def _no_boolean_flags(trial: _Trial) -> list[str]:
    return [f"--{k}" if v is True else f"--{k}={v}" for k, v in trial.flat.items() if v is not False]


def _json_file(trial: _Trial) -> list[str]:
    trial.directory.mkdir(parents=True, exist_ok=True)
    path = trial.directory / _ARGUMENTS_FILE
    path.write_text(json.dumps(trial.params), encoding="utf-8")
    return [str(path)]


#: Macros that are a whole item of the command.
MACROS: Mapping[str, Macro] = {
    "env": lambda _: [] if os.name == "nt" else ["/usr/bin/env"],
    "interpreter": lambda _: [sys.executable or "python"],
    "program": _program,
    "args": lambda trial: [f"--{k}={v}" for k, v in trial.flat.items()],
    "args_no_hyphens": lambda trial: [f"{k}={v}" for k, v in trial.flat.items()],
    "args_no_equals": lambda trial: [word for k, v in trial.flat.items() for word in (f"--{k}", str(v))],
    "args_no_boolean_flags": _no_boolean_flags,
    "args_append_hydra": lambda trial: [f"+{k}={v}" for k, v in trial.flat.items()],
    "args_override_hydra": lambda trial: [f"++{k}={v}" for k, v in trial.flat.items()],
    "args_json": lambda trial: [json.dumps(trial.params)],
    "args_json_file": _json_file,
}


def command_line(spec: SweepSpec, params: Mapping[str, Any], *, directory: Path) -> list[str]:
    """The arguments that start the program of a trial with `params`, to be run without a shell.

    Nested parameters become dotted names. ``${args_json_file}`` writes its file into `directory`. An item with the
    value of an inactive parameter is left out. Raises `ConfigError` for an unknown macro, a missing program and an
    environment variable that is not set.
    """
    faults = check_command(spec.command, spec.space.parameters)
    if faults:
        raise ConfigError(faults)
    trial = _Trial(spec, params, spec.space.flatten(params), directory)
    out: list[str] = []
    for item in spec.command:
        whole = _MACRO.fullmatch(item)
        if whole and whole[1] in MACROS:
            out += MACROS[whole[1]](trial)
        elif _all_active(item, trial):
            out.append(_MACRO.sub(lambda match: _inline(match[1], trial), item))
    return out


def check_command(command: Sequence[str], parameters: Iterable[str] = ()) -> list[Fault]:
    """What is wrong with the macros of `command`, given the dotted names of the sweep's parameters.

    >>> check_command(["python", "train.py", "${arg}"])[0].message
    "'${arg}' is no macro; did you mean '${args}'?"
    """
    known = set(parameters)
    faults = []
    for i, item in enumerate(command):
        faults += [Fault(("command", i), message) for message in _wrong_with(item, known)]
    return faults


def _wrong_with(item: str, parameters: set[str]) -> list[str]:
    if "\0" in item:
        return ["holds a NUL character, which no argument can"]
    names = _MACRO.findall(item)
    out = [_unknown(name, parameters) for name in names if not _is_known(name, parameters)]
    inside = [name for name in names if name in MACROS and item != f"${{{name}}}"]
    out += [f"{item[:80]!r}: ${{{name}}} must be an item of its own" for name in inside]
    broken = None if names else _BROKEN.fullmatch(item)
    word = (broken[1] or broken[2]) if broken else None
    if word in MACROS:
        out.append(f"{item!r} is no macro; did you mean '${{{word}}}'?")
    return out


def _is_known(name: str, parameters: set[str]) -> bool:
    return name in MACROS or name in parameters or (name.startswith(_ENVIRONMENT) and len(name) > len(_ENVIRONMENT))


def _unknown(name: str, parameters: set[str]) -> str:
    if name in os.environ:
        return f"'${{{name}}}' is no macro; for the environment variable write '${{{_ENVIRONMENT}{name}}}'"
    known = {f"${{{word}}}" for word in (*MACROS, f"{_ENVIRONMENT}NAME", *parameters)}
    shown = f"${{{name[:80]}}}"
    return f"{shown!r} is no macro{suggest(shown, known) or '; known are ' + ', '.join(sorted(known))}"


def _all_active(item: str, trial: _Trial) -> bool:
    return all(name in trial.flat or name.startswith(_ENVIRONMENT) for name in _MACRO.findall(item))


def _inline(name: str, trial: _Trial) -> str:
    if name in trial.flat:
        return str(trial.flat[name])
    variable = name.removeprefix(_ENVIRONMENT)
    if variable not in os.environ:
        raise ConfigError([Fault(("command",), f"the environment variable {variable} is not set")])
    return os.environ[variable]
