"""Which trials are best for some weighing of two measures: the Pareto front."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hyperopt_core.spec import Objective


def front(one: Mapping[int, float], other: Mapping[int, float], goals: tuple[str, str]) -> list[int]:
    """The keys of both mappings that no third one beats in both, from the best in `one` to the best in `other`.

    Of equal pairs all are on it. Values that are not finite do not count. Raises `ConfigError` for an unknown goal.

    >>> front({0: 0.9, 1: 0.95, 2: 0.8}, {0: 10.0, 1: 60.0, 2: 30.0}, ("maximize", "minimize"))
    [1, 0]
    """
    signs = [Objective(goal=goal).sign for goal in goals]
    keys = [k for k in one if k in other and np.isfinite(one[k]) and np.isfinite(other[k])]
    pairs = sorted((signs[0] * one[k], signs[1] * other[k], k) for k in keys)
    found: list[tuple[float, float, int]] = []
    for pair in pairs:
        if not found or pair[1] < found[-1][1] or pair[:2] == found[-1][:2]:
            found.append(pair)
    return [k for _, _, k in found]
