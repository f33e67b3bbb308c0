"""The kinds of parameter. Each maps its values to [0, 1] and back; a space puts them together.

`encode` and `decode` are what models see: one coordinate a parameter. `draw` maps a uniform variate to that coordinate
with the parameter's own distribution (probabilities, a user's prior), so a sample is ``decode(draw(u))``: every
parameter is sampled by its inverse distribution function.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, final

import numpy as np

from hyperopt_core.errors import ConfigError
from hyperopt_core.space.checks import number, real, require_json, whole
from hyperopt_core.space.conditions import Condition, canonical, parse_when, same
from hyperopt_core.space.priors import Belief, choice_weights, parse_prior
from hyperopt_core.space.scales import Continuous, Levels

When = Mapping[str, Any] | None

_MAX_LEVELS = 1e300  # counts become floats


class Parameter(ABC):
    """A dimension of a search space. Immutable; equal when it has the same definition."""

    kind: ClassVar[str]  # "float" | "int" | "categorical" | "constant"
    conditions: tuple[Condition, ...]  # all must hold for the parameter to be active
    belief: Belief | None = None  # where the user expects the optimum

    @property
    @abstractmethod
    def levels(self) -> int | None:
        """How many values there are; None for a continuum."""

    @abstractmethod
    def clean(self, value: Any) -> Any:
        """`value` as a plain Python value of this parameter. Raises ValueError with what would be right."""

    @abstractmethod
    def encode(self, value: Any) -> float:
        """The coordinate of a clean value, in [0, 1]."""

    @abstractmethod
    def decode(self, u: float) -> Any:
        """The value at coordinate `u`; any `u` in [0, 1] has one."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """The parameter as a sweep file writes it; `hyperopt_core.space.parse` reads it back."""

    def level(self, index: int) -> Any:
        """The value at `index` in 0..levels-1, in ascending order (choices: as given)."""
        raise TypeError(f"a {self.kind} parameter without steps has no levels")

    def index(self, value: Any) -> int:
        """The index of a clean value among the levels."""
        raise TypeError(f"a {self.kind} parameter without steps has no levels")

    def snap(self, u: np.ndarray) -> np.ndarray:
        """Coordinates (n,) moved to those of the values they decode to."""
        return np.clip(u, 0.0, 1.0)

    def draw(self, u: np.ndarray) -> np.ndarray:
        """Coordinates (n,) for uniform variates `u` (n,), by this parameter's distribution."""
        return self.snap(self.belief.ppf(u) if self.belief else u)

    def log_prior(self, u: np.ndarray) -> np.ndarray:
        """Log density (n,) of the user's belief at `u`, relative to the uniform one; 0 without a belief."""
        return self.belief.log_density(u) if self.belief else np.zeros_like(u)

    def _common(self) -> dict[str, Any]:
        """The keys that every kind may have in a sweep file."""
        out: dict[str, Any] = {}
        if self.conditions:
            out["when"] = {c.parent: c.to_json() for c in self.conditions}
        if self.belief:
            out["prior"], out["prior_confidence"] = self.belief.center, self.belief.confidence
        return out

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and canonical(self.to_dict()) == canonical(other.to_dict())

    def __hash__(self) -> int:
        return hash(canonical(self.to_dict()))

    def __repr__(self) -> str:
        inside = ", ".join(f"{k}={v!r}" for k, v in self.to_dict().items() if k != "distribution")
        return f"{type(self).__name__}({inside})"


