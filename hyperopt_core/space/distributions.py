"""The normal, log-normal and beta families: unbounded or shaped, with their distribution function as the scale."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any, final

import numpy as np

from hyperopt_core.errors import ConfigError
from hyperopt_core.space.checks import number, positive, real
from hyperopt_core.space.conditions import parse_when
from hyperopt_core.space.parameters import Parameter, When

_EDGE = 1e-12  # coordinates stay this far from 0 and 1, where an unbounded value would be infinite


class _Family(Parameter):
    """What the three share: quantising to multiples of q, and coordinates by the distribution function."""

    kind = "float"
    q: float | None

    def _setup(self, q: float | None, when: When) -> None:
        self.q = None if q is None else number("q", q)
        if self.q is not None and self.q <= 0:
            raise ConfigError(f"q is {q!r}: it must be above 0")
        self.conditions = parse_when(when)

    def _cdf(self, value: float) -> float:
        raise TypeError  # pragma: no cover - each family has its own

    def _ppf(self, u: float) -> float:
        raise TypeError  # pragma: no cover - each family has its own

    @property
    def levels(self) -> int | None:
        return None

    def clean(self, value: Any) -> float:
        plain = real(value)
        if self.q is None:
            return float(plain)
        nearest = self._quantise(plain)
        if abs(nearest - plain) > 1e-9 * max(self.q, abs(plain)):
            raise ValueError(f"{value!r} is not a multiple of {self.q}; the nearest is {nearest}")
        return nearest

    def encode(self, value: float) -> float:
        return min(max(self._cdf(value), _EDGE), 1 - _EDGE)

    def decode(self, u: float) -> float:
        value = self._ppf(min(max(u, _EDGE), 1 - _EDGE))
        return value if self.q is None else self._quantise(value)

    def snap(self, u: np.ndarray) -> np.ndarray:
        if self.q is None:
            return np.clip(u, _EDGE, 1 - _EDGE)
        return np.array([self.encode(self.decode(x)) if x == x else x for x in u.tolist()], dtype=float)

    def _quantise(self, value: float) -> float:
        assert self.q is not None
        multiple = round(value / self.q) * self.q
        return multiple if isinstance(self.q, int) else round(multiple, 12 - math.floor(math.log10(self.q)))

    def _family_dict(self, name: str, **shape: float) -> dict[str, Any]:
        quantised = self.q is not None
        extra = {"q": self.q} if quantised else {}
        return {"distribution": ("q_" if quantised else "") + name} | shape | extra | self._common()


@final
class Normal(_Family):
    """A normal variate with mean `mu` and standard deviation `sigma`; q: rounded to multiples of q.

    >>> Normal(0.0, 1.0).decode(0.5)
    0.0
    """

    def __init__(self, mu: float = 0.0, sigma: float = 1.0, *, q: float | None = None, when: When = None) -> None:
        self.mu, self.sigma = number("mu", mu), positive("sigma", sigma)
        self._dist = NormalDist(self.mu, self.sigma)
        self._setup(q, when)

    def _cdf(self, value: float) -> float:
        return self._dist.cdf(value)

    def _ppf(self, u: float) -> float:
        return self._dist.inv_cdf(u)

    def to_dict(self) -> dict[str, Any]:
        return self._family_dict("normal", mu=self.mu, sigma=self.sigma)


@final
class LogNormal(_Family):
    """exp of a normal variate with mean `mu` and standard deviation `sigma`.

    >>> LogNormal(0.0, 1.0).decode(0.5)
    1.0
    """

    def __init__(self, mu: float = 0.0, sigma: float = 1.0, *, q: float | None = None, when: When = None) -> None:
        self.mu, self.sigma = number("mu", mu), positive("sigma", sigma)
        self._dist = NormalDist(self.mu, self.sigma)
        if self.mu + 7.1 * self.sigma > 700:
            raise ConfigError(f"mu is {mu} and sigma {sigma}: exp of such numbers overflows; they are logarithms")
        self._setup(q, when)

    def clean(self, value: Any) -> float:
        plain = super().clean(value)
        if plain < 0 or (plain == 0 and self.q is None):
            raise ValueError(f"{value!r} is not above 0")
        return plain

    def _cdf(self, value: float) -> float:
        return self._dist.cdf(math.log(value)) if value > 0 else 0.0

    def _ppf(self, u: float) -> float:
        return math.exp(self._dist.inv_cdf(u))

    def to_dict(self) -> dict[str, Any]:
        return self._family_dict("log_normal", mu=self.mu, sigma=self.sigma)


@final
class Beta(_Family):
    """A beta variate in [0, 1] with shape `a`, `b`.

    >>> round(Beta(2.0, 2.0).decode(0.5), 6)
    0.5
    """

    def __init__(self, a: float = 1.0, b: float = 1.0, *, q: float | None = None, when: When = None) -> None:
        self.a, self.b = positive("a", a), positive("b", b)
        self._setup(q, when)

    def clean(self, value: Any) -> float:
        plain = super().clean(value)
        if not 0 <= plain <= 1:
            raise ValueError(f"{value!r} is outside [0, 1]")
        return plain

    def _cdf(self, value: float) -> float:
        from scipy.special import betainc

        return float(betainc(self.a, self.b, min(max(value, 0.0), 1.0)))

    def _ppf(self, u: float) -> float:
        from scipy.special import betaincinv

        return float(betaincinv(self.a, self.b, u))

    def _quantise(self, value: float) -> float:
        assert self.q is not None
        most = math.floor(1 / self.q + 1e-9) * self.q  # the last multiple inside [0, 1]
        return min(super()._quantise(value), most)

    def to_dict(self) -> dict[str, Any]:
        return self._family_dict("beta", a=self.a, b=self.b)
