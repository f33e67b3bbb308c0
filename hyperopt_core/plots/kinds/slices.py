"""The metric against each parameter by itself, and what the model says of it."""

from __future__ import annotations

from collections.abc import Mapping

from hyperopt_core.analysis import surface
from hyperopt_core.plots import ticks
from hyperopt_core.plots.chart import Chart
from hyperopt_core.plots.figure import Panel, Trace, band, errors, figure, line, points
from hyperopt_core.plots.kinds.dimension import Dimension
from hyperopt_core.plots.metric import MetricScale
from hyperopt_core.plots.palette import ACCENT, BAND, INK
from hyperopt_core.plots.subject import Subject, thinned
from hyperopt_core.trial import State

_COLUMNS, _MOST = 4, 24  # panels in a row, panels
_DOTS = 600  # of a panel


def slices(subject: Subject) -> Chart:
    """A panel for each parameter: every completed trial as a dot, newer ones in stronger colours, the best marked.

    A panel has the trials in which its parameter is active. The line is the model's mean and the band one standard
    deviation around it, the other parameters being those of the best trial that has this one (see `analysis.surface`).
    """
    objective = subject.history.objective
    title = f"{objective.metric} against each parameter"
    values = subject.values(objective)
    done = [t.number for t in subject.trials if t.state is State.COMPLETED and t.number in values]
    names = [column.name for column in subject.space.columns]
    if not done or not names:
        said = "No trial has been completed yet." if names else "No parameter varies."
        return Chart.empty("slices", title, said, subject=subject)
    if len(names) > _MOST:
        first = {row.name for row in subject.importances[:_MOST]}
        names = [name for name in names if name in first] or names[:_MOST]
    scale = subject.scale({n: values[n] for n in done}, objective)
    panels = [_panel(subject, name, done, values, scale) for name in names]
    model = "the model's mean and standard deviation through the best trial" if subject.model else "no model yet"
    count = f"{len(done)} completed trial{'s' if len(done) > 1 else ''}"
    summary = f"{count}, newer ones in stronger colours; {model}.{scale.clip_note}"
    return Chart("slices", title, summary, figure(panels, columns=_COLUMNS, row=260), subject=subject)


def _panel(subject: Subject, name: str, done: list[int], values: Mapping[int, float], scale: MetricScale) -> Panel:
    dimension = Dimension.of(subject, name)
    active = [n for n in done if n in dimension.values]
    best = max(active, key=lambda n: (scale.place(values[n]), -n), default=None)
    own = thinned(active, _DOTS, keep=[] if best is None else [best])
    x = [dimension.place(dimension.values[n]) for n in own]
    text = [f"trial {n}: {dimension.text(dimension.values[n])}, {ticks.number(values[n], 4)}" for n in own]
    age = [0.1 + 0.9 * i / max(len(own) - 1, 1) for i in range(len(own))]
    size = 6 if len(own) <= 200 else 3.5
    traces = _model(subject, dimension, scale)
    traces.append(points(x, [scale.clip(values[n]) for n in own], shade=age, size=size, text=text, trials=own))
    if best is not None:
        at = [dimension.place(dimension.values[best])], [values[best]]
        traces.append(
            points(*at, colour=ACCENT, symbol="circle-open", size=11, trials=[best], text=[f"trial {best}, the best"])
        )
    return Panel(dimension.axis, scale.axis(scale.objective), traces)


def _model(subject: Subject, dimension: Dimension, scale: MetricScale) -> list[Trace]:
    found = surface(subject.history, subject.model, [dimension.name]) if subject.model else None
    if found is None:
        return []
    mean, low, high = ([scale.clip(float(v)) for v in some] for some in (found.mean, found.low, found.high))
    x = [dimension.place(value) for value in found.values[0]]
    if dimension.scale.is_category:
        text = [
            f"model at {dimension.text(v)}: {ticks.number(m, 4)}" for v, m in zip(found.values[0], mean, strict=True)
        ]
        below, above = ([abs(a - b) for a, b in zip(mean, some, strict=True)] for some in (low, high))
        return [points(x, mean, colour=INK, symbol="line-ew-open", size=14, text=text, error=errors("y", below, above))]
    return [band(x, low, high, BAND), line(x, mean, colour=INK, width=1.4)]
