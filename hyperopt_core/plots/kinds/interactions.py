"""Which parameters matter together."""

from __future__ import annotations

from hyperopt_core.analysis import interactions as pairs
from hyperopt_core.plots.chart import Chart
from hyperopt_core.plots.kinds.bars import share_bars
from hyperopt_core.plots.subject import Subject

_MOST = 15  # bars


def interactions(subject: Subject) -> Chart:
    """A bar for each pair of parameters, the strongest on top, with a 90 % interval; see `analysis.interactions`."""
    title = "Which parameters matter together"
    rows = pairs(subject.history, subject.model)
    if not rows:
        few = "Interactions need eight completed trials with different values."
        said = few if subject.space.d > 1 else "There is one parameter: nothing to interact with."
        return Chart.empty("interactions", title, said, subject=subject)
    shown = [(" × ".join(row.names), row.share, row.low, row.high) for row in rows[:_MOST]]
    figure = share_bars(shown, "share of the variance that two explain only together, with 90 % intervals")
    rest = f" The {_MOST} strongest of {len(rows)} pairs." if len(rows) > _MOST else ""
    summary = f"Strongest: {shown[0][0]}, {shown[0][1]:.0%} of the variance of the model.{rest}"
    return Chart("interactions", title, summary, figure, subject=subject)
