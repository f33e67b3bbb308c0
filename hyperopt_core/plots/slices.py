"""The metric against each parameter by itself."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from hyperopt_core.plots import ticks
from hyperopt_core.plots.metric import MetricScale, metric_scale, metric_values
from hyperopt_core.plots.scales import parameter_axis
from hyperopt_core.plots.style import (
    ACCENT,
    FAINT,
    MUTED,
    NAME_SIZE,
    TICK_SIZE,
    TITLE_SIZE,
    colours,
    house_style,
    new_figure,
)
from hyperopt_core.plots.text import plain, shorten_all, width
from hyperopt_core.space import SearchSpace
from hyperopt_core.spec import Objective
from hyperopt_core.trial import State, Trial

_PANEL, _COLUMNS = 175.0, 4  # points, panels in a row
_LEFT, _TOP, _GAP = 58.0, 40.0, 46.0


def slices(
    trials: Sequence[Trial], space: SearchSpace, *, metric: str, goal: str = "minimize", title: str | None = None
) -> Figure:
    """A figure with one panel a parameter: every completed trial as a dot, newer ones darker, the best marked.

    A parameter's panel has the trials in which it is active. Raises `ConfigError` for a metric that is not there.
    """
    done = [t for t in trials if t.state is State.COMPLETED]
    values = metric_values(done, metric) if done else {}
    done = [t for t in done if t.number in values]
    scale = metric_scale([values[t.number] for t in done], Objective(metric, goal))
    best = max(done, key=lambda t: scale.place(values[t.number]), default=None)
    names = [column.name for column in space.columns]
    across = max(1, min(_COLUMNS, len(names)))
    down = max(1, math.ceil(len(names) / across))
    wide, height = _LEFT + across * _PANEL, _TOP + down * (_PANEL * 0.75 + _GAP)
    with house_style():
        figure = new_figure(wide, height)
        if title:
            figure.text(
                0.02, 1 - 9 / height, plain(title), fontsize=TITLE_SIZE, fontweight="bold", va="top", parse_math=False
            )
        if not done or not names:
            axes = figure.add_axes((0.05, 0.05, 0.9, 0.8))
            axes.axis("off")
            axes.text(0.5, 0.5, "No completed trial yet", ha="center", color=MUTED)
            return figure
        for i, name in enumerate(names):
            row, column = divmod(i, across)
            left = (_LEFT + column * _PANEL) / wide
            bottom = 1 - (_TOP + (row + 1) * (_PANEL * 0.75 + _GAP) - _GAP) / height
            axes = figure.add_axes((left, bottom, (_PANEL - 16) / wide, _PANEL * 0.75 / height))
            _panel(axes, name, space, done, values, scale, best)
            if column == 0:
                axes.set_ylabel(f"{plain(metric)}", fontsize=NAME_SIZE, parse_math=False)
            else:
                axes.tick_params(labelleft=False)
    return figure


def _panel(
    axes: Axes,
    name: str,
    space: SearchSpace,
    trials: Sequence[Trial],
    values: dict[int, float],
    scale: MetricScale,
    best: Trial | None,
) -> None:
    shown = [(t, space.flatten(t.params)) for t in trials]
    own = [(t, flat[name]) for t, flat in shown if name in flat]
    axis = parameter_axis(name, space.parameters[name], [value for _, value in own])
    low, high = scale.scale.low, scale.scale.high
    if own:
        x = [axis.place(value) for _, value in own]
        y = [min(max(values[t.number], low), high) for t, _ in own]
        age = np.linspace(0.1, 1.0, len(own))
        axes.scatter(x, y, s=16 if len(own) <= 200 else 6, c=colours(age), linewidth=0, alpha=0.85, gid=name)
        for place, (t, _) in zip(x, own, strict=True):
            if t is best:
                axes.scatter([place], [values[t.number]], s=60, facecolor="none", edgecolor=ACCENT, linewidth=1.8)
    labelled = [tick for tick in axis.ticks if tick.label]
    room = (_PANEL - 16) / max(len(labelled), 1)
    if axis.is_category:
        labels = shorten_all([tick.label for tick in labelled], room, TICK_SIZE)
    else:
        every = math.ceil(max((width(tick.label, TICK_SIZE) for tick in labelled), default=0.0) / room + 0.1)
        labels = [tick.label if i % every == 0 else "" for i, tick in enumerate(labelled)]
    axes.xaxis.set_major_locator(FixedLocator([tick.at for tick in labelled]))
    axes.xaxis.set_major_formatter(FixedFormatter([label.replace("$", r"\$") for label in labels]))  # no formulas
    axes.set_xlim(-0.03, 1.03)
    if scale.scale.log:
        axes.set_yscale("log")
        axes.set_ylim(low / 1.08, high * 1.08)
    else:
        span = 0.05 * ((high - low) or abs(low) or 1.0)
        axes.set_ylim(low - span, high + span)
    axes.yaxis.set_major_locator(FixedLocator(scale.values))
    axes.yaxis.set_major_formatter(FixedFormatter(ticks.labels(scale.values)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.grid(color=FAINT, linewidth=0.5, alpha=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel(plain(name), fontsize=NAME_SIZE, parse_math=False)
