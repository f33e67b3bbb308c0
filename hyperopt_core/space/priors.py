"""Beliefs: where a user expects the optimum, as a truncated normal on the parameter's own scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from hyperopt_core.errors import ConfigError, suggest

if TYPE_CHECKING:
    from hyperopt_core.space.parameters import Parameter

#: prior_confidence -> standard deviation as a share of the range.
CONFIDENCE = {"low": 0.5, "medium": 0.25, "high": 0.125}
#: prior_confidence -> how many times likelier the expected choice is than any other.
CHOICE_ODDS = {"low": 2.0, "medium": 4.0, "high": 8.0}


@dataclass(frozen=True)
class Belief:
    """A normal distribution around coordinate `mean` with `sd`, truncated to [0, 1]."""

    center: Any  # as the user gave it
    confidence: str
    mean: float
    sd: float

    def ppf(self, u: np.ndarray) -> np.ndarray:
        """Inverse distribution function at `u` (n,)."""
        from scipy.special import ndtri

        below, above = self._tails()
        return np.clip(self.mean + self.sd * ndtri(below + u * (above - below)), 0.0, 1.0)

    def log_density(self, u: np.ndarray) -> np.ndarray:
        """Log density (n,) at coordinates `u` (n,)."""
        below, above = self._tails()
        scale = math.log(self.sd * math.sqrt(2 * math.pi) * (above - below))
        return -0.5 * ((u - self.mean) / self.sd) ** 2 - scale

    def _tails(self) -> tuple[float, float]:
        normal = NormalDist(self.mean, self.sd)
        return normal.cdf(0.0), normal.cdf(1.0)


def parse_prior(parameter: Parameter, prior: Any, confidence: str) -> Belief | None:
    """The belief that a numeric parameter's `prior` and `prior_confidence` state, or None. Raises `ConfigError`."""
    if prior is None:
        return None
    _check_confidence(confidence)
    try:
        mean = parameter.encode(parameter.clean(prior))
    except ValueError as fault:
        raise ConfigError(f"prior is not a value of the parameter: {fault}") from None
    return Belief(prior, confidence, mean, CONFIDENCE[confidence])


def choice_weights(count: int, expected: int, confidence: str) -> Sequence[float]:
    """Probabilities of `count` choices where the one at index `expected` is believed to be best."""
    _check_confidence(confidence)
    odds = CHOICE_ODDS[confidence]
    return [(odds if i == expected else 1.0) / (odds + count - 1) for i in range(count)]


def _check_confidence(confidence: str) -> None:
    if confidence not in CONFIDENCE:
        raise ConfigError(
            f"prior_confidence is {confidence!r}: one of {', '.join(CONFIDENCE)}{suggest(confidence, CONFIDENCE)}"
        )
