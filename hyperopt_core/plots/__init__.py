"""Charts of a sweep: built once as plain figures, then drawn by the page, by notebooks, and by matplotlib for print.

`plot` makes a `Chart`; `Chart.save` writes it. Nothing here imports matplotlib before something is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from hyperopt_core.errors import ConfigError, suggest
from hyperopt_core.plots.chart import Chart
from hyperopt_core.plots.kinds import KINDS
from hyperopt_core.plots.subject import Subject

if TYPE_CHECKING:
    from hyperopt_core.history import History

__all__ = ["KINDS", "Chart", "Subject", "make_chart", "plot"]

_WITHOUT_METRIC = ("front", "timeline", "savings")


class HasHistory(Protocol):
    """A `Sweep`, an `Optimizer`: whatever knows what was tried."""

    @property
    def history(self) -> History:
        """What is known."""


def plot(source: HasHistory, kind: str = "parallel", **options: Any) -> Chart:
    """A chart of a sweep or an optimizer, as it stands now.

    kind: parallel, history, curves, importance, interactions, slices, contour, front, timeline, savings or calibration;
    each takes the options of its function in `hyperopt_core.plots.kinds`. Raises `ConfigError` for an unknown kind or
    option, and for what no trial has. Where there is nothing to draw yet, the chart says so.

    >>> from hyperopt_core import Float, Optimizer
    >>> opt = Optimizer({"x": Float(0, 1)}, strategy="random", seed=0)
    >>> for _ in range(12):
    ...     trial = opt.ask()
    ...     opt.tell(trial, trial.params["x"] ** 2)
    >>> plot(opt, "importance").summary
    'Most important for being among the best tenth: x 100%.'
    """
    return make_chart(Subject(source.history, str(getattr(source, "name", ""))), kind, **options)


def make_chart(subject: Subject, kind: str, **options: Any) -> Chart:
    """The chart of that kind. Raises `ConfigError`."""
    if kind not in KINDS:
        raise ConfigError(f"there is no chart {kind!r}{suggest(kind, KINDS)}; there are: {', '.join(KINDS)}")
    known = list(KINDS[kind].__kwdefaults__ or ())
    for name in options:
        if name not in known:
            there = f"; it takes {', '.join(known)}" if known else "; it takes none"
            raise ConfigError(f"{kind} has no option {name!r}{suggest(name, known)}{there}")
    if kind not in _WITHOUT_METRIC and options.get("metric") is None and subject.lacks_metric:
        return Chart.empty(kind, kind.capitalize(), _no_metric(subject, "metric" in known), subject)
    return KINDS[kind](subject, **options)


def _no_metric(subject: Subject, can_choose: bool) -> str:
    names = sorted({name for trial in subject.trials for name in trial.metrics})
    others = f"; `plot` takes one that trials reported: {', '.join(names)}" if can_choose and names else ""
    return f"The sweep names no metric{others}."
