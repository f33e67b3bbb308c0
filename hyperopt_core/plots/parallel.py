"""Parallel coordinates: one line a trial through one axis a parameter, coloured by a metric."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from hyperopt_core.analysis import Fields
from hyperopt_core.analysis import where as parse_where
from hyperopt_core.errors import ConfigError, Fault, suggest
from hyperopt_core.plots import ticks
from hyperopt_core.plots.draw import Canvas, Line
from hyperopt_core.plots.layout import arrange
from hyperopt_core.plots.metric import MetricScale, metric_scale, metric_values
from hyperopt_core.plots.scales import Axis, number_axis, parameter_axis, spread
from hyperopt_core.plots.style import TICK_SIZE, house_style
from hyperopt_core.plots.text import plain, shorten
from hyperopt_core.space import SearchSpace
from hyperopt_core.spec import Objective
from hyperopt_core.trial import State, Trial

if TYPE_CHECKING:
    from hyperopt_core.plots.chart import Chart

_LONGEST_TAG = 60.0  # points
_DRAWN = (State.COMPLETED, State.STOPPED)


def parallel_coordinates(
    trials: Sequence[Trial],
    space: SearchSpace,
    *,
    metric: str,
    goal: str = "minimize",
    where: str | None = None,
    title: str | None = None,
    axes: Sequence[str] | None = None,
) -> Figure:
    """A figure with one line for each trial that is completed or was stopped early.

    metric: the name of the objective or of any reported metric; it is the last axis, with the better end up, and gives
    the colours. where: trials that do not meet this condition (see `hyperopt_core.analysis.where`) are drawn grey.
    axes: which parameters (or reported metrics) to show, in this order; by default every parameter that varies.
    Values far beyond the others on the bad side are drawn at the end of the axis, and the colour bar says so.
    Raises `ConfigError` for names that neither the space nor any trial has.

    >>> from hyperopt_core.space import Float
    >>> trials = [Trial(n, {"lr": lr}, State.COMPLETED, values=(lr,)) for n, lr in enumerate([0.1, 0.2])]
    >>> figure = parallel_coordinates(trials, SearchSpace({"lr": Float(0, 1)}), metric="loss")
    """
    objective = Objective(metric, goal)
    fields = Fields(trials, space)
    names = _axis_names(axes, space, fields)
    picked = _pick(trials, space, objective, where)
    rows = {t.number: fields(t) for t in (*picked.excluded, *picked.shown)}
    columns = [_axis(name, space, list(rows.values())) for name in names]
    scale = metric_scale([picked.values[number] for number in rows], objective)
    span = _span(picked, scale)
    lines = _lines(picked, rows, columns, scale, span)
    best = picked.shown[-1].number if picked.shown else None
    tags = [""] * (len(columns) + 1) if best is None else _tags(rows[best], columns, picked.values[best])
    key = "" if best is None else f"best: trial {best}, {plain(metric)} {tags[-1]}"
    layout = arrange(
        columns,
        (plain(metric), scale.direction, [*ticks.labels(scale.values), scale.clip_text]),
        tags,
        title=plain(title or ""),
        key=key,
        notes=_notes(trials, picked, scale, where),
        has_lane=any(any(line.inactive) for line in lines),
    )
    with house_style():
        canvas = Canvas(layout)
        canvas.axes(columns)
        canvas.metric_axis(scale.direction)
        if lines:
            canvas.colour_bar(scale, span if picked.shown else None)
        canvas.lines(lines)
        if best is not None:
            canvas.incumbent(lines[-1], columns, tags)
        else:
            canvas.message(_nothing(trials, picked, objective, where))
        canvas.words()
    return canvas.figure


def draw_parallel(chart: Chart) -> Figure:
    """The picture of a chart of this kind."""
    subject = chart.subject
    assert subject is not None
    options: Any = dict(chart.chosen)
    return parallel_coordinates(subject.trials, subject.space, title=subject.name or None, **options)


@dataclass(frozen=True)
class _Picked:
    """The trials sorted out: each tuple from the worst to the best, so that the best are drawn last."""

    values: Mapping[int, float]
    shown: tuple[Trial, ...]
    excluded: tuple[Trial, ...]  # they do not meet `where`


def _pick(trials: Sequence[Trial], space: SearchSpace, objective: Objective, where: str | None) -> _Picked:
    values = metric_values(trials, objective.metric)
    wanted = parse_where(where, trials, space) if where is not None else lambda trial: True
    finished = [t for t in trials if t.state in _DRAWN and t.number in values]

    def merit(trial: Trial) -> tuple[bool, float, int]:
        # A value that was stopped early is not that of a full training: the incumbent is a completed trial.
        return trial.state is State.COMPLETED, -objective.to_minimize(values[trial.number]), -trial.number

    shown = sorted((t for t in finished if wanted(t)), key=lambda t: merit(t)[1:])
    if shown:
        incumbent = max(shown, key=merit)
        shown = [t for t in shown if t is not incumbent] + [incumbent]
    excluded = sorted((t for t in finished if not wanted(t)), key=lambda t: merit(t)[1:])
    return _Picked(values, tuple(shown), tuple(excluded))


def _axis_names(wanted: Sequence[str] | None, space: SearchSpace, fields: Fields) -> list[str]:
    """The parameters to show, or the names asked for. Raises `ConfigError` for unknown ones."""
    if wanted is None:
        return [c.name for c in space.columns if c.levels != 1]
    known = [*space.parameters, *fields.metrics]
    unknown = [n for n in wanted if n not in known]
    if unknown:
        there = ", ".join(known)
        raise ConfigError(
            [Fault(("axes",), f"nothing is called {n!r}{suggest(n, known)}; there are: {there}") for n in unknown]
        )
    return list(dict.fromkeys(wanted))


def _axis(name: str, space: SearchSpace, rows: Sequence[Mapping[str, Any]]) -> Axis:
    seen = [row[name] for row in rows if name in row]
    if name in space.parameters:
        return parameter_axis(name, space.parameters[name], seen)
    return number_axis(name, seen)


def _lines(
    picked: _Picked,
    rows: Mapping[int, Mapping[str, Any]],
    columns: Sequence[Axis],
    scale: MetricScale,
    span: tuple[float, float],
) -> list[Line]:
    """The lines from the back to the front; lines that share a place fan out, the best at the top."""
    order = [t.number for t in reversed((*picked.excluded, *picked.shown))]
    order.sort(key=lambda n: -scale.place(picked.values[n]))
    places: dict[int, list[float]] = {n: [] for n in order}
    for axis in columns:
        active = {n: axis.place(rows[n][axis.name]) for n in order if axis.name in rows[n]}
        inactive = {n: 0.5 for n in order if axis.name not in rows[n]}
        fanned = spread(active, axis.cell) | spread(inactive, cell=1.0, step=0.1)
        for number in order:
            places[number].append(fanned[number])

    def line(trial: Trial, in_colour: bool) -> Line:
        at = scale.place(picked.values[trial.number])
        share = (at - span[0]) / (span[1] - span[0]) if span[1] > span[0] else 1.0
        return Line(
            number=trial.number,
            places=(*places[trial.number], at),
            inactive=(*(axis.name not in rows[trial.number] for axis in columns), False),
            shade=share if in_colour else None,
            stopped=trial.state is State.STOPPED,
        )

    return [*(line(t, False) for t in picked.excluded), *(line(t, True) for t in picked.shown)]


def _span(picked: _Picked, scale: MetricScale) -> tuple[float, float]:
    """The places of the worst and the best trial in colour: the ends of the colours."""
    places = [scale.place(picked.values[t.number]) for t in picked.shown]
    return (min(places), max(places)) if places else (0.0, 1.0)


def _tags(row: Mapping[str, Any], columns: Sequence[Axis], value: float) -> list[str]:
    """The incumbent's value on each axis; none where it is inactive, or where a tick label says it already."""
    return [*(_tag(axis, row[axis.name]) if axis.name in row else "" for axis in columns), ticks.number(value, 4)]


