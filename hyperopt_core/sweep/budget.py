"""When a sweep ends by itself: its budget is spent, or its trials cannot work."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hyperopt_core.history import History, best_trial
from hyperopt_core.optimizer import missing_metric
from hyperopt_core.spec import SweepSpec
from hyperopt_core.trial import Outcome, State, Trial

#: A sweep whose first trials all fail stops after this many: the fault is not in the configurations.
FIRST_FAILURES = 5


def why_over(
    spec: SweepSpec,
    history: History,
    *,
    seconds: float,
    capacity: int | None,
    unfinished: bool,
    counted: int | None = None,
) -> str:
    """Why no trial is given out any more, or an empty string.

    seconds: the age of the sweep. capacity: the points of a finite space. unfinished: trials wait to be tried again or
    to go on, which the limits on new ones do not touch. counted: only trials below this number count for the target,
    which ends nothing that is unfinished; None: all of them.
    """
    objective, limits = spec.objective, spec.limits
    if objective.target is not None and (counted is None or not unfinished):
        best = history.best if counted is None else best_trial(history.trials[:counted], objective)
        if best is not None and best.state is State.COMPLETED and objective.reached(best.values[0]):
            return f"target {objective.target:g} reached by trial {best.number}"
    if limits.seconds is not None and seconds > limits.seconds:
        return f"time limit of {limits.seconds:g} s reached"
    if unfinished:
        return ""
    if limits.trials is not None and len(history) >= limits.trials:
        return f"all {limits.trials} trials given out"
    if capacity is not None and history.distinct >= capacity:
        return f"all {capacity} points of the space tried"
    return ""


def why_hopeless(metric: str, trials: Sequence[Trial], outcome: Outcome) -> str:
    """Why more trials would be a waste, after one failed with `outcome`; an empty string where they would not.

    Either nobody logs the metric, or the first trials have all failed.
    """
    if any(t.state is State.COMPLETED or any(map(math.isfinite, t.values)) for t in trials):
        return ""
    if outcome.error is None and outcome.metrics and metric not in outcome.metrics:
        return missing_metric(metric, outcome.metrics) + "; a new sweep with another `metric` is needed"
    failures = sum(t.state is State.FAILED for t in trials)
    if failures and failures % FIRST_FAILURES == 0:  # after a `resume` it takes as many more
        return f"the first {failures} trials failed, the last with: {outcome.reason}"
    return ""
