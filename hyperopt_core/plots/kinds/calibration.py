"""Whether the model's predictions keep their word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hyperopt_core.analysis import Prediction, coverage, predictions
from hyperopt_core.plots import ticks
from hyperopt_core.plots.chart import Chart
from hyperopt_core.plots.figure import Panel, axis, band, errors, figure, line, points
from hyperopt_core.plots.metric import drawable
from hyperopt_core.plots.palette import BAND, BLUE, INK, RULE
from hyperopt_core.plots.subject import Subject

_LEAST, _DOTS = 5, 1000
_FAR = 1e6  # standard deviations: further off makes no difference
_LEVELS = tuple(k / 20 for k in range(1, 20))


def calibration(subject: Subject) -> Chart:
    """What the strategy predicted of each completed trial against what was seen, and how often intervals held.

    Left: the predicted mean with its standard deviation against the value; on the line they agree. Right: of intervals
    of each level, how many held the value; on the line they promise what they keep, below it the model is too sure. In
    the band lie nine of ten models that are right, by so many trials.
    """
    title = "What was predicted, and what was seen"
    found = predictions(subject.trials)
    if len(found) < _LEAST:
        there = f"there {'is' if len(found) == 1 else 'are'} {len(found)}"
        said = f"Calibration needs {_LEAST} completed trials that a model proposed; {there}."
        return Chart.empty("calibration", title, said, subject=subject)
    made = figure([_against(found, subject.history.objective.metric), _levels(found)], columns=2, row=340)
    z = np.clip([one.residual for one in found], -_FAR, _FAR)
    inside = np.mean(np.abs(z) <= 1)
    off, spread = ticks.number(float(z.mean()), 2), ticks.number(float(z.std()), 2)
    summary = (
        f"{len(found)} predictions of the metric without noise: {inside:.0%} of the values within one predicted "
        f"standard deviation (68% if that is right and trainings repeat exactly, fewer where they vary); "
        f"standardised residuals have mean {off} and spread {spread}."
    )
    return Chart("calibration", title, summary, made, subject=subject)


def _against(predicted: Sequence[Prediction], metric: str) -> Panel:
    found = predicted[:: -(-len(predicted) // _DOTS)]
    means, seen, sds = ([drawable(getattr(one, name)) for one in found] for name in ("mean", "value", "sd"))
    low, high = (
        np.quantile([*means, *seen], [0.02, 0.98]) if len(found) > 20 else (min(*means, *seen), max(*means, *seen))
    )
    room = 0.1 * (high - low) or abs(high) / 10 or 0.5
    low, high = float(low - room), float(high + room)
    shown = ticks.linear(low, high)
    marks = list(zip(shown, ticks.labels(shown), strict=True))
    text = [
        f"trial {p.number}: predicted {ticks.number(p.mean)} ± {ticks.number(p.sd)}, seen {ticks.number(p.value)}"
        for p in found
    ]
    look: Any = {
        "colour": BLUE,
        "text": text,
        "trials": [one.number for one in found],
        "size": 6 if len(found) < 200 else 4,
    }
    clipped = [[min(max(v, low), high) for v in some] for some in (means, seen)]
    dots = points(*clipped, error=errors("x", sds, sds, RULE), **look)
    ends = [low, high]
    return Panel(
        axis(f"predicted {metric}", low, high, marks),
        axis(f"seen {metric}", low, high, marks),
        [line(ends, ends, colour=INK, width=1), dots],
    )


def _levels(found: Sequence[Prediction]) -> Panel:
    rows = coverage(found, _LEVELS)
    x = [0.0, *_LEVELS, 1.0]
    marks = [(at, f"{at:.0%}") for at in (0, 0.25, 0.5, 0.75, 1)]
    text = [f"{row.level:.0%} intervals held {row.seen:.0%}" for row in rows]
    traces = [
        band(x, [0.0, *(row.low for row in rows), 1.0], [0.0, *(row.high for row in rows), 1.0], BAND),
        line([0, 1], [0, 1], colour=INK, width=1),
        line(x, [0.0, *(row.seen for row in rows), 1.0], colour=BLUE),
        points(_LEVELS, [row.seen for row in rows], colour=BLUE, size=6, text=text),
    ]
    return Panel(
        axis("what the predicted interval promises to hold", 0, 1, marks), axis("values inside", 0, 1.02, marks), traces
    )
