"""The metric of a figure: each trial's value, and a scale that outliers do not squash."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hyperopt_core.errors import ConfigError, suggest
from hyperopt_core.plots import ticks
from hyperopt_core.plots.figure import Axis, axis
from hyperopt_core.plots.text import plain
from hyperopt_core.space.scales import Continuous
from hyperopt_core.spec import Objective
from hyperopt_core.trial import Trial

_FENCE = 3.0  # interquartile ranges beyond the quartile on the bad side; what lies further out is clipped
_LARGEST = 1e150  # that is drawn
_LOG_RATIO = 30.0  # a loss over a wider range than this reads better on a logarithmic scale


def drawable(value: float) -> float:
    """A finite value that can be reckoned with: its square, its ratio to others and its logarithm stay finite.

    >>> [drawable(v) for v in (1e300, 0.5, -1e-300)]
    [1e+150, 0.5, 0.0]
    """
    return 0.0 if abs(value) < 1 / _LARGEST else float(min(max(value, -_LARGEST), _LARGEST))


def metric_values(trials: Sequence[Trial], metric: str) -> dict[int, float]:
    """Trial number -> its finite value of `metric`.

    `metric` may be any reported metric, or the name of the objective: that is what trials told without a name carry.
    Raises `ConfigError` where no trial knows the name.
    """
    names = sorted({name for t in trials for name in t.metrics})
    if metric in names:
        found = {t.number: t.metrics.get(metric) for t in trials}
    else:
        valued = [t for t in trials if t.value is not None]
        objective = [n for n in names if valued and all(t.metrics.get(n) == t.value for t in valued)]
        if objective:  # the objective goes by another name, so this one is a mistake
            raise ConfigError(
                f"no trial has reported {metric!r}{suggest(metric, names)}; reported were: {', '.join(names)}"
            )
        found = {t.number: t.value for t in trials}
    return {number: drawable(v) for number, v in found.items() if v is not None and math.isfinite(v)}


@dataclass(frozen=True)
class MetricScale:
    """A vertical scale with the better end up; values beyond its worse end are drawn at that end."""

    objective: Objective
    scale: Continuous
    clipped: int = 0  # how many values lie beyond the worse end
    extreme: float = math.nan  # the worst of them

    @property
    def flipped(self) -> bool:
        """Whether small values are up."""
        return self.objective.goal == "minimize"

    def place(self, value: float) -> float:
        """0 (worst) .. 1 (best)."""
        low, high = self.scale.low, self.scale.high
        at = self.scale.encode(min(max(value, low), high))
        return 1 - at if self.flipped else at

    @property
    def direction(self) -> str:
        """Which way is better, in three words and an arrow."""
        return "↑ lower is better" if self.flipped else "↑ higher is better"

    @property
    def clip_text(self) -> str:
        """What the lower end of the colour bar says; empty where nothing is clipped."""
        return f"{self.clipped} clipped" if self.clipped else ""

    @property
    def clip_note(self) -> str:
        """A sentence about values at the edge; empty where nothing is clipped."""
        if not self.clipped:
            return ""
        edge = "upper" if self.flipped else "lower"
        return f" {self.clip_text} at the {edge} edge, the worst is {ticks.number(self.extreme)}."

    @property
    def top(self) -> float:
        """The upper end of the range, as an axis has it: the logarithm on a logarithmic one."""
        return math.log10(self.scale.high) if self.scale.log else self.scale.high

    def clip(self, value: float) -> float:
        """`value`, or the end of the range beyond which it lies."""
        return min(max(value, self.scale.low), self.scale.high)

    def axis(self, objective: Objective, below: float = 0.04, above: float = 0.04) -> Axis:
        """The axis of a chart, with room as a part of the range."""
        low, high, marks = (
            self.scale.low,
            self.scale.high,
            list(zip(self.values, ticks.labels(self.values), strict=True)),
        )
        title = f"{objective.metric} ({objective.goal})"
        if self.scale.log:
            ratio = max(high / low, 1.1)
            return axis(title, low / ratio**below, high * ratio**above, marks, log=True, scale={})
        span = (high - low) or abs(low) / 5 or 1.0
        return axis(title, low - below * span, high + above * span, marks, scale={})

    @property
    def note(self) -> str:
        """What a reader must know of the scale."""
        parts = ["flipped so that better is up"] if self.flipped else []
        parts += ["on a logarithmic scale"] if self.scale.log else []
        if self.clipped:
            end = self.scale.high if self.flipped else self.scale.low
            parts.append(f"clipped at {ticks.number(end)} (the worst is {ticks.number(self.extreme)})")
        return f"{plain(self.objective.metric)} is {', '.join(parts)}" if parts else ""

    @property
    def values(self) -> list[float]:
        """Where ticks stand."""
        low, high = self.scale.low, self.scale.high
        return ticks.logarithmic(low, high) if self.scale.log and low < high else ticks.linear(low, high)


def metric_scale(values: Sequence[float], objective: Objective) -> MetricScale:
    """The scale for `values` (n,): logarithmic for losses over a wide range, without outliers on the bad side."""
    costs = np.array([objective.to_minimize(v) for v in values], dtype=float)
    if len(costs) == 0:
        return MetricScale(objective, Continuous(0.0, 1.0))
    log = False
    if objective.goal == "minimize" and costs.min() > 0:
        limit = _fence(costs, np.log(costs))
        log = math.log(limit) - math.log(costs.min()) > math.log(_LOG_RATIO)
    if not log:
        limit = _fence(costs, costs)
    low, high = sorted(objective.to_minimize(c) for c in (float(costs.min()), limit))
    extreme = objective.to_minimize(float(costs.max()))
    return MetricScale(objective, Continuous(low, high, log), int((costs > limit).sum()), extreme)


def _fence(costs: np.ndarray, seen: np.ndarray) -> float:
    """The largest cost that is shown in its place. seen: the costs as the scale shows them."""
    q1, q3 = np.quantile(seen, [0.25, 0.75])
    inside = seen <= q3 + _FENCE * (q3 - q1)
    least, most, end = float(seen.min()), float(seen[inside].max()), float(seen.max())
    # Cutting must be worth it: a little beyond the fence is still shown.
    return float(costs[inside].max()) if end - least > 2 * (most - least) > 0 else float(costs.max())
