"""Figures as plain dicts in a part of Plotly's JSON schema: the one form that the page, notebooks and print draw.

Used are traces of type scatter (markers, lines, filled shapes, error bars), bar, heatmap and contour on Cartesian axes
whose range and ticks are given. Texts are plain; `for_plotly` escapes them for Plotly, which reads a little HTML.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hyperopt_core.plots import ticks
from hyperopt_core.plots.palette import ACCENT, BLUE, FAINT, INK, MUTED, RULE, SCALE
from hyperopt_core.plots.text import plain

Trace = dict[str, Any]
Axis = dict[str, Any]
Figure = dict[str, Any]

_COLOURS: list[list[Any]] = [[i / (len(SCALE) - 1), colour] for i, colour in enumerate(SCALE)]
_ROW, _GAP = 300, 0.12  # height of a row in pixels, part of it between rows


@dataclass(frozen=True)
class Panel:
    """Two axes and what is drawn on them."""

    x: Axis
    y: Axis
    traces: Sequence[Trace]
    title: str = ""


def numbers(values: Iterable[float | None]) -> list[float | None]:
    """Values with 6 significant digits; None for what is not finite, which Plotly leaves out."""
    out: list[float | None] = []
    for v in values:
        good = v is not None and math.isfinite(v)
        out.append((int(v) if v == int(v) else float(f"{v:.6g}")) if good else None)  # type: ignore[arg-type]
    return out


# --- axes -------------------------------------------------------------------------------------------------------------


def axis(
    title: str,
    low: float,
    high: float,
    marks: Sequence[tuple[float, str]],
    *,
    log: bool = False,
    scale: Mapping[str, Any] | None = None,
) -> Axis:
    """An axis from `low` to `high` with labels at some values. log: a logarithmic one.

    scale: what a part of it is labelled by, where that is not by its marks: {} by its numbers, {"whole": True} by whole
    ones, {"low", "high", "log"} by the numbers that 0 to 1 stand for.
    """
    ends = [math.log10(low), math.log10(high)] if log else [low, high]
    given = {} if scale is None else {"scale": dict(scale)}
    return given | {
        "title": {"text": plain(title)},
        "type": "log" if log else "linear",
        "range": ends,
        "tickmode": "array",
        "tickvals": [at for at, _ in marks],
        "ticktext": [plain(label) for _, label in marks],
    }


def number_axis(title: str, values: Sequence[float], *, whole: bool = False, log: bool = False) -> Axis:
    """An axis over all values, with a little room."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if log and low > 0:
        room = max(high / low, 1.1) ** 0.04
        shown = ticks.logarithmic(low, high) if low < high else [low]
        return axis(
            title, low / room, high * room, list(zip(shown, ticks.labels(shown), strict=True)), log=True, scale={}
        )
    room = 0.04 * (high - low) or abs(low) / 10 or 0.5
    shown = ticks.linear(low, high, whole=whole)
    marks = list(zip(shown, ticks.labels(shown), strict=True))
    return axis(title, low - room, high + room, marks, scale={"whole": True} if whole else {})


# --- traces -----------------------------------------------------------------------------------------------------------


def points(
    x: Sequence[float],
    y: Sequence[float],
    *,
    name: str = "",
    colour: str = BLUE,
    shade: Sequence[float] | None = None,
    symbol: str = "circle",
    size: float = 6,
    edge: str = "",
    text: Sequence[str] = (),
    trials: Sequence[int] = (),
    error: Mapping[str, Any] | None = None,
) -> Trace:
    """Marks. shade: 0 (worst) to 1 (best) instead of a colour. trials: the trial behind each. error: see `errors`."""
    marker: dict[str, Any] = {"color": colour, "size": size, "symbol": symbol}
    if symbol != "circle" or edge:
        marker["line"] = {"width": 1.2, "color": edge or colour}
    if shade is not None:
        marker |= {"color": numbers(shade), "colorscale": _COLOURS, "cmin": 0, "cmax": 1}
    out: Trace = {"type": "scatter", "mode": "markers", "x": numbers(x), "y": numbers(y), "marker": marker}
    return _common(out, name, text) | ({"customdata": list(trials)} if trials else {}) | dict(error or {})


