"""The kinds of charts, each a function of what is drawn and a few options."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hyperopt_core.plots.chart import Chart
from hyperopt_core.plots.kinds import (
    calibration,
    contour,
    curves,
    front,
    history,
    importance,
    interactions,
    parallel,
    savings,
    slices,
    timeline,
)

#: name -> what makes the chart, in the order in which people look at them
KINDS: Mapping[str, Callable[..., Chart]] = {
    "parallel": parallel.parallel,
    "history": history.history,
    "curves": curves.curves,
    "importance": importance.importance,
    "interactions": interactions.interactions,
    "slices": slices.slices,
    "contour": contour.contour,
    "front": front.front,
    "timeline": timeline.timeline,
    "savings": savings.savings,
    "calibration": calibration.calibration,
}
