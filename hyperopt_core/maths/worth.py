"""What a point is worth: the sum of an acquisition, of the odds that it can be evaluated, and of what users believe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from hyperopt_core.maths.acquisition import Acquisition


class Worth(Protocol):
    """A function of encoded points (m, d), NaN where a column is inactive."""

    def value(self, U: np.ndarray) -> np.ndarray:
        """Values (m,)."""

    def value_and_gradient(self, U: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values (m,) and gradients (m, d); 0 for categories and inactive columns."""


class Prediction(Protocol):
    """What a model predicts at m points."""

    @property
    def mean(self) -> np.ndarray:
        """Means (S, m)."""

    @property
    def deviation(self) -> np.ndarray:
        """Standard deviations (m,)."""

    def gradient(self, by_mean: np.ndarray, by_deviation: np.ndarray) -> np.ndarray:
        """Gradients (m, d) of a function with these derivatives by the means (S, m) and deviations (m,)."""


class Model(Protocol):
    """What an acquisition asks: a `Posterior`, or `CoKriging`."""

    def predict(self, U: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Means (S, m) and standard deviations (m,) at encoded points (m, d)."""

    def linearise(self, U: np.ndarray) -> Prediction:
        """The same, to be differentiated with regard to the points."""


class ModelWorth:
    """An acquisition of what a model predicts."""

    def __init__(self, model: Model, acquisition: Acquisition) -> None:
        self._model, self._acquisition = model, acquisition

    def value(self, U: np.ndarray) -> np.ndarray:
        return self._acquisition(*self._model.predict(U))[0]

    def value_and_gradient(self, U: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        at = self._model.linearise(U)
        value, by_mean, by_deviation = self._acquisition(at.mean, at.deviation)
        return value, at.gradient(by_mean, by_deviation)


class BeliefWorth:
    """A log density that a user believes in, times a weight (Hvarfner et al. 2022, eq. 6).

    Its slope is taken from differences. `numeric` holds the columns that are numbers.
    """

    _STEP = 1e-4

    def __init__(self, log_density: Callable[[np.ndarray], np.ndarray], weight: float, numeric: np.ndarray) -> None:
        self._log_density, self._weight, self._numeric = log_density, weight, numeric

    def value(self, U: np.ndarray) -> np.ndarray:
        return self._weight * self._log_density(U)

    def value_and_gradient(self, U: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        gradient = np.zeros(U.shape)
        for column in self._numeric:
            up, down = U.copy(), U.copy()
            up[:, column] = np.minimum(up[:, column] + self._STEP, 1.0)
            down[:, column] = np.maximum(down[:, column] - self._STEP, 0.0)
            rise = self.value(up) - self.value(down)
            gradient[:, column] = np.nan_to_num(rise / (up[:, column] - down[:, column]))
        return self.value(U), gradient


class InsideWorth:
    """Less worth outside a box [low, high] (d,): `weight` times the squared distance in each column, in `unit`s."""

    def __init__(self, low: np.ndarray, high: np.ndarray, unit: float, weight: float) -> None:
        self._low, self._high, self._unit, self._weight = low, high, unit, weight

    def value(self, U: np.ndarray) -> np.ndarray:
        return self.value_and_gradient(U)[0]

    def value_and_gradient(self, U: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        outside = U - np.minimum(np.maximum(U, self._low), self._high)
        outside /= self._unit
        outside[np.isnan(outside)] = 0.0
        return -self._weight * np.einsum("ij,ij->i", outside, outside), -2.0 * self._weight / self._unit * outside


class Sum:
    """Several worths at once."""

    def __init__(self, terms: Sequence[Worth]) -> None:
        self._terms = terms

    def value(self, U: np.ndarray) -> np.ndarray:
        return np.asarray(sum(term.value(U) for term in self._terms))

    def value_and_gradient(self, U: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        values, gradients = zip(*(term.value_and_gradient(U) for term in self._terms), strict=True)
        return np.asarray(sum(values)), np.asarray(sum(gradients))