@final
class Float(Parameter):
    """A real number in [low, high].

    log: sample and model it on a logarithmic scale. step: only low, low + step, ...; q: only multiples of q.
    prior: where you expect the optimum, with prior_confidence "low", "medium" or "high".
    Raises `ConfigError` for bounds that are not finite or not in order.

    >>> Float(1e-4, 1e-2, log=True).decode(0.0), round(Float(1e-4, 1e-2, log=True).decode(0.5), 6)
    (0.0001, 0.001)
    """

    kind = "float"

    def __init__(
        self,
        low: float,
        high: float,
        *,
        log: bool = False,
        step: float | None = None,
        q: float | None = None,
        when: When = None,
        prior: float | None = None,
        prior_confidence: str = "medium",
    ) -> None:
        self.low, self.high, self.log = number("low", low), number("high", high), bool(log)
        _check_bounds(self.low, self.high, self.log)
        if step is not None and q is not None:
            raise ConfigError("step and q are both given: step counts from low, q from 0; keep one")
        self.step = None if step is None else number("step", step)
        self.q = None if q is None else number("q", q)
        self._continuous = Continuous(float(self.low), float(self.high), self.log)
        self._levels = _float_levels(self.low, self.high, self.step, self.q, self.log)
        # As in W&B, whole multiples are ints.
        self._whole = isinstance(self.q, int) or (isinstance(self.step, int) and isinstance(self.low, int))
        self.conditions = parse_when(when)
        self.belief = parse_prior(self, prior, prior_confidence)

    @property
    def levels(self) -> int | None:
        return self._levels.count if self._levels else None

    def clean(self, value: Any) -> float:
        plain = real(value)
        if not self.low <= plain <= self.high:
            raise ValueError(f"{value!r} is outside [{self.low}, {self.high}]")
        if self._levels is None:
            return float(plain)
        nearest = self.level(self._levels.index(plain))
        if abs(nearest - plain) > 1e-9 * max(self._levels.step, abs(plain)):
            raise ValueError(f"{value!r} is not a step of {self._levels.step}; the nearest is {nearest}")
        return nearest

    def encode(self, value: float) -> float:
        if self._levels:
            return self._levels.encode(self._levels.index(value))
        return self._continuous.encode(value)

    def decode(self, u: float) -> float:
        if self._levels:
            return self.level(self._levels.decode(u))
        return self._continuous.decode(u)

    def level(self, index: int) -> float:
        if self._levels is None:
            return super().level(index)
        value = self._levels.value(index)
        return round(value) if self._whole else _tidy(value, self._levels.step, self.low, self.high)

    def index(self, value: float) -> int:
        return self._levels.index(value) if self._levels else super().index(value)

    def snap(self, u: np.ndarray) -> np.ndarray:
        return self._levels.snap(u) if self._levels else np.clip(u, 0.0, 1.0)

    def to_dict(self) -> dict[str, Any]:
        name = ("q_" if self.q is not None else "") + ("log_uniform_values" if self.log else "uniform")
        extra = {k: v for k, v in (("q", self.q), ("step", self.step)) if v is not None}
        return {"distribution": name, "min": self.low, "max": self.high} | extra | self._common()


