"""Which parameters matter."""

from __future__ import annotations

from hyperopt_core.plots.chart import Chart
from hyperopt_core.plots.kinds.bars import share_bars
from hyperopt_core.plots.subject import Subject
from hyperopt_core.plots.text import short_names

_MOST = 25  # bars


def importance(subject: Subject) -> Chart:
    """A bar for each parameter, the most important on top, with a 90 % interval; see `analysis.importance`."""
    title, rows = "Which parameters matter", subject.importances
    if not rows:
        said = "Importance needs ten trials with a value."
        return Chart.empty("importance", title, said, subject=subject)
    shown = [(row.name, row.share, row.low, row.high) for row in rows[:_MOST]]
    figure = share_bars(shown, short_names([row[0] for row in shown]), "importance (with 90 % intervals)")
    rest = f" The {_MOST} most important of {len(rows)}." if len(rows) > _MOST else ""
    first = ", ".join(f"{row.name} {row.share:.0%}" for row in rows[:3])
    return Chart(
        "importance", title, f"Most important for being among the best tenth: {first}.{rest}", figure, subject=subject
    )
