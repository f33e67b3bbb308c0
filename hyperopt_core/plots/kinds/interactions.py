"""Which parameters matter together."""

from __future__ import annotations

from hyperopt_core.analysis import interactions as pairs
from hyperopt_core.plots.chart import Chart
from hyperopt_core.plots.kinds.bars import share_bars
from hyperopt_core.plots.subject import Subject
from hyperopt_core.plots.text import short_names

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
    own = [column.name for column in subject.space.columns]
    short = dict(zip(own, short_names(own, 18), strict=True))
    labels = [" × ".join(short[name] for name in row.names) for row in rows[:_MOST]]
    figure = share_bars(shown, labels, "share of the variance (with 90 % intervals)")
    rest = f" The {_MOST} strongest of {len(rows)} pairs." if len(rows) > _MOST else ""
    summary = f"Strongest: {shown[0][0]} explain {shown[0][1]:.0%} of the model's variance only together.{rest}"
    return Chart("interactions", title, summary, figure, subject=subject)
