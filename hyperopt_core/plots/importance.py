"""Which parameters matter, as bars with their intervals."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from hyperopt_core.analysis.importance import importance as importances
from hyperopt_core.plots.style import INK, MUTED, NAME_SIZE, TITLE_SIZE, house_style, new_figure
from hyperopt_core.plots.text import plain, shorten
from hyperopt_core.space import SearchSpace
from hyperopt_core.trial import Trial

_WIDTH, _ROW, _REST = 430.0, 22.0, 78.0  # points
_MOST = 25  # bars
_BLUE = "#31688e"


def importance(trials: Sequence[Trial], space: SearchSpace, goal: str = "minimize", title: str | None = None) -> Figure:
    """A figure with a bar for each parameter, the most important on top, and a 90 % interval on each.

    See `hyperopt_core.analysis.importance`. With fewer than ten trials that have a value it says so instead.
    """
    rows = importances(trials, space, goal)[:_MOST]
    with house_style():
        height = _ROW * max(len(rows), 3) + _REST
        figure = new_figure(_WIDTH, height)
        axes = figure.add_axes((0.34, 46 / height, 0.62, (height - _REST) / height))
        if title:
            figure.text(
                0.02, 1 - 9 / height, plain(title), fontsize=TITLE_SIZE, fontweight="bold", va="top", parse_math=False
            )
        if not rows:
            axes.axis("off")
            axes.text(0.3, 0.5, "Ten trials with a value are needed", ha="center", color=MUTED)
            return figure
        places = range(len(rows), 0, -1)
        axes.barh(places, [row.share for row in rows], height=0.62, color=_BLUE)
        for place, row in zip(places, rows, strict=True):
            axes.plot([row.low, row.high], [place, place], color=INK, linewidth=1.2, solid_capstyle="butt")
        axes.set_yticks(
            list(places),
            [shorten(plain(row.name), 0.31 * _WIDTH, NAME_SIZE) for row in rows],
            fontsize=NAME_SIZE,
            color=INK,
            parse_math=False,
        )
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(0.4, len(rows) + 0.6)
        axes.set_xlim(0, min(1.0, 1.08 * max(row.high for row in rows)))
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.set_xlabel("importance for being among the best tenth, with a 90 % interval", fontsize=8, color=MUTED)
    return figure
