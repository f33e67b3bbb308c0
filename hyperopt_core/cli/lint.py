"""``hyperopt-core lint``: what is wrong with a sweep file, and what would make it better."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from typer import Option

from hyperopt_core.cli.options import Json, Strict, SweepFile

if TYPE_CHECKING:
    from hyperopt_core.errors import Fault


def lint(
    file: SweepFile,
    strict: Strict = False,
    epochs: Annotated[int | None, Option(min=1, metavar="N", help="How often a full training reports.")] = None,
    seconds_per_trial: Annotated[
        float | None, Option(min=0, metavar="S", help="How long a trial takes, for the time of the whole sweep.")
    ] = None,
    json: Json = False,
) -> int:
    """Show every fault of a sweep file, and advice.

    Exit code 1 where the file is refused.
    """
    from hyperopt_core.cli.printing import say, say_json
    from hyperopt_core.config import advise, load
    from hyperopt_core.errors import ConfigError

    found: list[Fault] = []
    advice: list[Fault] = []
    try:
        spec = load(file, strict=strict, faults=found)
        advice = [replace(fault, severity="advice") for fault in advise(spec, seconds_per_trial, epochs)]
    except ConfigError as error:
        found += error.faults
    every = sorted(found, key=lambda fault: fault.line or 0) + advice
    if json:
        for fault in every:
            say_json({"severity": fault.severity, "key": fault.key, "line": fault.line, "message": fault.message})
    else:
        for fault in every:
            say(f"{file}: {fault.severity}: {fault}")
        if not every:
            say(f"{file}: nothing to say")
    return int(any(fault.severity == "error" for fault in every))