@final
class Int(Parameter):
    """A whole number low, low + step, ..., high.

    Each value owns an equal cell of the scale (on a logarithmic one from log(v - 1/2) to log(v + 1/2)).

    >>> Int(1, 8).levels
    8
    """

    kind = "int"

    def __init__(
        self,
        low: int,
        high: int,
        *,
        log: bool = False,
        step: int = 1,
        when: When = None,
        prior: int | None = None,
        prior_confidence: str = "medium",
    ) -> None:
        self.low, self.high, self.log = whole("low", low), whole("high", high), bool(log)
        self.step = whole("step", step)
        _check_bounds(self.low, self.high, self.log)
        if self.step < 1:
            raise ConfigError(f"step is {step!r}: a whole number of 1 or more is needed")
        self._levels = Levels(self.low, self.step, 0, (self.high - self.low) // self.step, self.log)
        if self._levels.count > _MAX_LEVELS:
            raise ConfigError(f"low to high holds more than {_MAX_LEVELS:g} numbers: bring them closer, or use Float")
        self.conditions = parse_when(when)
        self.belief = parse_prior(self, prior, prior_confidence)

    @property
    def levels(self) -> int:
        return self._levels.count

    def clean(self, value: Any) -> int:
        plain = real(value)
        if plain != int(plain):
            raise ValueError(f"{value!r} is not a whole number")
        if not self.low <= plain <= self.high:
            raise ValueError(f"{value!r} is outside [{self.low}, {self.high}]")
        if (int(plain) - self.low) % self.step:
            raise ValueError(f"{value!r} is not {self.low} plus a multiple of {self.step}")
        return int(plain)

    def encode(self, value: int) -> float:
        return self._levels.encode(self.index(value))

    def decode(self, u: float) -> int:
        return self.level(self._levels.decode(u))

    def level(self, index: int) -> int:
        return self.low + index * self.step

    def index(self, value: int) -> int:
        return (value - self.low) // self.step

    def snap(self, u: np.ndarray) -> np.ndarray:
        return self._levels.snap(u)

    def to_dict(self) -> dict[str, Any]:
        extra = {"step": self.step} if self.step != 1 else {}
        name = "int_log_uniform_values" if self.log else "int_uniform"
        return {"distribution": name, "min": self.low, "max": self.high} | extra | self._common()


@final
class Categorical(Parameter):
    """One of `choices`, unordered: any JSON values, lists and mappings too.

    probabilities: how often random sampling takes each. prior: the choice you expect to be best.
    Raises `ConfigError` for no, repeated or non-JSON choices.

    >>> Categorical(["adam", "sgd"]).decode(0.9)
    'sgd'
    """

    kind = "categorical"

    def __init__(
        self,
        choices: Sequence[Any],
        *,
        probabilities: Sequence[float] | None = None,
        when: When = None,
        prior: Any = None,
        prior_confidence: str = "medium",
    ) -> None:
        if isinstance(choices, str) or not isinstance(choices, Sequence | np.ndarray):
            raise ConfigError(f"choices is {choices!r}: a list is needed")
        self.choices: tuple[Any, ...] = tuple(c.item() if isinstance(c, np.generic) else c for c in choices)
        if not self.choices:
            raise ConfigError("choices is empty: at least one value is needed")
        self._indices = _choice_indices(self.choices)
        self._levels = Levels(0, 1, 0, len(self.choices) - 1)
        self.probabilities = _check_probabilities(probabilities, len(self.choices))
        self.conditions = parse_when(when)
        self._prior, self._prior_confidence = prior, prior_confidence
        self._belief_weights = (
            None if prior is None else choice_weights(self.levels, self.index(self.clean(prior)), prior_confidence)
        )
        weights = self.probabilities if self._belief_weights is None else self._belief_weights
        self._cumulative = None if weights is None else np.cumsum(weights)[:-1]

    @property
    def levels(self) -> int:
        return len(self.choices)

    def clean(self, value: Any) -> Any:
        plain = value.item() if isinstance(value, np.generic) else value
        try:
            return self.choices[self._indices[canonical(plain)]]
        except (KeyError, TypeError, ValueError):
            pass
        for choice in self.choices:
            if isinstance(plain, int | float) and same(choice, plain):
                return choice
        shown = ", ".join(repr(c) for c in self.choices[:8]) + (", ..." if len(self.choices) > 8 else "")
        raise ValueError(f"{value!r} is not one of {shown}")

    def encode(self, value: Any) -> float:
        return self._levels.encode(self.index(value))

    def decode(self, u: float) -> Any:
        return self.choices[self._levels.decode(u)]

    def level(self, index: int) -> Any:
        return self.choices[index]

    def index(self, value: Any) -> int:
        return self._indices[canonical(value)]

    def snap(self, u: np.ndarray) -> np.ndarray:
        return self._levels.snap(u)

    def draw(self, u: np.ndarray) -> np.ndarray:
        if self._cumulative is None:
            return self.snap(u)
        return (np.searchsorted(self._cumulative, u, side="right") + 0.5) / len(self.choices)

    def log_prior(self, u: np.ndarray) -> np.ndarray:
        if self._belief_weights is None:
            return np.zeros_like(u)
        index = np.clip((u * self.levels).astype(int), 0, self.levels - 1)
        return np.log(np.asarray(self._belief_weights) * self.levels)[index]

    def to_dict(self) -> dict[str, Any]:
        out: dict[str, Any] = {"values": list(self.choices)}
        if self.probabilities is not None:
            out["probabilities"] = list(self.probabilities)
        if self._prior is not None:
            out |= {"prior": self._prior, "prior_confidence": self._prior_confidence}
        return out | self._common()


@final
class Constant(Parameter):
    """A value that every trial gets; it is no dimension of the search.

    >>> Constant(10).decode(0.3)
    10
    """

    kind = "constant"

    def __init__(self, value: Any, *, when: When = None) -> None:
        require_json(value)
        self.value = value.item() if isinstance(value, np.generic) else value
        self.conditions = parse_when(when)

    @property
    def levels(self) -> int:
        return 1

    def clean(self, value: Any) -> Any:
        plain = value.item() if isinstance(value, np.generic) else value
        if not same(plain, self.value):
            raise ValueError(f"{value!r} is not the constant {self.value!r}")
        return self.value

    def encode(self, value: Any) -> float:
        return 0.5

    def decode(self, u: float) -> Any:
        return self.value

    def level(self, index: int) -> Any:
        return self.value

    def index(self, value: Any) -> int:
        return 0

    def to_dict(self) -> dict[str, Any]:
        return {"value": self.value} | self._common()


def _check_bounds(low: float, high: float, log: bool) -> None:
    if low > high:
        raise ConfigError(f"low is {low} and high is {high}: low must not be above high")
    if log and low <= 0:
        raise ConfigError(f"low is {low} on a logarithmic scale: it must be above 0, e.g. {high / 1000 or 1e-3:g}")


def _float_levels(low: float, high: float, step: float | None, q: float | None, log: bool) -> Levels | None:
    """The multiples of q, or low + k * step, that lie in [low, high]."""
    size = step if step is not None else q
    if size is None:
        return None
    key = "step" if step is not None else "q"
    if size <= 0:
        raise ConfigError(f"{key} is {size}: it must be above 0")
    if not high / size - low / size <= _MAX_LEVELS:  # NaN, too
        raise ConfigError(f"{key} is {size}: [{low}, {high}] holds more than {_MAX_LEVELS:g} steps of that size")
    tolerance = 1e-9  # 0.3 / 0.1 is 2.999...
    if step is not None:
        return Levels(low, step, 0, math.floor((high - low) / step + tolerance), log)
    first, last = math.ceil(low / size - tolerance), math.floor(high / size + tolerance)
    if first > last:
        raise ConfigError(f"q is {size}: no multiple of it lies in [{low}, {high}]")
    return Levels(0.0, size, first, last, log)


def _tidy(value: float, step: float, low: float, high: float) -> float:
    """`value` without the dust of floating-point steps (0.30000000000000004 -> 0.3), kept inside the bounds."""
    digits = 12 - math.floor(math.log10(max(abs(value), step)))
    return min(max(round(value, digits), float(low)), float(high))


def _choice_indices(choices: Sequence[Any]) -> dict[str, int]:
    indices: dict[str, int] = {}
    for i, choice in enumerate(choices):
        if indices.setdefault(require_json(choice), i) != i:
            raise ConfigError(f"choices holds {choice!r} twice: each choice once; for weights use probabilities")
    return indices


def _check_probabilities(given: Sequence[float] | None, count: int) -> tuple[float, ...] | None:
    if given is None:
        return None
    if isinstance(given, str) or not isinstance(given, Sequence | np.ndarray):
        raise ConfigError(f"probabilities is {given!r}: a list of numbers is needed")
    if len(given) != count:
        raise ConfigError(f"probabilities has {len(given)} entries for {count} choices: give one for each")
    weights = tuple(float(number("probabilities", p)) for p in given)
    if min(weights) < 0 or not math.isclose(sum(weights), 1.0, abs_tol=1e-6):
        raise ConfigError(f"probabilities is {list(given)!r}: numbers of 0 or more with the sum 1 are needed")
    return weights
