"""Checks of single values, with messages that say what would be right."""

from __future__ import annotations

import json
import math
import numbers
from typing import Any

import numpy as np

from hyperopt_core.errors import ConfigError
from hyperopt_core.space.conditions import canonical


def number(key: str, value: Any) -> float:
    """`value` as a finite int or float, whichever it is."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise ConfigError(f"{key} is {value!r}: a number is needed")
    plain: float = int(value) if isinstance(value, numbers.Integral) else float(value)
    if not math.isfinite(plain):
        raise ConfigError(f"{key} is {value!r}: a finite number is needed")
    return plain


def whole(key: str, value: Any) -> int:
    """`value` as an int."""
    plain = number(key, value)
    if plain != int(plain):
        raise ConfigError(f"{key} is {value!r}: a whole number is needed; for real numbers use Float")
    return int(plain)


def real(value: Any) -> float:
    """`value` as a finite int or float. Raises ValueError: it is a trial's value, not a configuration's."""
    if isinstance(value, bool | str) or not isinstance(value, numbers.Real | np.generic):
        raise ValueError(f"{value!r} is not a number")
    plain = float(value)
    if not math.isfinite(plain):
        raise ValueError(f"{value!r} is not a finite number")
    return int(value) if isinstance(value, numbers.Integral) else plain


def require_json(value: Any) -> str:
    """The canonical text of a JSON value. Raises `ConfigError` for anything else."""
    try:
        plain = value.item() if isinstance(value, np.generic) else value
        json.dumps(plain, allow_nan=False)
        return canonical(plain)
    except (TypeError, ValueError):
        raise ConfigError(
            f"{value!r} is no JSON value: use a name for it (a string) and look the object up in your program"
        ) from None


def positive(key: str, value: Any) -> float:
    """`value` as a finite number above 0."""
    plain = number(key, value)
    if plain <= 0:
        raise ConfigError(f"{key} is {value!r}: it must be above 0")
    return plain