def errors(along: str, below: Sequence[float], above: Sequence[float], colour: str = INK) -> dict[str, Any]:
    """Bars from `below` to `above` a value, `along` "x" or "y"."""
    bars = {"type": "data", "symmetric": False, "array": numbers(above), "arrayminus": numbers(below)}
    return {f"error_{along}": bars | {"color": colour, "thickness": 1.2, "width": 0}}


def line(
    x: Sequence[float],
    y: Sequence[float],
    *,
    name: str = "",
    colour: str = ACCENT,
    width: float = 2,
    dash: str = "solid",
    steps: bool = False,
    trial: int | None = None,
    shade: float | None = None,
    text: Sequence[str] = (),
) -> Trace:
    """A line. steps: it keeps its height up to the next x. shade: 0 (worst) to 1 (best) where that gives the colour."""
    style = {"color": colour, "width": width, "dash": dash, "shape": "hv" if steps else "linear"}
    meta = {k: v for k, v in (("trial", trial), ("shade", shade)) if v is not None}
    out: Trace = {"type": "scatter", "mode": "lines", "x": numbers(x), "y": numbers(y), "line": style}
    return _common(out, name, text) | ({"meta": meta} if meta else {})


def band(x: Sequence[float], low: Sequence[float], high: Sequence[float], colour: str, name: str = "") -> Trace:
    """The area between two lines."""
    around = numbers([*x, *reversed(x)]), numbers([*low, *reversed(high)])
    out: Trace = {"type": "scatter", "mode": "lines", "x": around[0], "y": around[1], "fill": "toself"}
    out |= {"fillcolor": colour, "line": {"width": 0, "color": colour, "dash": "solid", "shape": "linear"}}
    return _common(out, name, ())


def bars(
    at: Sequence[float],
    length: Sequence[float],
    *,
    base: Sequence[float] | float = 0,
    name: str = "",
    colour: str = BLUE,
    width: float = 0.62,
    upright: bool = False,
    text: Sequence[str] = (),
    trials: Sequence[int] = (),
    error: Mapping[str, Any] | None = None,
) -> Trace:
    """Bars that lie at heights `at`, or stand there (`upright`), from `base` on."""
    across, along = ("x", "y") if upright else ("y", "x")
    start = numbers(base) if isinstance(base, Sequence) else base
    out: Trace = {"type": "bar", "orientation": "v" if upright else "h", across: numbers(at), along: numbers(length)}
    out |= {"base": start, "width": width, "marker": {"color": colour, "line": {"width": 0}}}
    return _common(out, name, text) | ({"customdata": list(trials)} if trials else {}) | dict(error or {})


def cells(
    x: Sequence[float],
    y: Sequence[float],
    z: Sequence[Sequence[float]],
    title: str,
    *,
    better: str = "low",
    lines: bool = False,
) -> Trace:
    """A value at every x (columns) and y (rows of `z`) in colours, with lines of equal height where asked for.

    better: "low" or "high", the end that is dark.
    """
    scale = [[1 - at, colour] for at, colour in reversed(_COLOURS)] if better == "low" else _COLOURS
    finite = [v for row in z for v in row if math.isfinite(v)] or [0.0, 1.0]
    low, high = min(finite), max(finite)
    shown = ticks.linear(low, high) or [low]
    bar = {
        "title": {"text": plain(title)},
        "tickvals": shown,
        "ticktext": ticks.labels(shown),
        "thickness": 12,
        "len": 1,
        "outlinewidth": 0,
    }
    out: Trace = {"x": numbers(x), "y": numbers(y), "z": [numbers(row) for row in z], "zmin": low, "zmax": high}
    out |= {"colorscale": scale, "colorbar": bar, "hoverinfo": "z", "showlegend": False}
    if not lines:
        return {"type": "heatmap"} | out
    step = shown[1] - shown[0] if len(shown) > 1 else 1.0
    contours = {"coloring": "heatmap", "start": shown[0], "end": shown[-1], "size": step}
    return {"type": "contour", "contours": contours, "line": {"color": INK, "width": 0.6}} | out


