"""Checks of single values, with messages that say what would be right."""

from __future__ import annotations

import json
import math
import numbers
from typing import Any

import numpy as np

from hyperopt_core.errors import ConfigError, shown
from hyperopt_core.space.conditions import canonical


def number(key: str, value: Any) -> float:
    """`value` as a finite int or float, whichever it is."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise ConfigError(f"{key} is {value!r}: a number is needed")
    plain: float = int(value) if isinstance(value, numbers.Integral) else float(value)
    if not _is_finite(plain):
        raise ConfigError(f"{key} is {shown(value)}: a finite number is needed, of no more than 1e308")
    return plain


def _is_finite(value: float) -> bool:
    """Also whether an int, which may be of any size, is one that a float can hold."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


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
    plain: float = int(value) if isinstance(value, numbers.Integral) else float(value)
    if not _is_finite(plain):
        raise ValueError(f"{shown(value)} is not a finite number of no more than 1e308")
    return plain


def require_json(value: Any) -> str:
    """The canonical text of a JSON value. Raises `ConfigError` for anything else."""
    try:
        plain = value.item() if isinstance(value, np.generic) else value
        json.dumps(plain, allow_nan=False)
        return canonical(plain)
    except (TypeError, ValueError):
        raise ConfigError(
            f"{shown(value)} is no JSON value: use a name for it (a string) and look the object up in your program"
        ) from None


def positive(key: str, value: Any) -> float:
    """`value` as a finite number above 0."""
    plain = number(key, value)
    if plain <= 0:
        raise ConfigError(f"{key} is {value!r}: it must be above 0")
    return plain
