"""A chart's figure by matplotlib: the same marks, axes and words as on the page, laid out for print."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure as Picture
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from hyperopt_core.plots.figure import is_message
from hyperopt_core.plots.palette import FAINT, MUTED
from hyperopt_core.plots.style import NAME_SIZE, NOTE_SIZE, TICK_SIZE, TITLE_SIZE, colours, house_style, new_figure
from hyperopt_core.plots.text import plain, shorten, shorten_all, width, wrap_words

if TYPE_CHECKING:
    from hyperopt_core.plots.chart import Chart

Trace = Mapping[str, Any]

_PAGE = {1: 500.0, 2: 700.0, 3: 700.0, 4: 760.0}  # points wide, by the columns of panels
_EDGE, _GAP = 12.0, 16.0
_MARKERS = {
    "circle": "o",
    "circle-open": "o",
    "x-thin-open": "x",
    "line-ns-open": "|",
    "line-ew-open": "_",
}
_DASHES = {"solid": "solid", "dash": (0, (4, 2)), "dot": (0, (1, 2))}
_LONGEST_LABEL = 0.4  # of a panel's width


def render(chart: Chart) -> Picture:
    """The chart as a matplotlib figure that no global state knows of."""
    layout = chart.figure["layout"]
    keys = [key.removeprefix("xaxis") for key in layout if key.startswith("xaxis")]
    columns = layout["meta"]["columns"]
    rows = math.ceil(len(keys) / columns)
    page, high = _PAGE[columns], layout["meta"]["row"] * 0.72
    title = plain(f"{chart.subject.name}: {chart.title}" if chart.subject and chart.subject.name else chart.title)
    notes = wrap_words(chart.summary, page - 2 * _EDGE, NOTE_SIZE) if not is_message(chart.figure) else ""
    foot = _EDGE + (notes.count("\n") + 1) * NOTE_SIZE * 1.3
    legend = [t for t in chart.figure["data"] if t["showlegend"]]
    head = _EDGE + TITLE_SIZE + (22.0 if legend else 10.0)
    height = head + rows * high + foot
    with house_style():
        picture = new_figure(page, height)
        text = shorten(title, page - 2 * _EDGE, TITLE_SIZE, "bold")
        picture.text(
            _EDGE / page, 1 - _EDGE / height, text, fontsize=TITLE_SIZE, fontweight="bold", va="top", parse_math=False
        )
        picture.text(
            _EDGE / page, _EDGE / height, notes, color=MUTED, fontsize=NOTE_SIZE, va="bottom", parse_math=False
        )
        wide = (page - 2 * _EDGE) / columns
        for i, key in enumerate(keys):
            down, across = divmod(i, columns)
            box = (_EDGE + across * wide, height - head - (down + 1) * high, wide, high)
            _panel(picture, chart.figure, key, box, shared=across > 0)
        if legend:
            _legend(picture, legend, 1 - (_EDGE + TITLE_SIZE + 4) / height, _EDGE / page)
    return picture


def _panel(picture: Picture, figure: Mapping[str, Any], key: str, box: tuple[float, ...], shared: bool) -> None:
    layout, (left, bottom, wide, high) = figure["layout"], box
    page, height = picture.get_size_inches() * 72
    x, y = layout[f"xaxis{key}"], layout[f"yaxis{key}"]
    if is_message(figure):
        axes = picture.add_axes((left / page, bottom / height, wide / page, high / height))
        axes.axis("off")
        axes.text(
            0.5,
            0.5,
            layout["annotations"][0]["text"],
            ha="center",
            va="center",
            color=MUTED,
            fontsize=NAME_SIZE,
            parse_math=False,
            wrap=True,
        )
        return
    traces = [t for t in figure["data"] if t["xaxis"] == f"x{key}"]
    labels = shorten_all(y["ticktext"], _LONGEST_LABEL * wide, TICK_SIZE)
    same = shared and y["range"] == layout["yaxis"]["range"] and y["ticktext"] == layout["yaxis"]["ticktext"]
    named = bool(y["title"]["text"]) and not same
    margin = (4 if same else max((width(t, TICK_SIZE) for t in labels), default=0.0) + 8) + (
        NAME_SIZE * 1.5 if named else 2
    )
    bar = next((t for t in traces if "colorbar" in t), None)
    room = 58.0 if bar else _GAP / 2
    top = 16.0 if any(a.get("xref") == f"x{key} domain" for a in layout["annotations"]) else 6.0
    inner = (left + margin, bottom + 36.0, wide - margin - room, high - 36.0 - top)
    axes = picture.add_axes((inner[0] / page, inner[1] / height, inner[2] / page, inner[3] / height))
    _scales(axes, x, y, labels, inner, same)
    for trace in traces:
        _DRAW[trace["type"]](axes, trace)
    if bar is not None:
        _colour_bar(picture, bar, (inner[0] + inner[2] + 8, inner[1], 8.0, inner[3]))
    for note in layout["annotations"]:
        if note.get("xref") == f"x{key} domain":
            axes.text(
                0,
                1.02,
                note["text"],
                transform=axes.transAxes,
                va="bottom",
                color=MUTED,
                fontsize=NAME_SIZE,
                parse_math=False,
            )


def _scales(axes: Axes, x: Trace, y: Trace, y_labels: Sequence[str], inner: tuple[float, ...], same: bool) -> None:
    for one, axis, name in ((x, axes.xaxis, "x"), (y, axes.yaxis, "y")):
        log = one["type"] == "log"
        low, high = (10.0**v for v in one["range"]) if log else one["range"]
        getattr(axes, f"set_{name}scale")("log" if log else "linear")
        getattr(axes, f"set_{name}lim")(low, high)
        inside = [i for i, v in enumerate(one["tickvals"]) if low - 1e-9 <= v <= high * (1 + 1e-9) + 1e-9]
        texts = y_labels if name == "y" else _fitting(one, inner[2])
        axis.set_major_locator(FixedLocator([one["tickvals"][i] for i in inside]))
        shown = [texts[i].replace("$", r"\$") for i in inside]  # no formulas
        axis.set_major_formatter(FixedFormatter([] if name == "y" and same else shown))
        axis.set_minor_locator(NullLocator())
        if one.get("showgrid", True):
            axes.grid(axis=name, color=FAINT, linewidth=0.5, alpha=0.6)  # type: ignore[arg-type]
    axes.set_axisbelow(True)
    axes.set_xlabel(shorten(x["title"]["text"], inner[2] + 6, NAME_SIZE), fontsize=NAME_SIZE, parse_math=False)
    if not same:
        axes.set_ylabel(shorten(y["title"]["text"], inner[3], NAME_SIZE), fontsize=NAME_SIZE, parse_math=False)


def _fitting(axis: Trace, room: float) -> list[str]:
    """Labels below an axis: those of few categories shortened, of many numbers every so many."""
    texts = list(axis["ticktext"])
    pitch = room / max(len(texts), 1)
    if all(width(t, TICK_SIZE) <= pitch - 3 for t in texts):
        return texts
    are_numbers = all(re.match(r"[−-]?\d", t) for t in texts)
    if len(texts) <= 6 and pitch >= 24 and not are_numbers:
        return shorten_all(texts, pitch - 4, TICK_SIZE)
    every = math.ceil((max(width(shorten(t, 60, TICK_SIZE), TICK_SIZE) for t in texts) + 4) / pitch)
    return [shorten(t, 60, TICK_SIZE) if i % every == 0 else "" for i, t in enumerate(texts)]


# --- traces -----------------------------------------------------------------------------------------------------------


def _scatter(axes: Axes, trace: Trace) -> None:
    x, y = _floats(trace["x"]), _floats(trace["y"])
    if trace.get("fill") == "toself":
        axes.fill(x, y, color=trace["fillcolor"], linewidth=0, zorder=1.5)
        return
    if trace["mode"] == "lines":
        style, shade = trace["line"], trace.get("meta", {}).get("shade")
        colour = style["color"] if shade is None else tuple(colours(np.array([shade]))[0])
        drawn: Any = {"drawstyle": "steps-post" if style["shape"] == "hv" else "default"}
        axes.plot(
            x, y, color=colour, linewidth=0.8 * style["width"], linestyle=_DASHES[style["dash"]], zorder=2.5, **drawn
        )
        return
    marker = trace["marker"]
    face = colours(np.array(marker["color"])) if isinstance(marker["color"], list) else marker["color"]
    look: Any = {"s": (0.8 * marker["size"]) ** 2, "marker": _MARKERS[marker["symbol"]], "zorder": 3}
    if marker["symbol"] == "circle-open":
        look |= {"facecolor": "none", "edgecolor": face, "linewidth": 0.9}
    elif marker["symbol"] == "circle":
        edge = marker.get("line", {"width": 0, "color": "none"})
        look |= {"c": face, "linewidth": 0.8 * edge["width"], "edgecolor": edge["color"]}
    else:
        look |= {"c": face, "linewidth": 1.1}
    axes.scatter(x, y, **look)
    for along in ("x", "y"):
        if f"error_{along}" in trace:
            _errors(axes, x, y, along, trace[f"error_{along}"])


def _errors(axes: Axes, x: np.ndarray, y: np.ndarray, along: str, bars: Trace) -> None:
    spread: Any = {f"{along}err": np.array([_floats(bars["arrayminus"]), _floats(bars["array"])])}
    axes.errorbar(x, y, fmt="none", ecolor=bars["color"], elinewidth=0.9, zorder=2.8, **spread)


def _bar(axes: Axes, trace: Trace) -> None:
    upright = trace["orientation"] == "v"
    at, length = (_floats(trace[k]) for k in (("x", "y") if upright else ("y", "x")))
    base = _floats(trace["base"]) if isinstance(trace["base"], list) else np.full(len(at), float(trace["base"]))
    draw: Any = axes.bar if upright else axes.barh
    draw(at, length, trace["width"], base, color=trace["marker"]["color"], linewidth=0, zorder=2)
    for along in ("x", "y"):
        if f"error_{along}" in trace:
            x, y = (at, base + length) if upright else (base + length, at)
            _errors(axes, x, y, along, trace[f"error_{along}"])


def _cells(axes: Axes, trace: Trace) -> None:
    z = np.array([_floats(row) for row in trace["z"]])
    x, y = _floats(trace["x"]), _floats(trace["y"])
    norm, colours_ = _mapping(trace)
    axes.pcolormesh(_edges(x), _edges(y), np.ma.masked_invalid(z), cmap=colours_, norm=norm, zorder=1, rasterized=True)
    if trace["type"] == "contour" and np.isfinite(z).sum() > 3 and np.nanmax(z) > np.nanmin(z):
        levels = [v for v in trace["colorbar"]["tickvals"] if np.nanmin(z) < v < np.nanmax(z)]
        if levels:
            line = trace["line"]
            axes.contour(
                x, y, np.ma.masked_invalid(z), levels=levels, colors=line["color"], linewidths=line["width"], zorder=1.2
            )


_DRAW = {"scatter": _scatter, "bar": _bar, "heatmap": _cells, "contour": _cells}


def _mapping(trace: Trace) -> tuple[Normalize, LinearSegmentedColormap]:
    low, high = trace["zmin"], trace["zmax"]
    stops = [(at, colour) for at, colour in trace["colorscale"]]
    return Normalize(low, high if high > low else low + 1), LinearSegmentedColormap.from_list("house", stops)


def _edges(at: np.ndarray) -> np.ndarray:
    """The borders of cells around `at`, which ascends."""
    if len(at) == 1:
        return np.array([at[0] - 0.5, at[0] + 0.5])
    middles = np.array([a / 2 + b / 2 for a, b in pairwise(at)])
    return np.concatenate(([2 * at[0] - middles[0]], middles, [2 * at[-1] - middles[-1]]))


def _colour_bar(picture: Picture, trace: Trace, box: tuple[float, ...]) -> None:
    page, height = picture.get_size_inches() * 72
    axes = picture.add_axes((box[0] / page, box[1] / height, box[2] / page, box[3] / height))
    norm, colours_ = _mapping(trace)
    bar = picture.colorbar(ScalarMappable(norm, colours_), cax=axes)
    bar.outline.set_visible(False)
    given = trace["colorbar"]
    axes.yaxis.set_major_locator(FixedLocator(given["tickvals"]))
    axes.yaxis.set_major_formatter(FixedFormatter([shorten(t, 34, TICK_SIZE) for t in given["ticktext"]]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_title(
        shorten(given["title"]["text"], 70, NOTE_SIZE), fontsize=NOTE_SIZE, color=MUTED, parse_math=False, pad=4
    )


def _legend(picture: Picture, traces: Sequence[Trace], top: float, left: float) -> None:
    from matplotlib.lines import Line2D

    handles, seen = [], set()
    for trace in traces:
        if trace["name"] in seen:
            continue
        seen.add(trace["name"])
        look: Any = {"linestyle": "none"}
        if trace["type"] == "bar":
            look |= {"marker": "s", "markersize": 6, "color": trace["marker"]["color"]}
        elif trace["mode"] == "lines":
            look = {"color": trace["line"]["color"], "linewidth": 1.6, "linestyle": _DASHES[trace["line"]["dash"]]}
        else:
            symbol, colour = trace["marker"]["symbol"], trace["marker"]["color"]
            look |= {"marker": _MARKERS[symbol], "markersize": 5, "color": colour}
            look |= {"markerfacecolor": "none"} if symbol == "circle-open" else {}
        handles.append(Line2D([], [], label=trace["name"].replace("$", r"\$"), **look))
    legend = picture.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(left, top), ncols=len(handles), frameon=False
    )
    legend.set_zorder(5)
    for text in legend.get_texts():
        text.set_fontsize(NOTE_SIZE)


def _floats(values: Sequence[float | None]) -> np.ndarray:
    return np.array([math.nan if v is None else v for v in values], dtype=float)
