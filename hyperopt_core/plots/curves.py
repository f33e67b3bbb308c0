"""What each trial reported step by step."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator, MaxNLocator, NullLocator

from hyperopt_core.history import History
from hyperopt_core.plots import ticks
from hyperopt_core.plots.metric import metric_scale
from hyperopt_core.plots.style import ACCENT, FAINT, MUTED, NAME_SIZE, TITLE_SIZE, colours, house_style, new_figure
from hyperopt_core.plots.text import plain
from hyperopt_core.spec import Objective
from hyperopt_core.trial import State

_WIDTH, _HEIGHT = 500.0, 310.0  # points
_MOST = 1000  # curves; the best of more


def curves(history: History, *, metric: str, goal: str = "minimize", title: str | None = None) -> Figure:
    """A figure with each trial's curve of `metric`, the better its end the darker; a hollow dot where one was stopped.

    The incumbent is drawn on top. Values far beyond the others on the bad side are drawn at the edge.
    """
    measured = {t.number: _curve(history, t.number, metric) for t in history.trials}
    known = {number: points for number, points in measured.items() if len(points)}
    ends = {number: points[-1, 1] for number, points in known.items()}
    scale = metric_scale([v for points in known.values() for v in points[:, 1]], Objective(metric, goal))
    low, high = scale.scale.low, scale.scale.high
    order = sorted(known, key=lambda number: scale.place(ends[number]))[-_MOST:]  # the best on top
    with house_style():
        figure = new_figure(_WIDTH, _HEIGHT)
        axes = figure.add_axes((0.11, 0.16, 0.86, 0.7 if title else 0.78))
        if title:
            figure.text(0.02, 0.96, plain(title), fontsize=TITLE_SIZE, fontweight="bold", va="top", parse_math=False)
        if not order:
            axes.axis("off")
            axes.text(0.5, 0.5, "No trial has reported a step yet", ha="center", color=MUTED)
            return figure
        if scale.scale.log:
            axes.set_yscale("log")
        lines = [np.column_stack((known[n][:, 0], np.clip(known[n][:, 1], low, high))) for n in order]
        shade = colours(np.array([scale.place(ends[n]) for n in order]))
        width = 1.1 if len(order) <= 100 else 0.6
        axes.add_collection(LineCollection(lines, colors=shade, linewidths=width, alpha=0.85, gid="curves"))
        stopped = [line[-1] for line, n in zip(lines, order, strict=True) if history[n].state is State.STOPPED]
        if stopped:
            x, y = np.array(stopped).T
            axes.scatter(x, y, s=12, facecolor="white", edgecolor=MUTED, linewidth=0.8, zorder=3, label="stopped early")
        best = history.best
        if best is not None and best.number in order:
            line = lines[order.index(best.number)]
            axes.plot(*line.T, color=ACCENT, linewidth=2.0, zorder=4, label=f"trial {best.number}, the best")
        span = 0.03 * ((high - low) or abs(low) or 1.0)
        axes.set_ylim(*((low / 1.05, high * 1.05) if scale.scale.log else (low - span, high + span)))
        first, last = min(float(line[0, 0]) for line in lines), max(float(line[-1, 0]) for line in lines)
        axes.set_xlim(first, last + 0.02 * last if last > first else first + 1.0)
        axes.yaxis.set_major_locator(FixedLocator(scale.values))
        axes.yaxis.set_major_formatter(FixedFormatter(ticks.labels(scale.values)))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
        axes.grid(axis="y", color=FAINT, linewidth=0.5, alpha=0.6)
        axes.set_axisbelow(True)
        axes.set_xlabel("step", fontsize=NAME_SIZE)
        axes.set_ylabel(f"{plain(metric)}  ({goal})", fontsize=NAME_SIZE, parse_math=False)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=3, frameon=False, fontsize=8, borderaxespad=0.2)
    return figure


def _curve(history: History, number: int, metric: str) -> np.ndarray:
    """Steps and finite values (n, 2) of a trial, by step."""
    reported = [(m.step, m.metrics.get(metric, math.nan)) for m in history.curve(number)]
    return np.array(sorted((s, v) for s, v in reported if math.isfinite(v)), dtype=float).reshape(-1, 2)
