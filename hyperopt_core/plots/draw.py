"""Drawing a parallel-coordinates figure: every mark in points on one blank page, so that nothing meets by accident."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.patches import Polygon, Rectangle
from matplotlib.path import Path

from hyperopt_core.plots import ticks
from hyperopt_core.plots.layout import GAP, LANE_LABEL, LINE, STRIP, Layout
from hyperopt_core.plots.metric import MetricScale
from hyperopt_core.plots.palette import ACCENT, FAINT, INK, LANE, MUTED, RULE
from hyperopt_core.plots.scales import Axis
from hyperopt_core.plots.style import NAME_SIZE, NOTE_SIZE, TICK_SIZE, TITLE_SIZE, colours, new_figure

_BEND = 0.38  # how far a line leaves an axis level before it turns, as a part of the way to the next
_DASHES = (0, (4.0, 1.6))
_CHIP: Any = {
    "boxstyle": "round,pad=0.12",
    "facecolor": "white",
    "edgecolor": "none",
    "alpha": 0.75,
}  # behind a tick label


@dataclass(frozen=True)
class Line:
    """A trial as it is drawn."""

    number: int
    places: tuple[float, ...]  # 0..1 on each axis, the metric's last; where inactive: 0..1 in the lane
    inactive: tuple[bool, ...]
    shade: float | None  # 0 (worst) .. 1 (best) of those in colour; None: grey
    stopped: bool


class Canvas:
    """A blank page of the layout's size, and the parts of the figure in the order in which they are drawn."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.figure = new_figure(layout.width, layout.height)
        self._page = self.figure.add_axes((0, 0, 1, 1))
        self._page.set_axis_off()
        self._page.set_xlim(0, layout.width)
        self._page.set_ylim(0, layout.height)

    def axes(self, columns: Sequence[Axis]) -> None:
        """The parameters' axes with ticks, labels and names, and the lane for inactive ones."""
        at = self.layout
        if at.has_lane:
            self._lane()
        for i, (axis, x) in enumerate(zip(columns, at.xs, strict=False)):
            self._rule(x, i)
            self._name(x, at.top + 13, at.names[i], i, "normal")
            labels = iter(at.labels[i])
            for n, tick in enumerate(axis.ticks):
                length = 4.0 if tick.label else 2.0
                self._segments([[(x - length, at.y(tick.at)), (x, at.y(tick.at))]], RULE, 0.8, 3)
                if tick.label:
                    self._tick_label(x - GAP, at.y(tick.at), next(labels), ha="right", gid=f"tick:{i}:{n}")

    def metric_axis(self, direction: str) -> None:
        """The last axis with its name and which way is better."""
        at, x, i = self.layout, self.layout.xs[-1], len(self.layout.xs) - 1
        self._rule(x, i)
        self._name(x, at.top + 13 + NAME_SIZE * LINE, at.names[-1], i, "bold")
        self._text(x, at.top + 13, direction, NOTE_SIZE, "center", "baseline", "direction", color=MUTED)

    def colour_bar(self, scale: MetricScale, span: tuple[float, float] | None) -> None:
        """The colour bar along the last axis, with ticks.

        span: the places of the worst and the best line in colour; None where all are grey.
        """
        at, x, i = self.layout, self.layout.xs[-1], len(self.layout.xs) - 1
        bar = _bar(span)
        left, right = x + 3, x + 3 + STRIP
        self._page.imshow(
            bar[:, None], extent=(left, right, at.bottom, at.top), origin="lower", aspect="auto", zorder=3
        ).set_gid("colour-bar")
        self._page.set_xlim(0, at.width)  # imshow has moved them
        self._page.set_ylim(0, at.height)
        values = scale.values
        for n, (value, label) in enumerate(zip(values, ticks.labels(values), strict=True)):
            y = at.y(scale.place(value))
            self._segments([[(right, y), (right + 3, y)]], RULE, 0.8, 3)
            self._tick_label(right + GAP, y, label, ha="left", gid=f"tick:{i}:{n}")
        if scale.clipped:
            tip = [(left, at.bottom), (right, at.bottom), ((left + right) / 2, at.bottom - 9)]
            self._page.add_patch(Polygon(tip, facecolor=bar[0], edgecolor="none", zorder=3))
            self._tick_label(right + GAP - 2, at.bottom - 12, scale.clip_text, ha="left", gid="clipped")

    def lines(self, lines: Sequence[Line]) -> None:
        """Every trial: the grey ones, then those in colour from the worst to the best, the better the stronger."""
        grey = [line for line in lines if line.shade is None]
        shown = [line for line in lines if line.shade is not None]
        thin = float(np.clip(4.0 / max(len(lines), 1) ** 0.5, 0.2, 0.8))
        self._curves(
            grey, np.tile(_rgba(FAINT, min(1.0, thin + 0.15)), (len(grey), 1)), np.full(len(grey), 0.6), "excluded", 1
        )
        rank = (np.arange(len(shown)) + 1) / max(len(shown), 1)
        strength = np.clip((rank - 0.8) / 0.2, 0.0, 1.0)  # the best fifth stands out
        rgba = colours(np.array([line.shade for line in shown], dtype=float))
        rgba[:, 3] = thin + (0.95 - thin) * strength
        self._curves(shown, rgba, 0.6 + 0.9 * thin + 0.5 * strength, "trials", 2)

    def incumbent(self, line: Line, columns: Sequence[Axis], tags: Sequence[str]) -> None:
        """The best line over all others, its value on each axis, and the key above."""
        at = self.layout
        path = self._path(line)
        for colour, thickness, gid in (("white", 5.0, "incumbent-halo"), (ACCENT, 2.4, "incumbent")):
            one = PathCollection([path], facecolors="none", edgecolors=colour, linewidths=thickness, zorder=5)
            one.set_gid(gid)
            self._page.add_collection(one)
        for i, (x, tag) in enumerate(zip(at.xs, tags, strict=True)):
            y = at.point(line.places[i], line.inactive[i])
            self._page.plot([x], [y], "o", color=ACCENT, markersize=5.5, markeredgecolor="white", zorder=6)
            if tag:
                is_metric = i == len(at.xs) - 1
                self._tag(x - GAP if is_metric else x + GAP, y, tag, "right" if is_metric else "left", f"tag:{i}")
        for i, axis in enumerate(columns):
            if axis.is_category and not line.inactive[i]:
                self._embolden(i, axis, line.places[i])
        self._segments([[(at.margin, at.key_y + 3), (at.margin + 18, at.key_y + 3)]], ACCENT, 2.4, 5)
        self._text(at.margin + 24, at.key_y, at.key, NAME_SIZE, "left", "baseline", "key", color=ACCENT)

    def words(self) -> None:
        """The title above and the notes below."""
        at = self.layout
        self._text(at.margin, at.title_y, at.title, TITLE_SIZE, "left", "baseline", "title", "bold")
        self._text(at.margin, at.margin, at.notes, NOTE_SIZE, "left", "bottom", "notes", color=MUTED, linespacing=1.25)

    def message(self, text: str) -> None:
        """A sentence across an empty figure."""
        at = self.layout
        box = {"boxstyle": "round,pad=0.6", "facecolor": "white", "edgecolor": FAINT}
        self._text(at.width / 2, at.y(0.5), text, TITLE_SIZE, "center", "center", "message", color=MUTED, bbox=box)

    # --- parts -------------------------------------------------------------------------------------------------------

    def _rule(self, x: float, i: int) -> None:
        self._segments([[(x, self.layout.bottom), (x, self.layout.top)]], RULE, 1.0, 3, gid=f"axis:{i}")

    def _lane(self) -> None:
        at = self.layout
        low, high = at.point(0.0, True), at.point(1.0, True)
        left, right = at.xs[0], at.xs[-2]
        band = Rectangle((left - 4, low), right - left + 8, high - low, facecolor=LANE, edgecolor="none", zorder=0)
        band.set_gid("lane")
        self._page.add_patch(band)
        self._tick_label(left - GAP, (low + high) / 2, LANE_LABEL, ha="right", gid="lane-label")
        for x in at.xs[:-1]:
            self._segments([[(x, low), (x, high)]], RULE, 1.0, 3)

    def _path(self, line: Line) -> Path:
        """Level where it crosses an axis, smooth in between."""
        at = self.layout
        points = [
            (x, at.point(place, inactive)) for x, place, inactive in zip(at.xs, line.places, line.inactive, strict=True)
        ]
        vertices, codes = [points[0]], [Path.MOVETO]
        for (x0, y0), (x1, y1) in pairwise(points):
            bend = _BEND * (x1 - x0)
            vertices += [(x0 + bend, y0), (x1 - bend, y1), (x1, y1)]
            codes += [Path.CURVE4] * 3
        return Path(vertices, codes)

    def _curves(self, lines: Sequence[Line], rgba: np.ndarray, widths: np.ndarray, gid: str, zorder: float) -> None:
        if not lines:
            return
        styles: list[Any] = [_DASHES if line.stopped else "solid" for line in lines]
        group = PathCollection(
            [self._path(line) for line in lines],
            facecolors="none",
            edgecolors=rgba,
            linewidths=widths,
            linestyles=styles,
            zorder=zorder,
        )
        group.set_gid(gid)
        self._page.add_collection(group)

    def _segments(
        self, segments: Sequence[Any], colour: str, thickness: float, zorder: float, gid: str | None = None
    ) -> None:
        group = LineCollection(segments, colors=colour, linewidths=thickness, zorder=zorder, capstyle="butt")
        group.set_gid(gid)
        self._page.add_collection(group)

    def _text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        ha: str,
        va: str,
        gid: str,
        weight: str = "normal",
        **more: Any,
    ) -> None:
        kept: Any = {"color": INK, "linespacing": 1.15, "zorder": 7} | more
        label = self._page.text(x, y, text, fontsize=size, ha=ha, va=va, fontweight=weight, parse_math=False, **kept)
        label.set_gid(gid)

    def _name(self, x: float, y: float, name: str, i: int, weight: str) -> None:
        # Line by line: names stand on one baseline, whether or not they have descenders.
        for n, line in enumerate(reversed(name.split("\n"))):
            self._text(x, y + n * NAME_SIZE * LINE, line, NAME_SIZE, "center", "baseline", f"name:{i}:{n}", weight)

    def _tick_label(self, x: float, y: float, text: str, ha: str, gid: str) -> None:
        self._text(x, y, text, TICK_SIZE, ha, "center_baseline", gid, color=MUTED, bbox=_CHIP, zorder=6.5)

    def _tag(self, x: float, y: float, text: str, ha: str, gid: str) -> None:
        box = {
            "boxstyle": "round,pad=0.3,rounding_size=0.4",
            "facecolor": ACCENT,
            "edgecolor": "white",
            "linewidth": 0.8,
        }
        self._text(x, y, text, TICK_SIZE, ha, "center_baseline", gid, "bold", color="white", bbox=box)

    def _embolden(self, i: int, axis: Axis, place: float) -> None:
        """Set off the label of the category that the incumbent has."""
        n = min(range(len(axis.ticks)), key=lambda n: abs(axis.ticks[n].at - place))
        for text in self._page.texts:
            if text.get_gid() == f"tick:{i}:{n}":
                text.set(color=ACCENT, fontweight="bold")


def _bar(span: tuple[float, float] | None) -> np.ndarray:
    """The colours (256, 4) along the metric's axis, from the bottom to the top."""
    if span is None:
        return np.tile(_rgba(FAINT, 1.0), (256, 1))
    if span[0] == span[1]:
        return colours(np.ones(256))
    return colours((np.linspace(0, 1, 256) - span[0]) / (span[1] - span[0]))


def _rgba(colour: str, alpha: float) -> tuple[float, float, float, float]:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue, alpha
