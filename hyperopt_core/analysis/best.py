"""The best trial, and how the best value improved over the sweep."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from hyperopt_core.errors import ConfigError, suggest
from hyperopt_core.history import best_trial
from hyperopt_core.spec import Objective
from hyperopt_core.trial import State, Trial


def best(trials: Iterable[Trial], goal: str = "minimize") -> Trial | None:
    """The best completed trial; the best one stopped early only where none is completed; None where neither is.

    Of equal ones the first counts; values that are not finite do not. Raises `ConfigError` for an unknown goal.

    >>> best([Trial(0, state=State.COMPLETED, values=(0.3,)), Trial(1, state=State.STOPPED, values=(0.1,))]).number
    0
    """
    return best_trial(list(trials), Objective(goal=goal))


def valued_by(trials: Sequence[Trial], metric: str) -> list[Trial]:
    """The trials with what they reported last of any metric as their value; none where they did not report it.

    Raises `ConfigError` for a metric that no trial has reported.

    >>> [t.values for t in valued_by([Trial(0, values=(1.0,), metrics={"acc": 0.9}), Trial(1)], "acc")]
    [(0.9,), ()]
    """
    names = sorted({name for trial in trials for name in trial.metrics})
    if metric not in names:
        there = f"; reported were: {', '.join(names)}" if names else ""
        raise ConfigError(f"no trial has reported {metric!r}{suggest(metric, names)}{there}")
    return [replace(t, values=(t.metrics[metric],) if metric in t.metrics else ()) for t in trials]


def history_best(trials: Iterable[Trial], goal: str = "minimize") -> list[float]:
    """The best value so far after each trial, in the order given; NaN until there is one.

    Completed trials count; those stopped early only where none is completed. Raises `ConfigError` for an unknown goal.

    >>> history_best([Trial(n, state=State.COMPLETED, values=(v,)) for n, v in enumerate([0.5, 0.7, 0.2])])
    [0.5, 0.5, 0.2]
    """
    objective = Objective(goal=goal)
    rows = list(trials)
    incumbent = best_trial(rows, objective)
    counted = State.COMPLETED if incumbent is None else incumbent.state
    so_far, out = math.nan, []
    for trial in rows:
        value = trial.value
        if trial.state is counted and value is not None and math.isfinite(value) and objective.better(value, so_far):
            so_far = value
        out.append(so_far)
    return out
