"""What the model says over two parameters: its mean, and how sure it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from hyperopt_core.analysis import surface
from hyperopt_core.errors import ConfigError
from hyperopt_core.plots import ticks
from hyperopt_core.plots.chart import Chart
from hyperopt_core.plots.figure import Panel, Trace, cells, figure, points
from hyperopt_core.plots.kinds.dimension import Dimension
from hyperopt_core.plots.palette import ACCENT, INK
from hyperopt_core.plots.subject import Subject
from hyperopt_core.trial import State

_MOST = 500  # trials that are marked, the newest


def contour(subject: Subject, *, x: str | None = None, y: str | None = None) -> Chart:
    """The model's mean and standard deviation over parameters `x` and `y`, and the completed trials as dots.

    The other parameters are those of the best trial that has both (see `analysis.surface`). By default the two most
    important numbers that can be active together, else what there is. Raises `ConfigError` for names of no parameter.
    """
    title = f"The model of {subject.history.objective.metric} over two parameters"
    names = tuple(column.name for column in subject.space.columns)
    if len(names) < 2:
        said = "A contour needs two parameters that vary."
        return Chart.empty("contour", title, said, subject=subject)
    one, other = _names(subject, x, y)
    given: Any = {"choices": {"x": names, "y": names}, "chosen": {"x": one, "y": other}, "subject": subject}
    if subject.model is None:
        said = "The model needs eight completed trials with different values."
        return Chart.empty("contour", title, said, **given)
    found = surface(subject.history, subject.model, [one, other])
    if found is None:
        said = f"No completed trial has both {one} and {other}."
        return Chart.empty("contour", title, said, **given)
    dimensions = Dimension.of(subject, one), Dimension.of(subject, other)
    metric, goal = subject.history.objective.metric, subject.history.objective.goal
    better = "low" if goal == "minimize" else "high"
    marks = _marks(subject, dimensions)
    panels = [
        Panel(dimensions[0].axis, dimensions[1].axis, [_cells(found.values, z, dimensions, metric, good), *marks], what)
        for z, what, good in ((found.mean, "mean", better), (found.sd, "standard deviation", "low"))
    ]
    rest = f"; the other parameters are those of trial {found.trial}" if len(names) > 2 else ""
    summary = f"The model's mean and standard deviation over {one} and {other}{rest}."
    return Chart("contour", title, summary, figure(panels, columns=2, row=360), **given)


def _names(subject: Subject, x: str | None, y: str | None) -> tuple[str, str]:
    """The two parameters; where they are not given the most important ones that are active together."""
    for name in (x, y):
        if name is not None:
            subject.parameter(name)
    if x is not None and x == y:
        raise ConfigError(f"x and y are both {x!r}: a contour needs two parameters")
    order = [row.name for row in subject.importances] or [column.name for column in subject.space.columns]
    order.sort(key=lambda name: subject.space.parameters[name].kind == "categorical")  # numbers make a map
    column = {c.name: i for i, c in enumerate(subject.space.columns)}
    active = ~np.isnan(subject.history.X)
    pairs = [(a, b) for a in ([x] if x else order) for b in ([y] if y else order) if a != b]
    together = [(a, b) for a, b in pairs if (active[:, column[a]] & active[:, column[b]]).any()]
    return (together or pairs)[0]


def _cells(
    values: tuple[tuple[object, ...], ...],
    z: np.ndarray,
    dimensions: tuple[Dimension, Dimension],
    title: str,
    better: str,
) -> Trace:
    places = [np.array([d.place(v) for v in some]) for d, some in zip(dimensions, values, strict=True)]
    orders = [np.argsort(some, kind="stable") for some in places]
    rows = z[np.ix_(*orders)].T.tolist()
    x, y = (some[order].tolist() for some, order in zip(places, orders, strict=True))
    smooth = not any(d.scale.is_category for d in dimensions) and min(z.shape) > 2
    return cells(x, y, rows, title, better=better, lines=smooth)


def _marks(subject: Subject, dimensions: tuple[Dimension, Dimension]) -> list[Trace]:
    objective, (one, other) = subject.history.objective, dimensions
    values = subject.values(objective)
    done = [t.number for t in subject.trials if t.state is State.COMPLETED and t.number in values]
    some = [n for n in done if n in one.values and n in other.values]
    out = []
    best = min(some, key=lambda n: (objective.to_minimize(values[n]), n), default=None)
    for shown, edge, size in ((some[-_MOST:], INK, 5.0), ([best] if best is not None else [], ACCENT, 10.0)):
        text = [
            f"trial {n}: {one.text(one.values[n])}, {other.text(other.values[n])}, {ticks.number(values[n], 4)}"
            for n in shown
        ]
        at = [one.place(one.values[n]) for n in shown], [other.place(other.values[n]) for n in shown]
        out.append(points(*at, colour="white", edge=edge, size=size, text=text, trials=shown))
    return [trace for trace in out if trace["x"]]
