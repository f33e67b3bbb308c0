"""What the model says along one parameter or over two, the others being those of a good trial."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from hyperopt_core.analysis.model import Model
from hyperopt_core.space import Parameter

if TYPE_CHECKING:
    from hyperopt_core.history import History
    from hyperopt_core.trial import Trial

_PLACES = 48  # along a parameter of many values


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """Predictions at every combination of values of some parameters; NaN where there is no such point."""

    names: tuple[str, ...]
    values: tuple[tuple[Any, ...], ...]  # of each parameter
    mean: np.ndarray  # one axis a parameter, in the order of `names`
    low: np.ndarray  # one standard deviation below
    high: np.ndarray
    trial: int  # whose values the other parameters have

    @property
    def sd(self) -> np.ndarray:
        """Half the width from `low` to `high`."""
        return self.high / 2 - self.low / 2


def surface(history: History, model: Model, names: Sequence[str]) -> Surface | None:
    """The model over the parameters `names`; None where no completed trial has all of them.

    The other parameters stay at the values of the best completed trial that has these, so that the surface runs through
    it; one that only becomes active on the way stands in its middle. Where one of `names` is inactive, or a constraint
    does not hold, there is no point, and the surface has NaN.

    >>> from hyperopt_core import Optimizer, Float
    >>> opt = Optimizer({"x": Float(0, 1), "y": Float(0, 1)}, strategy="random", seed=0)
    >>> for _ in range(12):
    ...     trial = opt.ask()
    ...     opt.tell(trial, trial.params["x"])
    >>> surface(opt.history, Model.of(opt.history), ["x"]).mean.shape
    (48,)
    """
    space = history.space
    columns = [[c.name for c in space.columns].index(name) for name in names]
    base = _base(history, columns)
    if base is None:
        return None
    values = [_values(space.parameters[name]) for name in names]
    U = np.repeat(history.points([base.number]), math.prod(map(len, values)), axis=0)
    codes = [[space.parameters[name].encode(v) for v in some] for name, some in zip(names, values, strict=True)]
    U[:, columns] = list(product(*codes))
    U = space.snap(U)
    there = ~np.isnan(U[:, columns]).any(axis=1) & space.feasible(U)
    shape = tuple(map(len, values))
    mean, low, high = (np.where(there, seen, np.nan).reshape(shape) for seen in model.predict(U))
    return Surface(tuple(names), tuple(map(tuple, values)), mean, low, high, base.number)


def _base(history: History, columns: Sequence[int]) -> Trial | None:
    """The best completed trial in which these columns are active."""
    active = ~np.isnan(history.X[:, columns]).any(axis=1)
    if not active.any():
        return None
    return history.completed[int(np.argmin(np.where(active, history.y, np.inf)))]


def _values(parameter: Parameter) -> list[Any]:
    if parameter.levels is not None and parameter.levels <= _PLACES:
        return [parameter.level(i) for i in range(parameter.levels)]
    return list(dict.fromkeys(parameter.decode((i + 0.5) / _PLACES) for i in range(_PLACES)))
