"""How a sweep went: every trial as a mark, and the best value so far."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hyperopt_core.analysis import history_best
from hyperopt_core.plots import ticks
from hyperopt_core.plots.chart import Chart
from hyperopt_core.plots.figure import Panel, Trace, figure, line, number_axis, points
from hyperopt_core.plots.metric import MetricScale
from hyperopt_core.plots.palette import BLUE, INK, MUTED, word
from hyperopt_core.plots.subject import VALUED, Subject
from hyperopt_core.spec import Objective
from hyperopt_core.trial import State, Trial

_SYMBOLS = {State.COMPLETED: "circle", State.STOPPED: "circle-open"}
_VALUELESS = {State.FAILED: ("x-thin-open", INK), State.CANCELLED: ("line-ns-open", MUTED)}


def history(subject: Subject, *, metric: str | None = None, goal: str | None = None) -> Chart:
    """Each ended trial's value by its number, and the best so far as a line.

    Completed trials are filled dots, those stopped early hollow ones, failed and cancelled ones marks below. The line
    follows completed trials (see `hyperopt_core.analysis.history_best`). Values far beyond the others on the bad side
    are drawn at the edge. metric, goal: another metric that trials reported. Raises `ConfigError` for one that is not
    there.
    """
    objective = subject.objective(metric, goal)
    values = subject.values(objective)
    scale = subject.scale(values, objective)
    title = f"{objective.metric}: every trial, and the best so far"
    ended = [t for t in subject.trials if t.state in _VALUELESS or (t.state in VALUED and t.number in values)]
    if not ended:
        said = "No trial has ended yet."
        return Chart.empty("history", title, said, subject=subject)
    below = any(t.state in _VALUELESS for t in ended)
    y = scale.axis(objective, below=0.12 if below else 0.04)
    traces = [*_marks(ended, values, scale, y["range"][0]), *_best_line(subject.trials, values, objective)]
    x = number_axis("trial", [0, max(t.number for t in subject.trials)], whole=True)
    return Chart(
        "history", title, _summary(ended, values, scale, objective), figure([Panel(x, y, traces)]), subject=subject
    )


def _marks(ended: list[Trial], values: Mapping[int, float], scale: MetricScale, floor: float) -> list[Trace]:
    size = 7 if len(ended) <= 100 else 4
    lane = floor + 0.04 * (scale.top - floor)  # of the states without a value
    out = []
    for state, symbol in _SYMBOLS.items():
        some = [t.number for t in ended if t.state is state]
        text = [f"trial {n}: {ticks.number(values[n], 5)}, {word(state)}" for n in some]
        look: Any = {"name": word(state), "colour": BLUE, "symbol": symbol, "size": size}
        out.append(points(some, [scale.clip(values[n]) for n in some], text=text, trials=some, **look))
    for state, (symbol, colour) in _VALUELESS.items():
        some = [t.number for t in ended if t.state is state]
        text = [f"trial {n}: {state}" for n in some]
        height = [10**lane if scale.scale.log else lane] * len(some)
        look = {"name": str(state), "colour": colour, "symbol": symbol, "size": 7}
        out.append(points(some, height, text=text, trials=some, **look))
    return [trace for trace in out if trace["x"]]


def _best_line(trials: list[Trial], values: Mapping[int, float], objective: Objective) -> list[Trace]:
    """The best so far, with its corners alone."""
    known = [replace(t, values=(values[t.number],) if t.number in values else ()) for t in trials]
    best = history_best(known, objective.goal)
    x: list[float] = []
    y: list[float] = []
    for trial, value in zip(known, best, strict=True):
        if not math.isnan(value) and (not y or value != y[-1]):
            x.append(trial.number)
            y.append(value)
    return [line([*x, trials[-1].number], [*y, y[-1]], name="best so far", steps=True)] if x else []


def _summary(ended: list[Trial], values: Mapping[int, float], scale: MetricScale, objective: Objective) -> str:
    counts = Counter(t.state for t in ended)
    said = ", ".join(f"{counts[s]} {word(s)}" for s in (*_SYMBOLS, *_VALUELESS) if counts[s])
    best = history_best([replace(t, values=(values.get(t.number, math.nan),)) for t in ended], objective.goal)[-1]
    found = f" Best {objective.metric}: {ticks.number(best, 4)}." if not math.isnan(best) else ""
    return f"{said}.{found}{scale.clip_note}"
