"""What each trial reported step by step."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np

from hyperopt_core.history import History, best_trial
from hyperopt_core.plots import ticks
from hyperopt_core.plots.chart import Chart
from hyperopt_core.plots.figure import Panel, Trace, figure, line, number_axis, points
from hyperopt_core.plots.metric import MetricScale, drawable, metric_scale
from hyperopt_core.plots.palette import ACCENT, FAINT, MUTED
from hyperopt_core.plots.subject import Subject
from hyperopt_core.trial import State

_BEST, _OTHERS = 250, 100  # curves that are drawn: the best, and some of the others
_POINTS = 200  # of a curve
_RUNGS = 12  # more are no rungs


def curves(subject: Subject, *, metric: str | None = None, goal: str | None = None) -> Chart:
    """Each trial's curve of the metric, the better its end the darker; a hollow dot where one was stopped.

    The best trial is on top, and dotted lines are where several were stopped or paused. Values far beyond the others on
    the bad side are drawn at the edge. metric, goal: another metric that trials reported.
    """
    objective, history = subject.objective(metric, goal), subject.history
    title = f"{objective.metric} while training"
    measured = {t.number: _curve(history, t.number, objective.metric) for t in subject.trials}
    known = {number: curve for number, curve in measured.items() if len(curve)}
    if not known:
        said = f"No trial has reported {objective.metric} step by step."
        return Chart.empty("curves", title, said, subject=subject)
    # By the ends of each curve: that trainings begin far from where they end makes no outliers.
    scale = metric_scale(
        [float(v) for curve in known.values() for v in (curve[:, 1].min(), curve[:, 1].max())], objective
    )
    order = _drawn(sorted(known, key=lambda n: scale.place(known[n][-1, 1])))
    best = best_trial([history[n] for n in order], history.objective)
    top = None if best is None else best.number
    traces = _rungs(subject, scale)
    traces += [_line(n, known[n], scale, len(order)) for n in order if n != top]
    if top is not None:
        x, y = _thin(known[top]).T
        name = f"trial {top}, the best"
        traces.append(
            line(x, [scale.clip(v) for v in y], name=name, trial=top, text=_texts(top, known[top]), width=2.4)
        )
    stopped = [n for n in order if history[n].state is State.STOPPED]
    if stopped:
        at = [known[n][-1] for n in stopped]
        look: Any = {"colour": MUTED, "symbol": "circle-open", "size": 5, "trials": stopped}
        text = [
            f"trial {n}: stopped early at step {ticks.number(step)}" for n, (step, _) in zip(stopped, at, strict=True)
        ]
        xs, ys = [s for s, _ in at], [scale.clip(v) for _, v in at]
        traces.append(points(xs, ys, name="stopped early", text=text, **look))
    steps = [s for n in order for s in known[n][[0, -1], 0]]
    x_axis = number_axis("step", [min(steps), max(steps)], whole=all(s == int(s) for s in steps))
    some = (
        f"{len(order)} of {len(known)} curves: the best, and every so many of the others."
        if len(order) < len(known)
        else ""
    )
    summary = some or f"{len(known)} curve{'s' if len(known) > 1 else ''}, {len(stopped)} stopped early."
    return Chart(
        "curves",
        title,
        summary + scale.clip_note,
        figure([Panel(x_axis, scale.axis(objective), traces)]),
        subject=subject,
    )


def _curve(history: History, number: int, metric: str) -> np.ndarray:
    """Steps and finite values (n, 2) of a trial, by step."""
    reported = [(m.step, m.metrics.get(metric, math.nan)) for m in history.curve(number)]
    return np.array(sorted((s, drawable(v)) for s, v in reported if math.isfinite(v)), dtype=float).reshape(-1, 2)


def _drawn(order: list[int]) -> list[int]:
    """Of trials from the worst to the best: the best, and some of the others evenly."""
    others = order[:-_BEST]
    return [*others[:: math.ceil(len(others) / _OTHERS) or 1], *order[-_BEST:]]


def _line(number: int, curve: np.ndarray, scale: MetricScale, count: int) -> Trace:
    x, y = _thin(curve).T
    shade = scale.place(curve[-1, 1])
    look: Any = {"width": 1.3 if count <= 100 else 0.8, "colour": FAINT}
    return line(x, [scale.clip(v) for v in y], trial=number, shade=round(shade, 3), text=_texts(number, curve), **look)


def _thin(curve: np.ndarray) -> np.ndarray:
    return curve[np.unique(np.linspace(0, len(curve) - 1, min(len(curve), _POINTS)).astype(int))]


def _texts(number: int, curve: np.ndarray) -> list[str]:
    return [f"trial {number}: {ticks.number(curve[-1, 1], 4)} at step {ticks.number(curve[-1, 0])}"]


def _rungs(subject: Subject, scale: MetricScale) -> list[Trace]:
    """Dotted lines at the steps where several trials were stopped or paused."""
    early = [t.number for t in subject.trials if t.state in (State.STOPPED, State.PAUSED)]
    steps = Counter(subject.history.last_step(n) for n in early)
    rungs = sorted(step for step, count in steps.items() if step and count > 1)
    if len(rungs) > _RUNGS:
        return []
    ends = [scale.scale.low, scale.scale.high]
    return [line([step, step], ends, colour=ACCENT, width=0.7, dash="dot") for step in rungs]
