"""Parallel coordinates: one line a trial through one axis a parameter."""

from __future__ import annotations

from collections.abc import Sequence

from hyperopt_core.plots.chart import Chart
from hyperopt_core.plots.subject import VALUED, Subject


def parallel(
    subject: Subject,
    *,
    metric: str | None = None,
    goal: str | None = None,
    where: str | None = None,
    axes: Sequence[str] | None = None,
) -> Chart:
    """One line for each trial that is completed or was stopped early, coloured by the metric.

    metric, goal: another metric that trials reported. where: trials that do not meet this condition are grey. axes: the
    parameters or metrics to show, in this order. The page draws parallel coordinates itself, to be brushed; this is the
    picture.
    """
    objective = subject.objective(metric, goal)
    count = sum(t.state in VALUED for t in subject.trials)
    many = f"{count} trial{'s' if count != 1 else ''}"
    summary = f"{many} through {len(subject.space.columns)} parameters to {objective.metric}." if count else "No trial."
    options = {"metric": objective.metric, "goal": objective.goal, "where": where, "axes": axes}
    return Chart("parallel", "Parallel coordinates", summary, {}, chosen=options, subject=subject)
