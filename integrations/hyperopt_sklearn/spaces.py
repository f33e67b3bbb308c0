"""From the spaces that users of scikit-learn write to a `SearchSpace`, and from its points to an estimator's params."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from hyperopt_core import Categorical, ConfigError, Float, Int, SearchSpace

_WHICH = "which_space"  # of several, as in scikit-learn's lists of grids
_EDGE = 1e-9  # quantiles stay this far from 0 and 1, where an unbounded distribution is infinite
_SEEDS = 2**31 - 1
#: scipy's names of what a parameter of ours is.
_FLAT = ("uniform", "loguniform", "reciprocal", "randint")


class ParamSpace:
    """A search space, and what its values stand for.

    given: a `SearchSpace`; or a mapping whose values are our parameters, W&B's mappings, lists of anything (estimators
    too) or frozen scipy distributions; or a list of such mappings. `conditions` name an object of a list by its class
    or function, e.g. ``when={"clf": ["SVC"]}``. A group's names are joined as scikit-learn does: ``svc__C``.

    >>> space = ParamSpace({"layers": [(50,), (50, 50)], "alpha": Float(1e-5, 1, log=True)})
    >>> space.params({"layers": "(50, 50)", "alpha": 0.1})
    {'layers': (50, 50), 'alpha': 0.1}
    """

    def __init__(self, given: Any) -> None:
        self._meanings: dict[str, Callable[[Any], Any]] = {}  # dotted name -> what its value stands for
        self.space = self._space(given)

    def params(self, point: Mapping[str, Any]) -> dict[str, Any]:
        """The estimator's parameters at a point of the space."""
        flat = self.space.flatten(point)
        group = f"{flat.pop(_WHICH)}." if _WHICH in flat else ""
        return {
            name.removeprefix(group).replace(".", "__"): self._meanings.get(name, _itself)(value)
            for name, value in flat.items()
        }

    def _space(self, given: Any) -> SearchSpace:
        if isinstance(given, SearchSpace):
            return given
        if isinstance(given, Mapping):
            return SearchSpace(self._entries(given))
        if isinstance(given, Sequence) and given and all(isinstance(one, Mapping) for one in given):
            groups = {
                str(i): {"parameters": self._entries(one, f"{i}."), "when": {_WHICH: [i]}}
                for i, one in enumerate(given)
            }
            return SearchSpace({_WHICH: Categorical(range(len(given)))} | groups)
        raise ConfigError(f"param_space is {given!r}: a SearchSpace, a mapping or a list of mappings is needed")

    def _entries(self, given: Mapping[str, Any], group: str = "") -> dict[str, Any]:
        parents = {parent for value in given.values() for parent in _parents(value)}
        return {name: self._entry(group + name, value, name in parents) for name, value in given.items()}

    def _entry(self, name: str, value: Any, is_parent: bool) -> Any:
        """Something that a `SearchSpace` takes; it says itself what is wrong with anything else."""
        if isinstance(value, list | tuple | np.ndarray):
            return self._choices(name, [v.item() if isinstance(v, np.generic) else v for v in value], is_parent)
        return self._distribution(name, value) if hasattr(value, "rvs") else value

    def _choices(self, name: str, values: list[Any], is_parent: bool) -> Any:
        if not values:
            raise ConfigError(f"param_space: {name} is an empty list: at least one value is needed")
        if not is_parent and _is_scale(values):
            self._meanings[name] = values.__getitem__  # near ones are alike: a model learns more than from names
            return Int(0, len(values) - 1)
        if all(_is_plain(v) for v in values):
            return Categorical([v for _, v in dict.fromkeys((type(v), v) for v in values)])
        labels = _labels(values)
        self._meanings[name] = dict(zip(labels, values, strict=True)).__getitem__
        return Categorical(labels)

    def _distribution(self, name: str, distribution: Any) -> Any:
        kind = getattr(getattr(distribution, "dist", None), "name", "")
        if kind in _FLAT:
            low, high = distribution.support()
            return Int(int(low), int(high)) if kind == "randint" else Float(low, high, log=kind != "uniform")
        if not hasattr(distribution, "ppf"):  # only to be drawn from: every value is as good as any other
            self._meanings[name] = lambda seed: distribution.rvs(random_state=seed)
            return Int(0, _SEEDS)
        number = int if hasattr(distribution, "pmf") else float
        self._meanings[name] = lambda quantile: number(distribution.ppf(quantile))
        return Float(_EDGE, 1 - _EDGE)


def _parents(value: Any) -> list[str]:
    """The parameters that a parameter's conditions name."""
    if isinstance(value, Mapping):
        return list(value.get("when") or ())
    return [condition.parent for condition in getattr(value, "conditions", ())]


def _is_scale(values: Sequence[Any]) -> bool:
    """Whether values are numbers in order, so that near ones are alike."""
    numeric = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    if not numeric or len(values) < 3:
        return False
    return all(a < b for a, b in pairwise(values)) or all(a > b for a, b in pairwise(values))


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))


def _labels(values: Sequence[Any]) -> list[str]:
    """A name for each object, numbered where several would have the same."""
    names = [_label(v) for v in values]
    return [f"{n}-{names[:i].count(n) + 1}" if names.count(n) > 1 else n for i, n in enumerate(names)]


def _label(value: Any) -> str:
    if value is None or isinstance(value, str | int | float | list | tuple):
        return str(value)
    return str(getattr(value, "__name__", type(value).__name__))


def _itself(value: Any) -> Any:
    return value
