"""The search space: parameters, conditions and constraints together, and its two views: params and coordinates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from hyperopt_core.errors import ConfigError, Fault, InvalidTrial, suggest
from hyperopt_core.space.building import leaves, parents_first, parse_constraints, parse_tree, resolve_conditions
from hyperopt_core.space.conditions import Condition, canonical
from hyperopt_core.space.grid import Grid
from hyperopt_core.space.notebook import html_table
from hyperopt_core.space.parameters import Categorical, Constant, Parameter

_TOLERANCE = 1e-9  # between coordinates that stand for the same level
_MAX_DRAWS = 100_000  # before constraints are called impossible
_MAX_COUNTED = 1_000_000  # a second or two

_Step: TypeAlias = tuple[str, Parameter, int | None, tuple[Condition, ...]]


@dataclass(frozen=True, slots=True)
class Column:
    """A coordinate of the unit cube: one per parameter that is not constant."""

    name: str  # dotted
    kind: str  # "float" | "int" | "categorical"
    levels: int | None  # number of values, None for a continuum

    @property
    def ordered(self) -> bool:
        """Whether near coordinates mean near values."""
        return self.kind != "categorical"


class SearchSpace:
    """A set of parameters, nested as the mapping is, with conditions and constraints.

    parameters: name -> `Parameter`, a W&B parameter mapping (``{"min": 0, "max": 1}``), or a group of these. A
    configuration (`params`) is a mapping of the same nesting without inactive parameters; its coordinates are a row of
    shape (d,) in [0, 1], NaN where inactive. Raises `ConfigError` with every fault.

    >>> from hyperopt_core.space import Categorical, Float, SearchSpace
    >>> space = SearchSpace({"kernel": Categorical(["rbf", "linear"]), "gamma": Float(0, 1, when={"kernel": ["rbf"]})})
    >>> space.decode(np.array([0.75, 0.5]))
    {'kernel': 'linear'}
    """

    def __init__(self, parameters: Mapping[str, Any], *, constraints: Iterable[str] = ()) -> None:
        self._paths = dict(leaves(parse_tree(parameters), ()))
        self.parameters: dict[str, Parameter] = {n: leaf for n, (_, leaf) in self._paths.items()}
        faults: list[Fault] = []
        self.conditions = {
            n: resolve_conditions(n, path, self.parameters, faults) for n, (path, _) in self._paths.items()
        }
        self.constraints = tuple(parse_constraints(constraints, self.parameters, faults))
        self._order = parents_first(list(self.parameters), self.conditions, faults)
        if faults:
            raise ConfigError(faults)
        searched = [(n, p) for n, p in self.parameters.items() if not isinstance(p, Constant)]
        self.columns = tuple(Column(n, p.kind, p.levels) for n, p in searched)
        self._column = {n: i for i, (n, _) in enumerate(searched)}
        # What decode walks, looked up once: (name, parameter, column, conditions).
        self._walk: list[_Step] = [
            (n, self.parameters[n], self._column.get(n), self.conditions[n]) for n in self._order
        ]
        self._draws = [(i, p) for i, (_, p) in enumerate(searched) if _draw_is_not_identity(p)]
        self._nested = any(len(path) > 1 for path, _ in self._paths.values())

    def __repr__(self) -> str:
        return f"SearchSpace({dict(self.parameters)!r})"

    def _repr_html_(self) -> str:
        rows = []
        for name, parameter in self.parameters.items():
            given = parameter.to_dict()
            when = " and ".join(f"{c.parent} in {c.to_json()}" for c in parameter.conditions)
            range_ = ", ".join(f"{k} {v}" for k, v in given.items() if k not in ("distribution", "when"))
            rows.append((name, given.get("distribution", parameter.kind), range_, when))
        return html_table(f"{len(rows)} parameters", ["name", "kind", "values", "when"], rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SearchSpace) and canonical(self.to_dict()) == canonical(other.to_dict())

    def __hash__(self) -> int:
        return hash(canonical(self.to_dict()))

    @property
    def d(self) -> int:
        """The number of coordinates."""
        return len(self.columns)

    # --- params ------------------------------------------------------------------------------------------------------

    def flatten(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Dotted name -> value of nested `params`; names that the space does not have are left out."""
        if not self._nested:
            return {n: params[n] for n in self.parameters if n in params}
        out = {}
        for name, (path, _) in self._paths.items():
            found, value = _look_up(params, path)
            if found:
                out[name] = value
        return out

    def nest(self, flat: Mapping[str, Any]) -> dict[str, Any]:
        """The nested form of dotted names."""
        if not self._nested:
            return dict(flat)
        out: dict[str, Any] = {}
        for name, value in flat.items():
            *groups, last = self._paths[name][0]
            level = out
            for group in groups:
                level = level.setdefault(group, {})
            level[last] = value
        return out

    def clean(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """`params` with plain values, constants filled in and inactive parameters left out.

        Raises `InvalidTrial` that names every unknown, missing or impossible value.
        """
        faults = [f"{n} is not a parameter{suggest(n, self.parameters)}" for n in _unknown(params, self._paths)]
        given = self.flatten(params)
        out: dict[str, Any] = {}
        for name, parameter, column, conditions in self._walk:
            if conditions and not _active(conditions, out):
                continue
            if name not in given and column is not None:
                faults.append(f"{name} is missing")
                continue
            try:
                out[name] = parameter.clean(given[name]) if name in given else parameter.decode(0.0)
            except ValueError as fault:
                faults.append(f"{name}: {fault}")
        faults += [f"constraint {c.text!r} does not hold" for c in self.constraints if not faults and not c.holds(out)]
        if faults:
            raise InvalidTrial("not a point of the space: " + "; ".join(faults))
        return self.nest({n: out[n] for n in self.parameters if n in out})

    def key(self, params: Mapping[str, Any]) -> str:
        """A text that two configurations share exactly where they are the same point."""
        return canonical(self.flatten(params))

    def satisfies(self, params: Mapping[str, Any]) -> bool:
        """Whether `params` meet the constraints."""
        if not self.constraints:
            return True
        flat = self.flatten(params)
        return all(c.holds(flat) for c in self.constraints)

    # --- coordinates -------------------------------------------------------------------------------------------------

    def decode(self, u: np.ndarray) -> dict[str, Any]:
        """The params at coordinates `u` (d,); coordinates of inactive parameters are not looked at."""
        return self.nest(_decoded(u.tolist(), self._walk))

    def encode(self, params: Sequence[Mapping[str, Any]]) -> np.ndarray:
        """The coordinates (n, d) of clean `params`, NaN where a parameter is inactive."""
        out = np.full((len(params), self.d), np.nan)
        for row, one in zip(out, params, strict=True):
            flat = self.flatten(one)
            for name, column in self._column.items():
                if name in flat:
                    row[column] = self.parameters[name].encode(flat[name])
        return out

    def draw(self, u: np.ndarray) -> np.ndarray:
        """The coordinates (n, d) for uniform variates `u` (n, d), by the parameters' own distributions."""
        out = u.copy()
        for i, parameter in self._draws:
            out[:, i] = parameter.draw(u[:, i])
        return self._blank_inactive(out)

    def snap(self, u: np.ndarray) -> np.ndarray:
        """Coordinates (n, d) moved to those of the values that they decode to, NaN where inactive.

        A coordinate that is NaN though its parameter is active becomes the middle of its range.
        """
        out = np.where(np.isnan(u), 0.5, np.clip(u, 0.0, 1.0))
        for i, parameter in self._draws:
            out[:, i] = parameter.snap(out[:, i])
        return self._blank_inactive(out)

    def active(self, u: np.ndarray) -> np.ndarray:
        """Which parameters are active at snapped coordinates `u` (n, d): bool (n, d)."""
        active = np.ones(u.shape, dtype=bool)
        for column, tests in self._tests:
            for parent, holds in tests:
                active[:, column] &= holds(u) if parent is None else active[:, parent] & holds(u)
        return active

    def sample_unit(self, rng: np.random.Generator, n: int = 1) -> np.ndarray:
        """`n` random points (n, d) that meet the constraints. Raises `ConfigError` where next to none does."""
        if not self.constraints:
            return self.draw(rng.random((n, self.d)))
        kept: list[np.ndarray] = []
        drawn = found = 0
        while found < n:
            if drawn >= _MAX_DRAWS and found * 1000 < n:
                texts = ", ".join(repr(c.text) for c in self.constraints)
                raise ConfigError(f"no point in {drawn} meets the constraints {texts}: loosen them, or the ranges")
            batch = self.draw(rng.random((max(64, n), self.d)))
            drawn += len(batch)
            batch = batch[self.feasible(batch)]
            found += len(batch)
            kept.append(batch)
        return np.concatenate(kept)[:n]

    def sample(self, rng: np.random.Generator, n: int = 1) -> list[dict[str, Any]]:
        """`n` random configurations."""
        return [self.decode(u) for u in self.sample_unit(rng, n)]

    def feasible(self, u: np.ndarray) -> np.ndarray:
        """Which of `u` (n, d) meet the constraints: bool (n,)."""
        if not self.constraints:
            return np.ones(len(u), dtype=bool)
        walk = [step for step in self._walk if step[0] in self._constrained]
        points = (_decoded(row, walk) for row in u.tolist())
        return np.array([all(c.holds(flat) for c in self.constraints) for flat in points], dtype=bool)

    def is_satisfiable(self, draws: int = 10_000) -> bool:
        """Whether any of `draws` random points meets the constraints; else, in a finite space, whether any point does.

        >>> from hyperopt_core.space import Float, SearchSpace
        >>> SearchSpace({"a": Float(0, 1), "b": Float(0, 1)}, constraints=["a < b", "b < a"]).is_satisfiable()
        False
        """
        if not self.constraints:
            return True
        rng, batch = np.random.default_rng(0), 100
        if any(self.feasible(self.draw(rng.random((batch, self.d)))).any() for _ in range(0, draws, batch)):
            return True
        return bool(self.count_feasible(_MAX_COUNTED))

    def log_prior(self, u: np.ndarray) -> np.ndarray:
        """Log density (n,) of the user's beliefs at `u` (n, d), relative to the uniform one."""
        total = np.zeros(len(u))
        for i, column in enumerate(self.columns):
            parameter = self.parameters[column.name]
            if self.has_priors:
                total += np.nan_to_num(parameter.log_prior(np.nan_to_num(u[:, i], nan=0.5)) * ~np.isnan(u[:, i]))
        return total

    @cached_property
    def has_priors(self) -> bool:
        """Whether any parameter carries a user's belief."""
        return any("prior" in p.to_dict() for p in self.parameters.values())

    # --- finite spaces -----------------------------------------------------------------------------------------------

    @cached_property
    def grid(self) -> Grid:
        """All points in order, see `Grid`. Raises `ConfigError` for a space with a continuum."""
        order = sorted(self.parameters, key=lambda n: self._paths[n][0])
        return Grid(self.parameters, self.conditions, parents_first(order, self.conditions, []))

    @cached_property
    def size(self) -> int | None:
        """The number of points (before constraints), or None where it is infinite."""
        return None if any(c.levels is None for c in self.columns) else self.grid.size

    def count_feasible(self, limit: int = 100_000) -> int | None:
        """The number of points that meet the constraints.

        None where it is infinite, or where more than `limit` combinations of the constrained parameters would have to
        be looked at; the others only multiply.

        >>> from hyperopt_core.space import Int, SearchSpace
        >>> SearchSpace({"a": Int(1, 3), "b": Int(1, 3), "c": Int(1, 1000)}, constraints=["a < b"]).count_feasible()
        3000
        """
        if self.size is None or not self.constraints:
            return self.size
        order, named = self.grid.order, self._constrained
        grid = Grid(self.parameters, self.conditions, [n for n in order if n in named])
        if grid.size > limit:
            return None
        others = Grid(self.parameters, self.conditions, [n for n in order if n not in named])
        return grid.count(self.constraints) * others.size

    @cached_property
    def _constrained(self) -> frozenset[str]:
        """The parameters that a constraint names, and all that conditions tie to them, directly or not."""
        tied: dict[str, set[str]] = {name: set() for name in self.parameters}
        for name, conditions in self.conditions.items():
            for condition in conditions:
                tied[name].add(condition.parent)
                tied[condition.parent].add(name)
        found: set[str] = set()
        waiting = [name for constraint in self.constraints for name in constraint.names]
        while waiting:
            if (name := waiting.pop()) not in found:
                found.add(name)
                waiting += tied[name]
        return frozenset(found)

    # --- JSON --------------------------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """The space as the keys `parameters` (and `constraints`) of a sweep file; `from_dict` reads it back."""
        tree: dict[str, Any] = {}
        for path, parameter in self._paths.values():
            level = tree
            for group in path[:-1]:
                level = level.setdefault(group, {"parameters": {}})["parameters"]
            level[path[-1]] = parameter.to_dict()
        out: dict[str, Any] = {"parameters": tree}
        if self.constraints:
            out["constraints"] = [c.text for c in self.constraints]
        return out

    @classmethod
    def from_dict(cls, config: Mapping[str, Any]) -> SearchSpace:
        """The space of ``{"parameters": ..., "constraints": [...]}``."""
        return cls(config["parameters"], constraints=config.get("constraints", ()))

    # --- conditions on coordinates -----------------------------------------------------------------------------------

    @cached_property
    def _tests(self) -> list[tuple[int, list[tuple[int | None, Callable[[np.ndarray], np.ndarray]]]]]:
        """For each conditional column, parents first: (parent column or None, test of all rows)."""
        out = []
        for name, _, column, conditions in self._walk:
            if conditions and column is not None:
                out.append((column, [self._test(c) for c in self._all_conditions(name)]))
        return out

    def _all_conditions(self, name: str) -> list[Condition]:
        """The conditions of `name`, with those of parents that are constants (which have no column)."""
        own = list(self.conditions[name])
        inherited = [c for own_c in own if own_c.parent not in self._column for c in self._all_conditions(own_c.parent)]
        return own + inherited

    def _test(self, condition: Condition) -> tuple[int | None, Callable[[np.ndarray], np.ndarray]]:
        parent = self.parameters[condition.parent]
        column = self._column.get(condition.parent)
        if column is None:
            met = condition.holds(parent.decode(0.0))
            return None, lambda u: np.full(len(u), met)
        if parent.kind == "categorical" or condition.values is not None:
            centres = np.array(_coordinates(parent, condition))
            return column, lambda u: (np.abs(u[:, column, None] - centres) < _TOLERANCE).any(axis=1)

        def in_range(u: np.ndarray) -> np.ndarray:  # a NaN is an inactive parent
            met = [x == x and condition.holds(parent.decode(x)) for x in u[:, column].tolist()]
            return np.array(met, dtype=bool)

        return column, in_range

    def _blank_inactive(self, u: np.ndarray) -> np.ndarray:
        if any(self.conditions[c.name] for c in self.columns):
            u[~self.active(u)] = np.nan
        return u


# --- building --------------------------------------------------------------------------------------------------------


def _draw_is_not_identity(parameter: Parameter) -> bool:
    return parameter.levels is not None or parameter.belief is not None or "q" in parameter.to_dict()


def _active(conditions: Sequence[Condition], flat: Mapping[str, Any]) -> bool:
    return all(c.parent in flat and c.holds(flat[c.parent]) for c in conditions)


def _decoded(row: Sequence[float], walk: Iterable[_Step]) -> dict[str, Any]:
    """Dotted name -> value of the active parameters among `walk` at coordinates `row`."""
    out: dict[str, Any] = {}
    for name, parameter, column, conditions in walk:
        if conditions and not _active(conditions, out):
            continue
        out[name] = parameter.decode(0.0 if column is None else row[column])
    return out


def _look_up(params: Mapping[str, Any], path: tuple[str, ...]) -> tuple[bool, Any]:
    value: Any = params
    for key in path:
        if not isinstance(value, Mapping) or key not in value:
            return False, None
        value = value[key]
    return True, value


def _unknown(params: Mapping[str, Any], paths: Mapping[str, tuple[tuple[str, ...], Parameter]]) -> list[str]:
    """Dotted names in nested `params` that are no parameter (nor a group of them)."""
    known = {path for path, _ in paths.values()}
    groups = {path[:i] for path in known for i in range(1, len(path))}

    def walk(level: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
        out = []
        for key, value in level.items():
            here = (*path, str(key))
            if here in groups and isinstance(value, Mapping):
                out += walk(value, here)
            elif here not in known:
                out.append(".".join(here))
        return out

    return walk(params, ())


def _coordinates(parent: Parameter, condition: Condition) -> list[float]:
    """The coordinates of the parent's values that meet the condition."""
    if isinstance(parent, Categorical):
        return [parent.encode(c) for c in parent.choices if condition.holds(c)]
    return [parent.encode(parent.clean(v)) for v in condition.values or ()]
