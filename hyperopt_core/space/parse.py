"""W&B's `parameters` mapping, with our keys `when`, `prior`, `prior_confidence` and `step`, as Parameter objects.

Every fault of a mapping is found before `ConfigError` is raised. Paths of faults are the keys as they stand in the
configuration, from `parameters` on.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeAlias, TypeGuard

import numpy as np

from hyperopt_core.errors import ConfigError, Fault, shown, suggest
from hyperopt_core.space.catalogue import ALL_KEYS, BOUNDS, DISTRIBUTIONS, Distribution, better, did_you_mean
from hyperopt_core.space.conditions import Condition, canonical, parse_when
from hyperopt_core.space.faults import EnoughFaults, FaultList
from hyperopt_core.space.parameters import Categorical, Constant, Parameter

Path: TypeAlias = tuple[str | int, ...]
Tree: TypeAlias = dict[str, Any]  # name -> Parameter | Tree

_MAX_PARAMETERS = 1000
_MAX_DEPTH = 32  # of groups, and of values inside values
_MAX_EXPONENT = 700  # exp of more overflows
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_NUMERIC = frozenset({"min", "max", "q", "step", "mu", "sigma", "a", "b"})


def parse_parameters(config: Mapping[str, Any], *, faults: list[Fault] | None = None) -> Tree:
    """The tree of `Parameter` objects that a W&B `parameters` mapping describes.

    Parameter instances stay as they are, and a plain mapping that holds some is a group, as ``{"parameters": {...}}``
    is. Warnings are appended to `faults`. Raises `ConfigError` with everything that is wrong.

    >>> parse_parameters({"lr": {"min": 0.0, "max": 1.0}, "layers": {"values": [1, 2]}})
    {'lr': Float(min=0.0, max=1.0), 'layers': Categorical(values=[1, 2])}
    """
    found = FaultList()
    tree: Tree = {}
    with suppress(EnoughFaults):
        tree = _group(config, ("parameters",), None, found)
        if (size := _size(tree)) > _MAX_PARAMETERS:
            found.append(Fault(("parameters",), f"holds {size:,} parameters, more than {_MAX_PARAMETERS:,}"))
    if faults is not None:
        faults.extend(f for f in found if f.severity == "warning")
    errors = [f for f in found if f.severity == "error"]
    if errors:
        raise ConfigError(errors)
    return tree


# --- groups -----------------------------------------------------------------------------------------------------------


def _group(config: Any, path: Path, when: Any, faults: list[Fault]) -> Tree:
    if not isinstance(config, Mapping) or not config:
        faults.append(Fault(path, f"is {shown(config)}: a mapping with at least one parameter is needed"))
        return {}
    if len(path) > 2 * _MAX_DEPTH:
        faults.append(Fault(path, f"groups are nested more than {_MAX_DEPTH} deep"))
        return {}
    tree: Tree = {}
    for key, spec in config.items():
        name = str(key)
        here = (*path, name)
        if not name.strip() or not name.isprintable():
            faults.append(Fault(here, f"{shown(name)} is no name for a parameter: use printable characters"))
        tree[name] = _entry(spec, here, when, faults)
    return tree


def _size(tree: Tree) -> int:
    return sum(_size(inner) if isinstance(inner, dict) else 1 for inner in tree.values())


def _entry(spec: Any, path: Path, when: Any, faults: list[Fault]) -> Parameter | Tree | None:
    """A parameter or a group; `when` is that of the groups around it."""
    if isinstance(spec, Parameter):
        return spec if when is None else _parameter(spec.to_dict(), path, when, faults)
    if isinstance(spec, Mapping):
        if "parameters" in spec and not set(spec) - {"parameters", "when"}:
            return _group(spec["parameters"], (*path, "parameters"), _group_when(spec, path, when, faults), faults)
        if _holds_parameter(spec):
            return _group(spec, path, when, faults)
    return _parameter(spec, path, when, faults)


def _group_when(spec: Mapping[str, Any], path: Path, outer: Any, faults: list[Fault]) -> Any:
    when = spec.get("when")
    members = spec["parameters"]
    if isinstance(when, Mapping) and isinstance(members, Mapping):
        faults.extend(
            Fault((*path, "when"), f"the group itself holds a parameter {name!r}: rename it or the one outside")
            for name in when
            if name in members
        )
    return _both(outer, when, path, faults)


def _both(outer: Any, inner: Any, path: Path, faults: list[Fault]) -> Any:
    """One `when` that holds where `outer`, of a group, and `inner` do."""
    if outer is None or inner is None:
        return inner if outer is None else outer
    try:
        of_group = {c.parent: c for c in parse_when(outer)}
        merged = {c.parent: _overlap(of_group.get(c.parent), c) for c in parse_when(inner)}
    except ConfigError as fault:
        faults.append(Fault((*path, "when"), fault.faults[0].message))
        return None
    never = [parent for parent, condition in merged.items() if condition is None]
    faults.extend(
        Fault((*path, "when"), f"together with the `when` of the group, {parent!r} leaves no value") for parent in never
    )
    return None if never else {p: c.to_json() for p, c in {**of_group, **merged}.items() if c is not None}


def _overlap(outer: Condition | None, inner: Condition) -> Condition | None:
    """The condition that holds where both do; None where none can."""
    if outer is None:
        return inner
    if inner.values is not None or outer.values is not None:
        listed, other = (inner, outer) if inner.values is not None else (outer, inner)
        values = tuple(v for v in listed.values or () if other.holds(v))
        return Condition(inner.parent, values) if values else None
    low, high = max(outer.low, inner.low), min(outer.high, inner.high)
    return Condition(inner.parent, None, low, high) if low <= high else None


def _holds_parameter(spec: Mapping[str, Any], depth: int = 0) -> bool:
    return depth < _MAX_DEPTH and any(
        isinstance(v, Parameter) or (isinstance(v, Mapping) and _holds_parameter(v, depth + 1)) for v in spec.values()
    )


# --- one parameter ----------------------------------------------------------------------------------------------------


def _parameter(spec: Any, path: Path, when: Any, faults: list[Fault]) -> Parameter | None:
    if not isinstance(spec, Mapping) or not spec:
        key = "values" if isinstance(spec, Sequence) and not isinstance(spec, str) else "value"
        text = shown(spec)
        faults.append(Fault(path, f"is {text}: a mapping is needed, such as {{{key}: {text}}} or {{min: 0, max: 1}}"))
        return None
    before = len(faults)
    given = {str(k): v for k, v in spec.items() if v is not None or k in ("value", "min", "max")}
    plain = {k: _plain(v, (*path, k), faults) for k, v in given.items()}
    name = _name(plain, path, faults)
    if name is None:
        return None
    distribution = DISTRIBUTIONS[name]
    _check_keys(plain, name, path, faults)
    if distribution.build not in (Constant, Categorical):
        _read_numbers(plain, path, faults)
        _check_bounds(plain, name, path, faults)
    else:
        _check_choices(plain, path, faults)
    plain["when"] = _both(when, plain.get("when"), path, faults)
    if any(f.severity == "error" for f in faults[before:]):
        return None
    return _built(distribution, name, plain, path, faults)


def _name(spec: Mapping[str, Any], path: Path, faults: list[Fault]) -> str | None:
    """The distribution that is named, or that the keys imply."""
    if "distribution" in spec:
        name = spec["distribution"]
        if isinstance(name, str) and name in DISTRIBUTIONS:
            return name
        known = suggest(str(name)[:80], DISTRIBUTIONS) or f"; known are {', '.join(DISTRIBUTIONS)}"
        faults.append(Fault((*path, "distribution"), f"{shown(name)} is no distribution{known}"))
        return None
    if sum(("value" in spec, "values" in spec, "min" in spec or "max" in spec)) > 1:
        faults.append(Fault(path, f"gives {', '.join(spec)}: keep one of `value`, `values`, or `min` and `max`"))
        return None
    if "value" in spec:
        return "constant"
    if "values" in spec:
        return "categorical"
    if "min" in spec and "max" in spec:
        if "q" in spec:
            faults.append(Fault(path, "has `q` and no distribution; taken as `distribution: q_uniform`", "warning"))
            return "q_uniform"
        return "int_uniform" if all(isinstance(read_number(spec[k]), int) for k in BOUNDS) else "uniform"
    faults.append(Fault(path, _no_distribution(spec)))
    return None


def _no_distribution(spec: Mapping[str, Any]) -> str:
    keys = ", ".join(shown(k) for k in list(spec)[:8])
    if any(isinstance(v, Mapping) for v in spec.values()):
        return f"has the keys {keys}: a group of parameters stands under `parameters:`"
    for meant, word in (("min", "max"), ("max", "min")):
        if meant in spec:
            return f"has `{meant}` but no `{word}`"
    if "mu" in spec or "sigma" in spec:
        return "has `mu` or `sigma` and no distribution: add `distribution: normal` or `log_normal`"
    known = next(filter(None, map(did_you_mean, list(spec)[:8])), "")
    return f"has the keys {keys}: give `value`, `values`, or `min` and `max`{known}"


def _check_keys(spec: Mapping[str, Any], name: str, path: Path, faults: list[Fault]) -> None:
    distribution = DISTRIBUTIONS[name]
    allowed = {*distribution.keys, "distribution"} | ({"probabilities"} if name == "categorical" else set())
    for key in spec:
        if key in allowed:
            continue
        if key not in ALL_KEYS:
            hint = did_you_mean(key) or f"; {name} takes {', '.join(distribution.keys)}"
            faults.append(Fault((*path, key), f"is no key of a parameter{hint}"))
        else:
            faults.append(Fault((*path, key), f"does not go with {name}{better(key, name)}"))
    faults.extend(
        Fault((*path, key), f"is missing: {name} needs {' and '.join(distribution.needs)}")
        for key in distribution.needs
        if key not in spec
    )


# --- values -----------------------------------------------------------------------------------------------------------


def _plain(value: Any, path: Path, faults: list[Fault], depth: int = 0) -> Any:
    """`value` without numpy types and tuples."""
    if depth > _MAX_DEPTH:
        faults.append(Fault(path, f"is nested more than {_MAX_DEPTH} deep"))
        return None
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {k: _plain(v, (*path, str(k)), faults, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v, (*path, i), faults, depth + 1) for i, v in enumerate(value)]
    return value


def read_number(value: Any) -> Any:
    """The number that a text such as "1e-4" writes; any other value as it is."""
    if not isinstance(value, str):
        return value
    text = value.strip().rstrip(",")
    if len(text) > 400 or not _NUMBER.fullmatch(text):
        return value
    return int(text) if text.lstrip("+-").isdigit() else float(text)


def _read_numbers(spec: dict[str, Any], path: Path, faults: list[Fault]) -> None:
    """Turn texts into numbers, in place; what is no finite number is a fault."""
    for key in [k for k in spec if k in _NUMERIC or k == "prior"]:
        given = spec[key]
        value = read_number(given)
        if isinstance(given, str) and given.strip().endswith(",") and value is not given:
            faults.append(Fault((*path, key), f"{given!r} ends in a comma; read as {value}", "warning"))
        if isinstance(value, bool) or not isinstance(value, int | float):
            faults.append(Fault((*path, key), f"is {shown(given)}: a number is needed"))
        elif not -1e308 < value < 1e308:
            faults.append(Fault((*path, key), f"is {shown(given)}: a finite number is needed"))
        else:
            spec[key] = value


def _check_bounds(spec: Mapping[str, Any], name: str, path: Path, faults: list[Fault]) -> None:
    low, high = spec.get("min"), spec.get("max")
    if not _is_number(low) or not _is_number(high):
        return
    distribution = DISTRIBUTIONS[name]
    if low > high:
        faults.append(Fault((*path, "min"), f"is {low}, above max, which is {high}: swap them"))
    elif low == high:
        faults.append(Fault(path, f"min and max are both {low}; `value: {low}` says so plainly", "warning"))
    if name.startswith("int_"):
        faults.extend(
            Fault((*path, key), f"is {spec[key]}: {name} needs whole numbers; for real ones use {name[4:]}")
            for key in ("min", "max", "step")
            if key in spec and spec[key] != int(spec[key])
        )
    if distribution.above_zero and low <= 0:
        hint = f", e.g. {high / 1000:g}" if high > 0 else ""
        if low < 0 and not name.startswith("int_"):
            hint += f"; for exponents of e write `{name.removesuffix('_values')}`"
        faults.append(Fault((*path, "min"), f"is {low}: a logarithmic scale needs values above 0{hint}"))
    if distribution.exponents:
        _check_exponents(low, high, name, path, faults)


def _check_exponents(low: float, high: float, name: str, path: Path, faults: list[Fault]) -> None:
    if max(abs(low), abs(high)) > _MAX_EXPONENT:
        key = "max" if abs(high) > _MAX_EXPONENT else "min"
        faults.append(
            Fault((*path, key), f"of {name} is an exponent of e and too large; for plain values write {name}_values")
        )
    elif low <= high:
        ends = sorted((math.exp(-low), math.exp(-high)) if name.startswith("inv_") else (math.exp(low), math.exp(high)))
        text = f"min and max of {name} are exponents of e, here {ends[0]:.4g} to {ends[1]:.4g}"
        if low > 0 and high >= 10 * low:
            text += "; they look like plain values"
        faults.append(Fault(path, f"{text}; {name}_values takes plain values", "warning"))


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_choices(spec: dict[str, Any], path: Path, faults: list[Fault]) -> None:
    if "value" in spec:
        _check_text(spec["value"], (*path, "value"), faults)
    if "values" not in spec:
        return
    values, weights = spec["values"], spec.get("probabilities")
    if not isinstance(values, list) or not values:
        what = "at least one value is needed" if isinstance(values, list) else "a list is needed"
        faults.append(Fault((*path, "values"), f"is {shown(values)}: {what}"))
        return
    for i, value in enumerate(values):
        _check_text(value, (*path, "values", i), faults)
    if "probabilities" in spec:
        weights = [read_number(w) for w in weights] if isinstance(weights, list) else weights
        if not isinstance(weights, list) or not all(_is_number(w) for w in weights):
            faults.append(Fault((*path, "probabilities"), f"is {shown(weights)}: a list of numbers is needed"))
            return
        spec["probabilities"] = weights
    _drop_duplicates(spec, path, faults)


def _check_text(value: Any, path: Path, faults: list[Fault]) -> None:
    """Warn of a text that was most likely meant as a number or as null."""
    if not isinstance(value, str):
        return
    number = read_number(value)
    if (isinstance(number, float) and "e" in value.lower()) or (number is not value and value.strip().endswith(",")):
        faults.append(Fault(path, f"is the text {value!r}; for a number write {number!r}", "warning"))
    elif value in ("None", "none", "NULL"):
        faults.append(Fault(path, f"is the text {value!r}; for no value write null", "warning"))


def _drop_duplicates(spec: dict[str, Any], path: Path, faults: list[Fault]) -> None:
    """Keep the first of equal values, with the sum of their probabilities."""
    values, weights = spec["values"], spec.get("probabilities")
    first: dict[str, int] = {}
    try:
        keys = [canonical(v) for v in values]
    except (TypeError, ValueError):
        return  # no JSON: the parameter says so
    for i, key in enumerate(keys):
        if first.setdefault(key, i) != i:
            faults.append(Fault((*path, "values", i), f"{shown(values[i])} is there twice; kept once", "warning"))
    if len(first) == len(values):
        return
    if weights is not None and len(weights) == len(values):
        spec["probabilities"] = [sum(w for w, k in zip(weights, keys, strict=True) if k == key) for key in first]
    spec["values"] = [values[i] for i in first.values()]


def _built(
    distribution: Distribution, name: str, spec: Mapping[str, Any], path: Path, faults: list[Fault]
) -> Parameter | None:
    options = {k: v for k, v in spec.items() if k not in ("distribution", "value", "values", *BOUNDS)}
    if name.startswith("q_"):
        options.setdefault("q", 1)
    if name.startswith("int_") and "step" in options:
        options["step"] = int(options["step"])
    first = [spec[k] for k in distribution.needs if k != "probabilities"]
    try:
        return distribution.build(*first, **options)
    except ConfigError as fault:
        faults.append(Fault((*path, *_key_of(fault, spec)), fault.faults[0].message[:500]))
    except (ArithmeticError, ValueError) as fault:
        faults.append(Fault(path, f"{str(fault)[:200]}: values of a more usual size are needed"))
    return None


def _key_of(fault: ConfigError, spec: Mapping[str, Any]) -> Path:
    """The key of `spec` that a parameter's message begins with."""
    word = re.split(r"[ .]", fault.faults[0].message, maxsplit=1)[0]
    return (word,) if word in spec else ()
