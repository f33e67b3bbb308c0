"""The distributions that a sweep file may name: W&B's, and `int_log_uniform_values`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from hyperopt_core.errors import suggest
from hyperopt_core.space.distributions import Beta, LogNormal, Normal
from hyperopt_core.space.parameters import Categorical, Constant, Float, Int, Parameter

Build: TypeAlias = Callable[..., Parameter]

PRIOR = ("prior", "prior_confidence")
BOUNDS = ("min", "max")
_STEPS = ("step", *PRIOR)
_QUANTISED = ("q", *PRIOR)

#: What users of other tools write -> our key.
_OTHER_WORDS = {
    **dict.fromkeys(("low", "lower", "minimum", "from", "start"), "min"),
    **dict.fromkeys(("high", "upper", "maximum", "to", "stop", "end"), "max"),
    **dict.fromkeys(("choices", "options", "categories", "value_list"), "values"),
    **dict.fromkeys(("type", "dist", "scale"), "distribution"),
    **dict.fromkeys(("mean", "loc"), "mu"),
    **dict.fromkeys(("std", "sd", "stddev"), "sigma"),
    "alpha": "a",
    "beta": "b",
    **dict.fromkeys(("weights", "probs", "p"), "probabilities"),
    **dict.fromkeys(("condition", "conditions", "if"), "when"),
}


@dataclass(frozen=True)
class Distribution:
    """A distribution of W&B's: the keys that it needs and may have, and the parameter that they make."""

    build: Build
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    above_zero: bool = False  # min and max are on a logarithmic scale
    exponents: bool = False  # min and max are exponents of e

    @property
    def keys(self) -> tuple[str, ...]:
        """What may stand beside `distribution`."""
        return (*self.needs, *self.may, "when")


def _exponents(low: float, high: float, **options: Any) -> Float:
    return Float(math.exp(low), math.exp(high), log=True, **options)


def _inverse_exponents(low: float, high: float, **options: Any) -> Float:
    # log(1 / x) is uniform in [min, max], so x is log-uniform in [exp(-max), exp(-min)].
    return Float(math.exp(-high), math.exp(-low), log=True, **options)


def _log(low: float, high: float, **options: Any) -> Float:
    return Float(low, high, log=True, **options)


def _log_int(low: int, high: int, **options: Any) -> Int:
    return Int(low, high, log=True, **options)


#: Every distribution that a sweep file may name.
DISTRIBUTIONS: Mapping[str, Distribution] = {
    "constant": Distribution(Constant, ("value",)),
    "categorical": Distribution(Categorical, ("values",), PRIOR),
    "categorical_w_probabilities": Distribution(Categorical, ("values", "probabilities"), PRIOR),
    "int_uniform": Distribution(Int, BOUNDS, _STEPS),
    "int_log_uniform_values": Distribution(_log_int, BOUNDS, _STEPS, above_zero=True),
    "uniform": Distribution(Float, BOUNDS, _STEPS),
    "q_uniform": Distribution(Float, BOUNDS, _QUANTISED),
    "log_uniform": Distribution(_exponents, BOUNDS, PRIOR, exponents=True),
    "log_uniform_values": Distribution(_log, BOUNDS, _STEPS, above_zero=True),
    "q_log_uniform": Distribution(_exponents, BOUNDS, _QUANTISED, exponents=True),
    "q_log_uniform_values": Distribution(_log, BOUNDS, _QUANTISED, above_zero=True),
    "inv_log_uniform": Distribution(_inverse_exponents, BOUNDS, PRIOR, exponents=True),
    "inv_log_uniform_values": Distribution(_log, BOUNDS, PRIOR, above_zero=True),
    "normal": Distribution(Normal, (), ("mu", "sigma")),
    "q_normal": Distribution(Normal, (), ("mu", "sigma", "q")),
    "log_normal": Distribution(LogNormal, (), ("mu", "sigma")),
    "q_log_normal": Distribution(LogNormal, (), ("mu", "sigma", "q")),
    "beta": Distribution(Beta, (), ("a", "b")),
    "q_beta": Distribution(Beta, (), ("a", "b", "q")),
}

#: Every key that some parameter may have.
ALL_KEYS = sorted({key for d in DISTRIBUTIONS.values() for key in d.keys} | {"distribution", "parameters"})


def did_you_mean(key: str) -> str:
    """A suggestion for a key that no parameter has, or an empty string."""
    word = _OTHER_WORDS.get(key.lower())
    return f"; did you mean {word!r}?" if word else suggest(key[:80], ALL_KEYS)


def better(key: str, name: str) -> str:
    """What to write instead of `key`, which distribution `name` does not take."""
    if key == "q" and f"q_{name}" in DISTRIBUTIONS:
        return f": write `distribution: q_{name}`, or remove it"
    if key == "q" and name.startswith("int_"):
        return ": use `step`, which counts from min"
    if key == "step" and name.startswith("q_"):
        return ": `q` is the step, counted from 0"
    if key in ("value", "values"):
        return f": remove `distribution: {name}`" if name not in ("constant", "categorical") else ""
    keys = ", ".join(DISTRIBUTIONS[name].keys)
    return f", which takes {keys}"
