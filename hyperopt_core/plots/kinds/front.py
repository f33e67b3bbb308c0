"""Two measures of the same trials: what one costs in the other."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from hyperopt_core.analysis import front as front_of
from hyperopt_core.errors import ConfigError, suggest
from hyperopt_core.plots import ticks
from hyperopt_core.plots.chart import Chart
from hyperopt_core.plots.figure import Axis, Panel, figure, line, number_axis, points
from hyperopt_core.plots.metric import metric_values
from hyperopt_core.plots.palette import ACCENT, BLUE
from hyperopt_core.plots.subject import Subject, thinned
from hyperopt_core.spec import GOALS, Objective
from hyperopt_core.trial import State

SECONDS = "seconds"
_DOTS = 2000  # beside the front
_WIDE = 100.0  # ratios from which a scale is logarithmic


def front(
    subject: Subject,
    *,
    x: str | None = None,
    y: str | None = None,
    x_goal: str | None = None,
    y_goal: str | None = None,
) -> Chart:
    """Completed trials by two measures; those on the line are beaten in both by none.

    x, y: the metric of the sweep, another one that trials reported, or their "seconds"; by default seconds against the
    metric, or against the first that was reported where the sweep names none. x_goal, y_goal: "minimize" or "maximize";
    by default the sweep's for its metric, "minimize" for others. Raises `ConfigError` for what no trial has measured.
    """
    own = subject.history.objective
    title = "What one measure costs in another"
    done = [t for t in subject.trials if t.state is State.COMPLETED]
    reported = [name for name in dict.fromkeys(name for t in done for name in t.metrics) if name != own.metric]
    timed = [SECONDS] if any(t.seconds is not None for t in done) and SECONDS not in reported else []
    first, *others = [*([] if subject.lacks_metric else [own.metric]), *reported] or [SECONDS]
    known = tuple(dict.fromkeys((first, *timed, *others)))
    y = y or first
    x = x or next((name for name in known if name != y), SECONDS)
    goals = _goal("x_goal", x, x_goal, own), _goal("y_goal", y, y_goal, own)
    given: Any = {"choices": {"x": known, "y": known, "x_goal": GOALS, "y_goal": GOALS}, "subject": subject}
    given["chosen"] = {"x": x, "y": y, "x_goal": goals[0], "y_goal": goals[1]}
    if not done or len(known) < 2:
        said = "No trial has been completed yet." if not done else f"Trials measured nothing but {first}."
        return Chart.empty("front", title, said, subject)
    across, up = _measure(subject, x, known), _measure(subject, y, known)
    both = [t.number for t in done if t.number in across and t.number in up]
    if not both:
        said = f"No completed trial has both {x} and {y}."
        return Chart.empty("front", title, said, **given)
    on = front_of({n: across[n] for n in both}, up, goals)
    beaten = sorted(set(both) - set(on))
    off = thinned(beaten, _DOTS)

    def text(n: int) -> str:
        return f"trial {n}: {x} {ticks.number(across[n], 4)}, {y} {ticks.number(up[n], 4)}"

    def marks(some: list[int], **look: object) -> dict[str, object]:
        at = [across[n] for n in some], [up[n] for n in some]
        return points(*at, text=[text(n) for n in some], trials=some, **look)  # type: ignore[arg-type]

    size = 6 if len(both) <= 300 else 4
    corners = _stairs([(across[n], up[n]) for n in on])
    traces = [line(*corners, colour=ACCENT, width=1.4), marks(on, name="on the front", colour=ACCENT, size=8)]
    traces = [marks(off, name="beaten in both", colour=BLUE, size=size), *traces] if off else traces
    axes = [
        _axis(name, goal, [some[n] for n in both]) for name, goal, some in ((x, goals[0], across), (y, goals[1], up))
    ]
    top = f"best {y} {ticks.number(up[on[-1]], 4)} with {x} {ticks.number(across[on[-1]], 4)}"
    best = f"{len(on)} of {len(both)} trials are on the front; {top}."
    return Chart("front", title, best, figure([Panel(axes[0], axes[1], traces)], row=360), **given)


def _goal(key: str, name: str, given: str | None, own: Objective) -> str:
    if given is not None and given not in GOALS:
        raise ConfigError(f"{key} is {given!r}: minimize or maximize{suggest(given, GOALS)}")
    return given or (own.goal if name == own.metric else "minimize")


def _measure(subject: Subject, name: str, known: tuple[str, ...]) -> Mapping[int, float]:
    if name not in known:
        raise ConfigError(f"no completed trial measured {name!r}{suggest(name, known)}; there are: {', '.join(known)}")
    if name == subject.history.objective.metric:
        return subject.values(subject.history.objective)
    if name == SECONDS and not any(SECONDS in t.metrics for t in subject.trials):
        return {t.number: t.seconds for t in subject.trials if t.seconds is not None and math.isfinite(t.seconds)}
    return metric_values(subject.trials, name)


def _axis(name: str, goal: str, values: list[float]) -> Axis:
    low, high = min(values), max(values)
    return number_axis(f"{name} ({goal})", values, log=low > 0 and high / low > _WIDE)


def _stairs(on: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """The corners of the front, which is as good as the worse of two neighbours between them."""
    x, y = [on[0][0]], [on[0][1]]
    for across, up in on[1:]:
        x += [across, across]
        y += [y[-1], up]
    return x, y
