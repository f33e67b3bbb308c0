"""Small helpers that programs borrow from W&B."""

from __future__ import annotations

import re
import secrets
import string
from importlib import import_module
from typing import Any

from ._submodules import lookup
from ._values import plain

_ALPHABET = string.ascii_lowercase + string.digits


def generate_id(length: int = 8) -> str:
    """A random text of lower-case letters and digits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def make_artifact_name_safe(name: str) -> str:
    """`name` with dashes for what a file name should not hold."""
    return re.sub(r"[^a-zA-Z0-9_\-.]", "_", name)[:128]


def get_module(name: str, required: str | bool | None = None, lazy: bool = True) -> Any:
    """A module, or None; with `required` an error in those words."""
    try:
        return import_module(name)
    except ImportError:
        if required:
            raise ImportError(str(required)) from None
        return None


def json_friendly(value: Any) -> tuple[Any, bool]:
    """A value as JSON has it, and whether it had to be converted."""
    made = plain(value)
    return made, type(made) is not type(value)


def __getattr__(name: str) -> Any:
    return lookup(__name__, name)
