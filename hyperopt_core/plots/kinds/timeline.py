"""Who trained what, and when."""

from __future__ import annotations

from typing import Any

from hyperopt_core.analysis import Lane, Span
from hyperopt_core.analysis import timeline as lanes_of
from hyperopt_core.plots import ticks
from hyperopt_core.plots.chart import Chart
from hyperopt_core.plots.figure import Panel, Trace, axis, bars, figure, number_axis
from hyperopt_core.plots.palette import STATES, word
from hyperopt_core.plots.subject import Subject
from hyperopt_core.trial import State

_MOST_LANES, _MOST_SPANS = 60, 3000
_LANE, _LEAST_LANE, _TALL = 26, 15, 600  # heights in pixels: of a lane, and of all where they are many
_UNITS = ((1.0, "seconds"), (60.0, "minutes"), (3600.0, "hours"), (86400.0, "days"))


def timeline(subject: Subject) -> Chart:
    """A lane for each agent: what it trained, when, and how it ended; white is idle time. See `analysis.timeline`."""
    title = "Who trained what, when"
    lanes = lanes_of(subject.trials, subject.attempts, now=subject.now)
    if not lanes:
        said = "No trial of an agent has begun yet."
        return Chart.empty("timeline", title, said, subject=subject)
    shown = lanes[:_MOST_LANES]
    starts = sorted((s.start for lane in shown for s in lane.spans), reverse=True)
    first, begin = starts[-1], starts[:_MOST_SPANS][-1]
    spans = [(height, s) for height, lane in _heights(shown) for s in lane.spans if s.start >= begin]
    summary = _summary(lanes) + (f" The newest {len(spans)} spans of {len(starts)} are shown." if begin > first else "")
    length = max(s.end for _, s in spans) - first
    unit, unit_name = max((u for u in _UNITS if length >= 3 * u[0]), default=_UNITS[0])
    traces = [_bars(state, [(h, s) for h, s in spans if s.state is state], first, unit) for state in STATES]
    marks = [(height, f"{lane.owner} · {lane.share:.0%} busy") for height, lane in _heights(shown)]
    x = number_axis(f"{unit_name} since the first start", [(begin - first) / unit, max(length / unit, 1e-3)])
    lane = max(min(_LANE, _TALL // len(shown)), _LEAST_LANE)
    y = axis("", 0.4, len(shown) + 0.6, marks) | {"showgrid": False}
    made = figure([Panel(x, y, [trace for trace in traces if trace["x"]])], row=110 + len(shown) * lane)
    return Chart("timeline", title, summary, made, subject=subject)


def _heights(lanes: list[Lane]) -> list[tuple[int, Lane]]:
    return list(zip(range(len(lanes), 0, -1), lanes, strict=True))


def _bars(state: State, spans: list[tuple[int, Span]], first: float, unit: float) -> Trace:
    text = [
        f"trial {s.number}, attempt {s.attempt}: {word(s.state)}, {ticks.number(s.end - s.start)} s" for _, s in spans
    ]
    lengths, starts = [(s.end - s.start) / unit for _, s in spans], [(s.start - first) / unit for _, s in spans]
    look: Any = {"name": word(state), "colour": STATES[state], "text": text, "trials": [s.number for _, s in spans]}
    return bars([h for h, _ in spans], lengths, base=starts, **look)


def _summary(lanes: list[Lane]) -> str:
    busy = sum(lane.busy for lane in lanes)
    there = sum(lane.busy / lane.share for lane in lanes if lane.share)
    idle = max(lanes, key=lambda lane: lane.gap)
    agents = (
        f"{len(lanes)} agent{'s' if len(lanes) > 1 else ''}, at work {busy / there if there else 1:.0%} of their time."
    )
    gap = f" The longest gap between two trials: {ticks.number(idle.gap)} s, of {idle.owner}." if idle.gap >= 1 else ""
    more = f" The first {_MOST_LANES} are shown." if len(lanes) > _MOST_LANES else ""
    return agents + gap + more
