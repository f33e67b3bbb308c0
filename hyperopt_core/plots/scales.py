"""The axes of a parallel-coordinates figure: where a value stands on its axis, and the ticks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hyperopt_core.plots import ticks
from hyperopt_core.plots.text import plain
from hyperopt_core.space import Beta, Categorical, Float, Int, LogNormal, Normal, Parameter
from hyperopt_core.space.conditions import canonical
from hyperopt_core.space.scales import Continuous

_FEW = 10  # whole numbers that each get a label
_CROWDED = 40  # more levels than these have no room of their own on an axis
_FAN = 0.65  # the part of a cell that its lines may take
_CLOSE = 0.08  # ticks nearer than this part of the axis have no room for two labels


@dataclass(frozen=True)
class Tick:
    """A mark on an axis; a minor one has no label."""

    at: float  # 0 at the bottom .. 1 at the top
    label: str = ""


@dataclass(frozen=True)
class Axis:
    """One vertical axis."""

    name: str
    place: Callable[[Any], float]  # value -> 0..1
    ticks: tuple[Tick, ...]
    cell: float = 0.0  # height of the cell that a discrete value owns: room to spread its lines; 0: a continuum
    is_category: bool = False
    scale: Continuous | None = None  # of numbers: what 0 and 1 stand for
    whole: bool = False  # there are whole numbers alone


def parameter_axis(name: str, parameter: Parameter, seen: Sequence[Any]) -> Axis:
    """The axis of a parameter on its own scale. seen: the values drawn, for parameters without bounds."""
    match parameter:
        case Categorical():
            return _category_axis(name, parameter)
        case Int():
            return _int_axis(name, parameter)
        case Float():
            scale = Continuous(parameter.low, parameter.high, parameter.log)
            return _float_axis(name, scale, _bounded(parameter.low, parameter.high, parameter.log))
        case Beta():
            return _float_axis(name, Continuous(0.0, 1.0), ticks.linear(0.0, 1.0))
        case Normal() | LogNormal():
            return number_axis(
                name, seen or [parameter.decode(u) for u in (0.05, 0.95)], isinstance(parameter, LogNormal)
            )
    raise TypeError(f"{name} has no axis: {parameter!r}")


def number_axis(name: str, seen: Sequence[float], log: bool = False) -> Axis:
    """An axis over the range of the numbers that occur."""
    finite = [v for v in seen if math.isfinite(v)] or [0.0, 1.0]
    low, high = min(finite), max(finite)
    log = log and low > 0
    if not log:
        margin = 0.03 * (high - low)
        low, high = low - margin, high + margin
    return _float_axis(name, Continuous(low, high, log), _positions(low, high, log))


def _float_axis(name: str, scale: Continuous, values: Sequence[float]) -> Axis:
    decimal = scale.log and not ticks.powers_of_two(scale.low, scale.high)
    minor = ticks.logarithmic_minor(scale.low, scale.high) if decimal else []
    marks = [Tick(scale.encode(v), text) for v, text in zip(values, ticks.labels(values), strict=True)]
    return Axis(name, _clamped(scale), (*marks, *(Tick(scale.encode(v)) for v in minor)), scale=scale)


def _int_axis(name: str, parameter: Int) -> Axis:
    low, high, step = parameter.low, parameter.high, parameter.step
    if parameter.log:
        scale = Continuous(max(low - step / 2, low / 2), high + step / 2, True)
        values = sorted({round(v) for v in _bounded(low, high, True)})
    else:
        scale = Continuous(low - step / 2, high + step / 2)
        if parameter.levels <= _FEW:
            values = [parameter.level(i) for i in range(parameter.levels)]
        else:
            values = [round(v) for v in _with_ends(ticks.linear(low, high, whole=True), Continuous(low, high))]
    marks = tuple(Tick(scale.encode(v), ticks.number(v)) for v in values)
    cell = 0.0 if parameter.log or parameter.levels > _CROWDED else 1 / parameter.levels
    return Axis(name, _clamped(scale), marks, cell, scale=scale, whole=True)


def _category_axis(name: str, parameter: Categorical) -> Axis:
    """Numbers ascend; anything else reads from the top, as it was written."""
    count, choices = len(parameter.choices), parameter.choices
    numeric = all(isinstance(c, int | float) and not isinstance(c, bool) for c in choices)
    order = sorted(choices) if numeric else list(reversed(choices))
    rank = {parameter.index(choice): i for i, choice in enumerate(order)}
    texts = ticks.labels(order) if numeric else [_spelt(c) for c in order]
    every = math.ceil(count / _CROWDED)
    marks = tuple(Tick((i + 0.5) / count, "" if i % every else text) for i, text in enumerate(texts))
    cell = 1 / count if count <= _CROWDED else 0.0
    return Axis(name, lambda v: (rank[parameter.index(parameter.clean(v))] + 0.5) / count, marks, cell, True)


def _spelt(choice: Any) -> str:
    """A choice as its label: texts as they are, anything else as JSON, and so a text of nothing but spaces."""
    return (plain(choice) if isinstance(choice, str) else "") or canonical(choice)


def _positions(low: float, high: float, log: bool) -> list[float]:
    return ticks.logarithmic(low, high) if log and low < high else ticks.linear(low, high)


def _bounded(low: float, high: float, log: bool) -> list[float]:
    """The ticks of a range whose ends mean something."""
    return (log and ticks.powers_of_two(low, high)) or _with_ends(
        _positions(low, high, log), Continuous(low, high, log)
    )


def _with_ends(values: Sequence[float], scale: Continuous) -> list[float]:
    """The ends of the range too, where they are short numbers and not close to another tick."""
    out = list(values)
    for end in (scale.low, scale.high):
        short = float(f"{end:.3g}") == end
        if short and all(abs(scale.encode(end) - scale.encode(v)) > _CLOSE for v in out):
            out.append(end)
    return sorted(out)


def _clamped(scale: Continuous) -> Callable[[Any], float]:
    return lambda value: min(max(scale.encode(value), 0.0), 1.0) if not scale.log or value > 0 else 0.0


def spread(places: Mapping[int, float], cell: float, step: float = 0.016) -> dict[int, float]:
    """Lines that meet in one place, fanned out inside their cell in the order given, the first at the top.

    places: key -> 0..1. cell: the height of a cell. step: the most between two lines.
    """
    groups: dict[float, list[int]] = {}
    for key, at in places.items():
        groups.setdefault(at, []).append(key)
    largest = max(map(len, groups.values()), default=1)
    # One step for all cells: the width of a fan shows how often its value was tried.
    step = min(_FAN * cell / largest, step)
    return {key: at + step * ((len(keys) - 1) / 2 - i) for at, keys in groups.items() for i, key in enumerate(keys)}
