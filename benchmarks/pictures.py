"""Pictures from stored data. Colour, line style and marker all tell the optimizers apart, in grey too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from benchmarks.data import LABELS, Row
from benchmarks.problems import FAMILIES
from benchmarks.scores import Scores, mean_with_interval, scores

#: name -> colour (Okabe and Ito's, which differ in lightness too), line style, marker
STYLES: dict[str, tuple[str, Any, str]] = {
    "gp": ("#D55E00", "-", "o"),
    "tpe": ("#E69F00", (0, (6, 1.5)), "P"),
    "gp_8_workers": ("#B8860B", (0, (1, 1)), "p"),
    "cokriging": ("#0072B2", "--", "s"),
    "optuna_gp": ("#0072B2", "--", "s"),
    "smac": ("#009E73", "-.", "D"),
    "optuna_tpe": ("#56B4E9", ":", "^"),
    "hyperopt_tpe": ("#CC79A7", (0, (3, 1, 1, 1, 1, 1)), "v"),
    "random": ("#777777", (0, (1, 2.5)), "x"),
}
_IN_CURVES = [name for name in STYLES if name != "gp_8_workers"]
_PAGE: dict[Any, Any] = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.6,
    "savefig.dpi": 160,
    "legend.frameon": False,
}


def draw(runs: Sequence[Row], asks: Sequence[Row], folder: Path) -> list[Path]:
    """Write the pictures; returns their paths."""
    found, made = scores(runs), {}
    with matplotlib.rc_context(_PAGE):
        if found:
            made = {"benchmark-curves": _curves(found), "benchmark-scores": _dots(found)}
        if asks:
            made["benchmark-ask"] = _asks(asks)
        folder.mkdir(parents=True, exist_ok=True)
        for name, figure in made.items():
            # No date or version inside: the same data gives the same file.
            figure.savefig(folder / f"{name}.png", metadata={"Software": None})
    return [folder / f"{name}.png" for name in made]


def _curves(found: Scores) -> Figure:
    """Mean score against trials, over all problems and in each family, with 95% bands."""
    figure = Figure(figsize=(10, 5.6), layout="constrained")
    grid = figure.add_gridspec(2, 4)
    panels = {"all problems": figure.add_subplot(grid[:, :2])}
    for place, family in enumerate(FAMILIES):
        panels[family] = figure.add_subplot(grid[place // 2, 2 + place % 2])
    longest = max(curves.shape[1] for mine in found.values() for curves in mine.values())
    for title, axes in panels.items():
        members = FAMILIES.get(title) or [p for ps in FAMILIES.values() for p in ps]
        for name in [name for name in _IN_CURVES if name in found]:
            mine = [found[name][p] for p in members if p in found[name]]
            if mine:
                _curve(axes, name, *mean_with_interval(mine))
        axes.set(title=title, ylim=(-0.5, 1.02), xlim=(0, longest + 1))
        axes.axhline(0, color="#999999", linewidth=0.7)
    whole = panels["all problems"]
    whole.set(xlabel="trials", ylabel="score of the best so far  (0: 25 random trials, 1: best known)")
    whole.legend(loc="lower right")
    return figure


def _curve(axes: Any, name: str, mean: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
    colour, style, marker = STYLES[name]
    trials = np.arange(1, len(mean) + 1)
    ours = name == "gp"
    axes.fill_between(trials, low, high, color=colour, alpha=0.14, linewidth=0)
    axes.plot(
        trials, mean, color=colour, linestyle=style, linewidth=2.2 if ours else 1.3, label=LABELS[name], marker=marker,
        markevery=(9 + 2 * list(STYLES).index(name), 25), markersize=5, zorder=3 if ours else 2,
    )  # fmt: skip


def _dots(found: Scores) -> Figure:
    """Scores at the end with 95% intervals, by family, best optimizer on top."""
    figure = Figure(figsize=(10, 3.4), layout="constrained")
    groups: dict[str, Sequence[str]] = {"all problems": [p for ps in FAMILIES.values() for p in ps], **FAMILIES}
    names = [name for name in STYLES if name in found]
    names.sort(key=lambda name: mean_with_interval(found[name].values())[0][-1])
    panels = figure.subplots(1, len(groups), sharex=True, sharey=True)
    for axes, (title, members) in zip(panels, groups.items(), strict=True):
        for height, name in enumerate(names):
            mine = [found[name][p] for p in members if p in found[name]]
            if mine:
                mean, low, high = (part[-1] for part in mean_with_interval(mine))
                colour, _, marker = STYLES[name]
                axes.plot([low, high], [height, height], color=colour, linewidth=2)
                axes.plot(mean, height, marker, color=colour, markersize=6.5, markeredgewidth=1.5)
        axes.set(title=title, xlabel="score at the end")
    panels[0].set_xlim(right=1.03)  # last: it ends the automatic choice of the left end, which all panels share
    panels[0].set_yticks(range(len(names)), [LABELS[name] for name in names])
    return figure


def _asks(asks: Sequence[Row]) -> Figure:
    """Milliseconds of one ask against trials, parameters and pending trials."""
    figure = Figure(figsize=(10, 3), layout="constrained")
    panels = figure.subplots(1, 3, sharey=True)
    usual = {"trials": 100, "parameters": 10, "pending": 0}
    for axes, varied in zip(panels, usual, strict=True):
        fixed = [key for key in usual if key != varied]
        for strategy in dict.fromkeys(row["strategy"] for row in asks):
            mine = [r for r in asks if r["strategy"] == strategy and all(r[key] == usual[key] for key in fixed)]
            mine.sort(key=lambda row: row[varied])
            colour, style, marker = STYLES[strategy]
            shown = [row[varied] for row in mine], [row["ms"] for row in mine]
            axes.plot(*shown, color=colour, linestyle=style, marker=marker, label=LABELS[strategy])
        axes.set(xlabel=varied, yscale="log", title=", ".join(f"{usual[key]} {key}" for key in fixed))
        axes.set_xscale("symlog" if varied == "pending" else "log")
        axes.set_xticks(ticks := sorted({row[varied] for row in mine}), [f"{tick:,}" for tick in ticks])
        axes.minorticks_off()
    panels[0].set(ylabel="ms of one ask, one thread", ylim=(1, None))
    panels[0].yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    panels[0].legend(loc="upper left")
    return figure