def _tag(axis: Axis, value: Any) -> str:
    if not axis.is_category:
        return ticks.number(value)
    labelled = min(axis.ticks, key=lambda tick: abs(tick.at - axis.place(value))).label
    return "" if labelled else shorten(plain(str(value)), _LONGEST_TAG, TICK_SIZE, "bold")


def _notes(trials: Sequence[Trial], picked: _Picked, scale: MetricScale, where: str | None) -> str:
    """What a reader must know about the figure, in a few words."""
    finished = (*picked.excluded, *picked.shown)
    stopped = sum(t.state is State.STOPPED for t in finished)
    drawn = {t.number for t in finished}
    left_out = Counter(
        f"without a finite {plain(scale.objective.metric)}" if t.state in _DRAWN else str(t.state)
        for t in trials
        if t.number not in drawn
    )
    parts = []
    if finished:
        many = "trials" if len(finished) > 1 else "trial"
        parts.append(f"{len(finished)} {many}" + (f", {stopped} of them stopped early (dashed)" if stopped else ""))
    if picked.excluded:
        parts.append(f"Grey: {len(picked.excluded)} outside {plain(where or '')}")
    if left_out:
        parts.append("Not drawn: " + ", ".join(f"{count} {what}" for what, count in left_out.most_common()))
    if finished and scale.note:
        parts.append(scale.note)
    return "".join(f"{part}. " for part in parts).rstrip()


def _nothing(trials: Sequence[Trial], picked: _Picked, objective: Objective, where: str | None) -> str:
    if picked.excluded:
        return f"None of {len(picked.excluded)} trials meets {plain(where or '')}"
    if any(t.state in _DRAWN for t in trials):
        return f"No trial has a finite {plain(objective.metric)}"
    return "No finished trial yet" if trials else "No trial yet"
