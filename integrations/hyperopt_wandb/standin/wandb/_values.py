"""What programs put into configurations and logs, as plain values and as numbers. Nothing is imported for it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

_ATOMS = (str, int, float, bool, type(None))


def plain(value: Any) -> Any:
    """`value` as W&B keeps it in a configuration: mappings, lists, texts and Python's own numbers.

    >>> plain({"sizes": (64, 32), "kind": dict})
    {'sizes': [64, 32], 'kind': "<class 'dict'>"}
    """
    if type(value) in _ATOMS:
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence | Set) and not isinstance(value, str | bytes):
        return [plain(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain(dataclasses.asdict(value))
    for convert in ("tolist", "as_dict"):  # arrays and numpy's scalars; configurations
        if hasattr(type(value), convert):  # not of the value: some objects answer to any name
            return plain(getattr(value, convert)())
    for kind in (int, float):  # subclasses: enumerations of numbers
        if isinstance(value, kind):
            return kind(value)
    return str.__str__(value) if isinstance(value, str) else str(value)


def mapping(given: Any) -> dict[str, Any]:
    """The configuration in what `init` and `config.update` take: mappings, namespaces, flags, the path of a file."""
    if given is None:
        return {}
    if isinstance(given, str):
        return _file(given)
    if hasattr(given, "flag_values_dict"):  # absl
        given = given.flag_values_dict()
    elif hasattr(given, "as_dict"):
        given = given.as_dict()
    elif hasattr(given, "keys"):
        given = {key: given[key] for key in given.keys()}  # noqa: SIM118 - not everything with keys is iterable
    elif not isinstance(given, Mapping):
        given = vars(given)
    return {str(key): plain(value) for key, value in given.items()}


def _file(path: str) -> dict[str, Any]:
    """A YAML or JSON file, also in W&B's own form, with each value under ``value``."""
    import json

    with open(path, encoding="utf-8") as file:
        if path.endswith(".json"):
            loaded = json.load(file)
        else:
            import yaml

            loaded = yaml.safe_load(file)
    loaded = {key: value for key, value in (loaded or {}).items() if key != "wandb_version"}
    wrapped = all(isinstance(value, Mapping) and "value" in value for value in loaded.values())
    return {str(key): plain(value["value"] if wrapped else value) for key, value in loaded.items()}


def merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` on top of `under`, mappings key by key.

    >>> merged({"opt": {"name": "adam", "k": 2}}, {"opt": {"name": "sgd", "beta": 1}})
    {'opt': {'name': 'sgd', 'k': 2, 'beta': 1}}
    """
    out = dict(under)
    for key, value in over.items():
        below = out.get(key)
        out[key] = merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return out


def number(value: Any) -> float | None:
    """`value` as a number, of arrays and tensors with one element too; None for anything else. NaN stays."""
    if isinstance(value, int | float):
        return _float(value)
    if isinstance(value, str | bytes) or value is None:
        return None
    try:
        return _float(value.item() if hasattr(type(value), "item") else float(value))
    except Exception:  # somebody else's conversions: what has more than one element, what is no number at all
        return None


def _float(value: Any) -> float | None:
    if isinstance(value, bool | float):
        return float(value)
    try:
        return value if math.isfinite(value) and isinstance(value, int) else float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def leaves(row: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The values of a logged row, those of mappings in it under dotted names."""
    for key, value in row.items():
        if not isinstance(key, str):
            raise TypeError(f"a logged key is {key!r}: a text is needed")
        if isinstance(value, Mapping):
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value
