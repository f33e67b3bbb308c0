"""A smaller space: what was brushed on the page, to be searched on its own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from hyperopt_core.errors import InvalidTrial
from hyperopt_core.space import Categorical, Float, Int, Parameter, SearchSpace, same

#: name -> {"low": number or None, "high": number or None}, or {"choices": [values]}
Ranges = Mapping[str, Mapping[str, Any]]


def narrow(space: SearchSpace, ranges: Ranges) -> SearchSpace:
    """`space` within `ranges`; parameters that can no longer be active are left out.

    Parameters without bounds of their own stay as they are. Raises `InvalidTrial` for a range that holds no value.

    >>> narrow(SearchSpace({"lr": Float(1e-5, 1.0, log=True)}), {"lr": {"low": 1e-3, "high": None}}).parameters["lr"]
    Float(min=0.001, max=1.0)
    """
    unknown = sorted(set(ranges) - set(space.parameters))
    if unknown:
        raise InvalidTrial(f"{unknown[0]!r} is not a parameter")
    config = space.to_dict()
    kept: dict[str, list[Any]] = {}  # name -> the values of a choice that are left
    for name, wanted in ranges.items():
        parameter = space.parameters[name]
        if isinstance(parameter, Categorical):
            kept[name] = [c for c in parameter.choices if any(same(c, w) for w in wanted.get("choices", ()))]
    config["parameters"] = _group(config["parameters"], "", space, ranges, kept)
    return SearchSpace.from_dict(config)


def _group(
    tree: Mapping[str, Any], prefix: str, space: SearchSpace, ranges: Ranges, kept: Mapping[str, list[Any]]
) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, definition in tree.items():
        name = f"{prefix}{key}"
        if name not in space.parameters:
            inside = _group(definition["parameters"], f"{name}.", space, ranges, kept)
            if inside:
                out[key] = {"parameters": inside}
            continue
        leaf = _still_active(definition, kept)
        if leaf is not None:
            out[key] = leaf if name not in ranges else _within(leaf, name, space.parameters[name], ranges[name], kept)
    return out


def _still_active(definition: Mapping[str, Any], kept: Mapping[str, list[Any]]) -> dict[str, Any] | None:
    """The definition with conditions that name only choices that are left; None where none of them is."""
    when = dict(definition.get("when", {}))
    for parent, values in when.items():
        if parent in kept and isinstance(values, list):
            when[parent] = [v for v in values if any(same(v, k) for k in kept[parent])]
            if not when[parent]:
                return None
    return {**definition, "when": when} if when else dict(definition)


def _within(
    leaf: dict[str, Any], name: str, parameter: Parameter, wanted: Mapping[str, Any], kept: Mapping[str, list[Any]]
) -> dict[str, Any]:
    rest = {k: v for k, v in leaf.items() if k not in ("prior", "prior_confidence", "probabilities")}
    match parameter:
        case Categorical():
            if not kept[name]:
                raise InvalidTrial(f"{name}: none of its values is selected")
            return rest | {"values": kept[name]}
        case Float() | Int():
            low, high = _bounds(parameter, wanted)
            if low > high:
                raise InvalidTrial(f"{name}: no value lies in the range that is selected")
            return rest | {"min": low, "max": high}
    return leaf


def _bounds(parameter: Float | Int, wanted: Mapping[str, Any]) -> tuple[float, float]:
    """The least and the largest value of a parameter in a range."""
    low, high = (wanted.get(end) for end in ("low", "high"))
    least = parameter.low if low is None else max(low, parameter.low)
    most = parameter.high if high is None else min(high, parameter.high)
    if parameter.levels is None or least > most:
        return least, most
    if isinstance(parameter, Int):
        least, most = math.ceil(least), math.floor(most)
    # On steps: the first one inside, and the last.
    inside = [v for v in map(parameter.level, range(*_around(parameter, least, most))) if least <= v <= most]
    return (inside[0], inside[-1]) if inside else (1, 0)


def _around(parameter: Float | Int, least: float, most: float) -> tuple[int, int]:
    """The indices of the levels from `least` to `most`, and one more at either end."""
    assert parameter.levels is not None
    first, last = (parameter.index(v) for v in (least, most))  # type: ignore[arg-type] # whole where they must be
    return max(first - 1, 0), min(last + 2, parameter.levels)
