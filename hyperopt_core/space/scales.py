"""Scales: how a number maps to the unit interval, continuous or in cells of equal width."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Continuous:
    """An interval [low, high], linear or logarithmic, mapped onto [0, 1]."""

    low: float
    high: float
    log: bool = False

    def encode(self, value: float) -> float:
        """The place of `value` in [0, 1]."""
        if self.high == self.low:
            return 0.5
        if self.log:
            return (math.log(value) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        # Halves keep the width finite for intervals as wide as the floats.
        return (value / 2 - self.low / 2) / (self.high / 2 - self.low / 2)

    def decode(self, u: float) -> float:
        """The value at `u`; exactly `low` and `high` at 0 and 1."""
        if u <= 0:
            return self.low
        if u >= 1:
            return self.high
        if self.log:
            value = math.exp(math.log(self.low) + u * (math.log(self.high) - math.log(self.low)))
        else:
            value = self.low * (1 - u) + self.high * u
        return min(max(value, self.low), self.high)


@dataclass(frozen=True, slots=True)
class Levels:
    """The numbers origin + k * step for k = first..last, each the owner of a cell of [0, 1].

    On a linear scale all cells are equally wide; on a logarithmic one that of v is log(v - step/2)..log(v + step/2).
    """

    origin: float
    step: float
    first: int
    last: int
    log: bool = False

    @property
    def count(self) -> int:
        """How many numbers there are."""
        return self.last - self.first + 1

    def value(self, index: int) -> float:
        """The number at `index` in 0..count-1."""
        return self.origin + (self.first + index) * self.step

    def index(self, value: float) -> int:
        """The index of the nearest number."""
        return min(max(round((value - self.origin) / self.step) - self.first, 0), self.count - 1)

    def encode(self, index: int) -> float:
        """The place of a number in [0, 1], inside its cell."""
        if not self.log:
            return (index + 0.5) / self.count
        low, width = self._log_edges()
        return (math.log(self.value(index)) - low) / width

    def decode(self, u: float) -> int:
        """The index whose cell holds `u`."""
        if not self.log:
            return min(max(int(u * self.count), 0), self.count - 1)
        low, width = self._log_edges()
        return self.index(math.exp(low + min(max(u, 0.0), 1.0) * width))

    def snap(self, u: np.ndarray) -> np.ndarray:
        """Each of `u` (n,) in [0, 1] moved to the place of the number whose cell holds it."""
        if not self.log:
            count = self.count
            return (np.minimum(np.floor(u * count), count - 1) + 0.5) / count
        low, width = self._log_edges()
        k = np.round((np.exp(low + u * width) - self.origin) / self.step)
        return (np.log(self.origin + np.clip(k, self.first, self.last) * self.step) - low) / width

    def _log_edges(self) -> tuple[float, float]:
        """(log of the lower edge, width in logs) of the whole scale."""
        least, most = self.value(0), self.value(self.count - 1)
        low = math.log(max(least - self.step / 2, least / 2))
        return low, math.log(most + self.step / 2) - low
