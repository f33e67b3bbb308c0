"""How a sweep went: every trial as a dot, and the best value so far."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator, MaxNLocator, NullLocator

from hyperopt_core.analysis import history_best
from hyperopt_core.plots import ticks
from hyperopt_core.plots.metric import MetricScale, metric_scale, metric_values
from hyperopt_core.plots.style import ACCENT, FAINT, INK, MUTED, NAME_SIZE, TITLE_SIZE, house_style, new_figure
from hyperopt_core.plots.text import plain
from hyperopt_core.spec import Objective
from hyperopt_core.trial import State, Trial

_WIDTH, _HEIGHT = 500.0, 300.0  # points
_BLUE = "#31688e"  # the middle of the colours of the other figures
#: state -> how its dots look; states without a value stand below the others.
_VALUED = {State.COMPLETED: ("o", _BLUE), State.STOPPED: ("o", "white")}
_VALUELESS = {State.FAILED: ("x", INK), State.CANCELLED: ("|", MUTED)}
_WORDS = {State.STOPPED: "stopped early"}
_LANE = 0.03  # height of the states without a value, as a part of the axis


def history(trials: Sequence[Trial], *, metric: str, goal: str = "minimize", title: str | None = None) -> Figure:
    """A figure with each ended trial's value by its number, and the best value so far as a line.

    Completed trials are filled dots, those stopped early hollow ones, failed and cancelled ones marks below. The line
    follows completed trials (see `hyperopt_core.analysis.history_best`). Values far beyond the others on the bad side
    are drawn at the edge, and a note says so. Raises `ConfigError` for a metric that no trial has reported.

    >>> trials = [Trial(n, {}, State.COMPLETED, values=(v,)) for n, v in enumerate([0.5, 0.2])]
    >>> figure = history(trials, metric="val_loss")
    """
    objective = Objective(metric, goal)
    rows = sorted(trials, key=lambda t: t.number)
    values = metric_values(rows, metric)
    scale = metric_scale([values[t.number] for t in rows if t.state in _VALUED and t.number in values], objective)
    with house_style():
        figure = new_figure(_WIDTH, _HEIGHT)
        axes = figure.add_axes((0.11, 0.17, 0.86, 0.68 if title else 0.74))
        _scale_axes(axes, scale, rows)
        _dots(axes, rows, values, scale)
        _best_line(axes, rows, values, objective)
        axes.set_xlabel("trial", fontsize=NAME_SIZE)
        axes.set_ylabel(f"{plain(metric)}  ({goal})", fontsize=NAME_SIZE, parse_math=False)
        if title:
            figure.text(0.02, 0.95, plain(title), fontsize=TITLE_SIZE, fontweight="bold", va="top", parse_math=False)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=6, frameon=False, fontsize=8, borderaxespad=0.2)
        else:
            axes.text(0.5, 0.5, "No finished trial yet", ha="center", transform=axes.transAxes, color=MUTED)
    return figure


def _scale_axes(axes: Axes, scale: MetricScale, trials: Sequence[Trial]) -> None:
    low, high = scale.scale.low, scale.scale.high
    below = 0.1 if any(t.state in _VALUELESS for t in trials) else 0.04  # room for marks under the dots
    if scale.scale.log:
        axes.set_yscale("log")
        axes.set_ylim(low / (high / low) ** below, high * (high / low) ** 0.04)
    else:
        span = (high - low) or abs(low) or 1.0
        axes.set_ylim(low - below * span, high + 0.04 * span)
    values = scale.values if trials else []
    axes.yaxis.set_major_locator(FixedLocator(values))
    axes.yaxis.set_major_formatter(FixedFormatter(ticks.labels(values)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]) if trials else NullLocator())
    axes.set_xlim(-0.7, max((t.number for t in trials), default=0) + 0.7)
    axes.grid(axis="y", color=FAINT, linewidth=0.5, alpha=0.6)
    axes.set_axisbelow(True)


def _dots(axes: Axes, trials: Sequence[Trial], values: dict[int, float], scale: MetricScale) -> None:
    size = 26.0 if len(trials) <= 100 else 9.0
    low, high = scale.scale.low, scale.scale.high
    for state, (marker, face) in _VALUED.items():
        some = [t.number for t in trials if t.state is state and t.number in values]
        if some:
            shown = [min(max(values[n], low), high) for n in some]
            look: Any = {"marker": marker, "facecolor": face, "edgecolor": _BLUE, "linewidth": 0.9, "zorder": 3}
            axes.scatter(some, shown, s=size, label=_WORDS.get(state, str(state)), **look).set_gid(str(state))
    for state, (marker, colour) in _VALUELESS.items():
        some = [t.number for t in trials if t.state is state]
        if some:
            look = {"marker": marker, "color": colour, "linewidth": 1.1, "transform": axes.get_xaxis_transform()}
            axes.scatter(some, [_LANE] * len(some), s=size, label=str(state), **look).set_gid(str(state))
    if scale.clipped:
        note = f"{scale.clip_text} at the {'upper' if scale.flipped else 'lower'} edge, the worst is "
        note += ticks.number(scale.extreme)
        axes.figure.text(0.02, 0.02, note, color=MUTED, va="bottom").set_gid("clipped")


def _best_line(axes: Axes, trials: Sequence[Trial], values: dict[int, float], objective: Objective) -> None:
    best = history_best([_with_value(t, values) for t in trials], objective.goal)
    known = [(t.number, value) for t, value in zip(trials, best, strict=True) if not math.isnan(value)]
    if not known:
        return
    numbers, so_far = zip(*known, strict=True)
    (line,) = axes.step(numbers, so_far, where="post", color=ACCENT, linewidth=2.0, zorder=4, label="best so far")
    line.set_gid("best")


def _with_value(trial: Trial, values: dict[int, float]) -> Trial:
    """The trial with the metric of the figure as its value."""
    return replace(trial, values=(values[trial.number],) if trial.number in values else ())
