"""What a benchmark problem is."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from hyperopt_core import SearchSpace
from hyperopt_core.space.parameters import Parameter

Params = dict[str, Any]
Evaluate = Callable[[Params], float]


@dataclass(frozen=True)
class Problem:
    """A space and a value to be minimised.

    truth: the value itself. noise: the standard deviation of what an optimizer is told around it. step: what it is told
    is rounded to multiples of this, as accuracies are.
    """

    parameters: Mapping[str, Parameter]
    truth: Evaluate
    noise: float = 0.0
    step: float = 0.0

    @cached_property
    def space(self) -> SearchSpace:
        """The space of the parameters."""
        return SearchSpace(self.parameters)

    def observe(self, params: Params, truth: float) -> float:
        """What an optimizer is told; the same configuration always gets the same noise, as with a fixed seed."""
        value = truth
        if self.noise:
            seed = zlib.crc32(json.dumps(params, sort_keys=True).encode())
            value += np.random.default_rng(seed).normal(0, self.noise)
        return float(np.round(value / self.step) * self.step) if self.step else float(value)
