"""What a storage takes and gives back exactly: values as JSON has them, with NaN, infinities and integers of any size.

The text is Python's own JSON: NaN and infinities are the tokens ``NaN``, ``Infinity`` and ``-Infinity``, floats have
the shortest form that reads back as the same number, and everything beyond ASCII is escaped.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hyperopt_core.errors import ConfigError, InvalidTrial, shown
from hyperopt_core.trial import Measurement, Origin, Outcome, State

_MAX_DEPTH = 64
_MAX_BITS = 14_000  # Python reads and writes integers of up to 4,300 decimal digits
_KINDS = "None, bool, int, float, str, lists and dicts of these"


def plain(value: Any, where: str = "value", depth: int = 0) -> Any:
    """A deep copy of `value` in JSON's types. Raises `InvalidTrial`, naming `where`, for what JSON cannot hold.

    >>> plain({"units": (64, 32), "lr": 1e-3})
    {'units': [64, 32], 'lr': 0.001}
    """
    kind = type(value)
    if value is None or kind is str or kind is float or kind is bool:
        return value
    if depth > _MAX_DEPTH:
        raise InvalidTrial(f"{where}: nested deeper than {_MAX_DEPTH} levels, or contains itself")
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise InvalidTrial(f"{where}: the key {key!r} is not a string")
        return {str(key): plain(item, f"{where}.{key}", depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, f"{where}[{i}]", depth + 1) for i, item in enumerate(value)]
    return _scalar(value, where)


def _scalar(value: Any, where: str) -> Any:
    """Numbers and strings of subclasses, of numpy and of array libraries, as Python's own."""
    if not isinstance(value, bool | int | float | str) and getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        if value.bit_length() > _MAX_BITS:
            raise InvalidTrial(f"{where}: an integer of more than 4,200 digits cannot be stored")
        return int.__index__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, str):
        return str.__str__(value)
    if value is None:
        return None
    raise InvalidTrial(f"{where}: {value!r} of type {type(value).__name__} cannot be stored; use {_KINDS}")


def number(value: Any, where: str) -> float:
    """`value` as a Python number, an int staying an int. Raises `InvalidTrial` for anything else."""
    result = _scalar(value, where)
    if isinstance(result, int | float):
        return result
    raise InvalidTrial(f"{where}: {value!r} is not a number")


def real(value: Any, where: str) -> float:
    """`value` as a float. Raises `InvalidTrial` for anything else, and for an int beyond any float."""
    try:
        return float(number(value, where))
    except OverflowError:
        raise InvalidTrial(f"{where}: {shown(value)} is beyond any float") from None


def whole(value: float) -> float:
    """`value`, as an int where it is a whole number, so that a step can be counted on.

    >>> whole(3.0), whole(2.5)
    (3, 2.5)
    """
    return int(value) if float(value).is_integer() else value


def text(value: str) -> str:
    """`value` with what databases cannot hold as text (NUL, halves of surrogate pairs) written as an escape."""
    return value.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\x00")


def sweep_name(name: str) -> str:
    """`name` itself. Raises `ConfigError` for one that cannot be typed in a shell or shown in a line of a list."""
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        raise ConfigError(f"name {name!r} of a sweep: a text of printable characters is needed, not only spaces")
    if name.startswith("-"):
        raise ConfigError(f"name {name!r} of a sweep: begins with '-', which commands take for an option")
    return name


def plain_metrics(metrics: Mapping[str, float]) -> dict[str, float]:
    """A copy of `metrics` with Python's numbers."""
    return {str(name): number(value, f"metric {name!r}") for name, value in metrics.items()}


def plain_measurement(measurement: Measurement, attempt: int) -> Measurement:
    """`measurement` as it is stored, under `attempt`."""
    step, at = whole(number(measurement.step, "step")), real(measurement.at, "at")
    if not math.isfinite(at):
        raise InvalidTrial(f"at is {at}: seconds since the epoch are needed")
    return Measurement(step, plain_metrics(measurement.metrics), attempt, at)


def plain_origin(origin: Origin) -> Origin:
    """`origin` as it is stored."""
    return Origin(str(origin.strategy), str(origin.reason), plain_metrics(origin.details))


def plain_outcome(outcome: Outcome) -> Outcome:
    """`outcome` as it is stored."""
    return replace(
        outcome,
        values=tuple(real(value, f"values[{i}]") for i, value in enumerate(outcome.values)),
        metrics=plain_metrics(outcome.metrics),
        reason=text(outcome.reason),
        error=None if outcome.error is None else text(outcome.error),
    )


def dumps(value: Any, *, sort_keys: bool = False) -> str:
    """`value`, made by `plain`, as text."""
    return json.dumps(value, separators=(",", ":"), sort_keys=sort_keys)


_decode = json.JSONDecoder().raw_decode


def loads(stored: str) -> Any:
    """The inverse of `dumps`; without the searches for white space of `json.loads`, which cost as much as the rest."""
    return _decode(stored)[0]


def proposal_to_text(params: Mapping[str, Any], origin: Origin, budget: int | None, key: str | None) -> str:
    """The same text for the same proposal, NaN being equal to NaN."""
    return dumps([params, origin.strategy, origin.reason, origin.details, budget, key], sort_keys=True)


def outcome_to_text(outcome: Outcome) -> str:
    """All of an outcome as text; `outcome_from_text` reads it back."""
    return dumps(_outcome_fields(outcome))


def same_outcome(first: Outcome, second: Outcome) -> bool:
    """Equal, NaN being equal to NaN."""
    return dumps(_outcome_fields(first), sort_keys=True) == dumps(_outcome_fields(second), sort_keys=True)


def _outcome_fields(outcome: Outcome) -> dict[str, Any]:
    return {
        "state": str(outcome.state),
        "values": list(outcome.values),
        "metrics": dict(outcome.metrics),
        "reason": outcome.reason,
        "error": outcome.error,
        "failed": outcome.failed,
        "resume": outcome.resume,
        "exit_code": outcome.exit_code,
    }


def outcome_from_text(stored: str) -> Outcome:
    """The inverse of `outcome_to_text`."""
    fields = loads(stored)
    return Outcome(**{**fields, "state": State(fields["state"]), "values": tuple(fields["values"])})