def _common(trace: Trace, name: str, text: Sequence[str]) -> Trace:
    trace |= {"name": plain(name), "showlegend": bool(name), "hoverinfo": "text" if text else "skip"}
    return trace | ({"text": [plain(t) for t in text]} if text else {})


# --- figures ----------------------------------------------------------------------------------------------------------


def figure(panels: Sequence[Panel], *, columns: int = 1, row: int = _ROW) -> Figure:
    """Panels in rows of `columns`, each `row` pixels high."""
    data: list[Trace] = []
    columns = min(columns, len(panels))
    rows = math.ceil(len(panels) / columns)
    scales: dict[str, Any] = {}
    layout = _layout(rows * row + 70) | {"meta": {"columns": columns, "row": row, "scales": scales}}
    for i, panel in enumerate(panels):
        place = "" if i == 0 else str(i + 1)
        down, across = divmod(i, columns)
        left, right = across / columns, (across + 1 - (0.14 if columns > 1 else 0.0)) / columns
        top, bottom = 1 - down / rows, 1 - (down + 1 - (_GAP * 2 if rows > 1 else 0.0)) / rows
        scales |= {f"{x}axis{place}": a["scale"] for x, a in (("x", panel.x), ("y", panel.y)) if "scale" in a}
        layout[f"xaxis{place}"] = _drawn(panel.x) | {"domain": [left, right], "anchor": f"y{place}"}
        layout[f"yaxis{place}"] = _drawn(panel.y) | {"domain": [bottom, top], "anchor": f"x{place}"}
        for trace in panel.traces:
            placed = trace | {"xaxis": f"x{place}", "yaxis": f"y{place}"}
            if "colorbar" in trace:
                placed["colorbar"] = trace["colorbar"] | {"x": right, "y": (top + bottom) / 2, "len": top - bottom}
            data.append(placed)
        if panel.title:
            note = _note(panel.title, x=0, y=1.02, xref=f"x{place} domain", yref=f"y{place} domain")
            layout["annotations"].append(note | {"xanchor": "left", "yanchor": "bottom"})
    return {"data": data, "layout": layout}


def message(text: str) -> Figure:
    """A sentence instead of a figure."""
    layout = _layout(220) | {"meta": {"columns": 1, "row": 160}}
    for name in ("xaxis", "yaxis"):
        layout[name] = {"visible": False, "range": [0, 1]}
    layout["annotations"].append(_note(text, x=0.5, y=0.5, xref="paper", yref="paper"))
    return {"data": [], "layout": layout}


def is_message(figure: Mapping[str, Any]) -> bool:
    """Whether there is nothing to draw but a sentence."""
    return not figure["data"]


def for_plotly(figure: Figure, title: str = "") -> Figure:
    """The figure with every text escaped, as Plotly wants it."""
    out = {key: _escaped(value) for key, value in figure.items()}
    if title:
        out["layout"] |= {"title": {"text": _escaped(plain(title)), "x": 0, "xref": "paper"}}
    return out


def _escaped(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {k: _escaped(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_escaped(v, key) for v in value]
    # A dollar sign would begin a formula.
    return html.escape(value, quote=False).replace("$", "&#36;") if isinstance(value, str) else value


def _layout(height: int) -> dict[str, Any]:
    return {
        "height": height,
        "font": {"family": "DejaVu Sans, Verdana, sans-serif", "size": 12, "color": INK},
        "paper_bgcolor": "white",
        "plot_bgcolor": "white",
        "margin": {"l": 80, "r": 20, "t": 50, "b": 50},
        "hovermode": "closest",
        "barmode": "overlay",
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "annotations": [],
    }


def _drawn(given: Axis) -> Axis:
    look = {"linecolor": RULE, "gridcolor": FAINT, "tickfont": {"color": MUTED}, "zeroline": False, "automargin": True}
    return {key: value for key, value in given.items() if key != "scale"} | look


def _note(text: str, **place: Any) -> dict[str, Any]:
    return {"text": plain(text), "showarrow": False, "font": {"color": MUTED}, **place}
