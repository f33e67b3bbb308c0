"""A parameter as an axis of a chart: its own scale on 0..1, with labels where its values stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hyperopt_core.plots import figure as fig
from hyperopt_core.plots import ticks
from hyperopt_core.plots.scales import Axis, parameter_axis
from hyperopt_core.plots.subject import VALUED, Subject
from hyperopt_core.space.conditions import canonical


@dataclass(frozen=True)
class Dimension:
    """One parameter."""

    name: str
    scale: Axis
    values: Mapping[int, Any]  # trial number -> its value, of the trials in which it is active

    @classmethod
    def of(cls, subject: Subject, name: str) -> Dimension:
        """The parameter `name` over the trials with a result."""
        flat = {t.number: subject.space.flatten(t.params) for t in subject.trials if t.state in VALUED}
        values = {number: params[name] for number, params in flat.items() if name in params}
        return cls(name, parameter_axis(name, subject.space.parameters[name], list(values.values())), values)

    @property
    def axis(self) -> fig.Axis:
        """The axis of a chart."""
        marks = [(round(tick.at, 6), tick.label) for tick in self.scale.ticks if tick.label]
        numbers = self.scale.scale
        if numbers is None:
            return fig.axis(self.name, -0.03, 1.03, marks)
        scale = {"low": numbers.low, "high": numbers.high, "log": numbers.log, "whole": self.scale.whole}
        return fig.axis(self.name, -0.03, 1.03, marks, scale=scale)

    def place(self, value: Any) -> float:
        """Where a value stands."""
        return self.scale.place(value)

    def text(self, value: Any) -> str:
        """A value in words: ``lr 0.01``."""
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return f"{self.name} {ticks.number(value) if number else value if isinstance(value, str) else canonical(value)}"
