"""What charts are drawn of: a sweep's history, and what several charts need of it, computed once."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from hyperopt_core.analysis import Importance, Model, importance
from hyperopt_core.errors import ConfigError, suggest
from hyperopt_core.history import History, lacks_metric
from hyperopt_core.plots.metric import MetricScale, drawable, metric_scale, metric_values
from hyperopt_core.spec import Objective
from hyperopt_core.trial import State, Trial

if TYPE_CHECKING:
    from hyperopt_core.space import SearchSpace
    from hyperopt_core.storage.protocol import Attempt

VALUED = (State.COMPLETED, State.STOPPED)


def thinned(numbers: Sequence[int], most: int, keep: Collection[int] = ()) -> list[int]:
    """At most about `most` of `numbers`, evenly, and those to `keep`.

    >>> thinned(range(10), 4, keep=[1])
    [0, 1, 3, 6, 9]
    """
    every = -(-len(numbers) // most) or 1
    return [n for i, n in enumerate(numbers) if i % every == 0 or n in keep]


class Subject:
    """A history with its name. attempts: of trials that had several, for the timeline; now: in seconds since 1970."""

    def __init__(
        self,
        history: History,
        name: str = "",
        *,
        attempts: Mapping[int, Sequence[Attempt]] | None = None,
        now: float | None = None,
    ) -> None:
        self.history, self.name, self.attempts, self.now = history, name, attempts or {}, now

    @property
    def space(self) -> SearchSpace:
        """The search space."""
        return self.history.space

    @cached_property
    def trials(self) -> list[Trial]:
        """All trials by number."""
        return self.history.trials

    @cached_property
    def model(self) -> Model | None:
        """The model of the metric, where there are trials enough for one."""
        return Model.of(self.history)

    @cached_property
    def importances(self) -> list[Importance]:
        """Parameters by their importance."""
        return importance(self.trials, self.space, self.history.objective.goal)

    @cached_property
    def lacks_metric(self) -> bool:
        """Whether nothing tells which trial is better."""
        return lacks_metric(self.trials, self.history.objective)

    def objective(self, metric: str | None, goal: str | None) -> Objective:
        """The metric to draw: the sweep's own, or another one with the goal that is given."""
        return self.history.objective.instead(metric, goal)

    def values(self, objective: Objective) -> dict[int, float]:
        """Trial number -> its finite value. Raises `ConfigError` for a metric that no trial has reported."""
        if objective.metric == self.history.objective.metric:
            known = {t.number: t.value for t in self.trials if t.value is not None and math.isfinite(t.value)}
            return {number: drawable(value) for number, value in known.items()}
        return metric_values(self.trials, objective.metric)

    def scale(self, values: Mapping[int, float], objective: Objective) -> MetricScale:
        """The scale of the metric over the trials that have a result."""
        return metric_scale(
            [values[t.number] for t in self.trials if t.state in VALUED and t.number in values], objective
        )

    def parameter(self, name: str) -> str:
        """`name`, if a parameter that varies is called so. Raises `ConfigError`."""
        known = [column.name for column in self.space.columns]
        if name not in known:
            there = ", ".join(known) or "none"
            raise ConfigError(f"no parameter is called {name!r}{suggest(name, known)}; there are: {there}")
        return name
