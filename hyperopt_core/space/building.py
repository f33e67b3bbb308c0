"""From a mapping to the checked parts of a search space: leaves, conditions, constraints, order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hyperopt_core.errors import ConfigError, Fault, suggest
from hyperopt_core.space.conditions import Condition
from hyperopt_core.space.constraints import Constraint
from hyperopt_core.space.parameters import Categorical, Parameter

_SUGGESTIONS = 20  # a search for the closest name takes a while: not for hundreds of faults


def parse_tree(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """A tree of `Parameter` objects."""
    if not isinstance(parameters, Mapping) or not parameters:
        raise ConfigError([Fault((), f"parameters is {parameters!r}: a mapping with at least one parameter is needed")])
    if all(isinstance(p, Parameter) for p in parameters.values()):
        return parameters
    from hyperopt_core.space.parse import parse_parameters

    return parse_parameters(parameters)


def leaves(tree: Mapping[str, Any], path: tuple[str, ...]) -> list[tuple[str, tuple[tuple[str, ...], Parameter]]]:
    """(dotted name, (path, parameter)) of every leaf. Raises `ConfigError` for two of one name."""
    out: list[tuple[str, tuple[tuple[str, ...], Parameter]]] = []
    for key, value in tree.items():
        here = (*path, str(key))
        out += [(".".join(here), (here, value))] if isinstance(value, Parameter) else leaves(value, here)
    names = [name for name, _ in out]
    if len(set(names)) < len(names):
        twice = sorted({n for n in names if names.count(n) > 1})
        raise ConfigError([Fault((n,), "the name stands for two parameters, one dotted and one nested") for n in twice])
    return out


def resolve_conditions(
    name: str, path: tuple[str, ...], parameters: Mapping[str, Parameter], faults: list[Fault]
) -> tuple[Condition, ...]:
    """The conditions of a parameter with absolute parent names; a sibling in the same group comes first."""
    out = []
    for condition in parameters[name].conditions:
        candidates = [".".join((*path[:depth], condition.parent)) for depth in range(len(path) - 1, -1, -1)]
        parent = next((c for c in candidates if c in parameters), None)
        if parent is None:
            known = suggest(condition.parent, parameters) if len(faults) < _SUGGESTIONS else ""
            faults.append(Fault((*path, "when"), f"{condition.parent!r} is not a parameter of the space{known}"))
            continue
        if condition.values is not None:
            faults += [
                Fault((*path, "when"), f"{parent} never is {value!r}; it is {_shown(parameters[parent])}")
                for value in condition.values
                if not _is_value(parameters[parent], value)
            ]
        out.append(Condition(parent, condition.values, condition.low, condition.high))
    return tuple(out)


def parse_constraints(
    texts: Iterable[str], parameters: Mapping[str, Parameter], faults: list[Fault]
) -> list[Constraint]:
    """The constraints that `texts` state; what is wrong with them goes into `faults`."""
    if not isinstance(texts, Iterable):
        faults.append(Fault(("constraints",), f'is {texts!r}: a list of texts is needed, e.g. ["wd <= lr"]'))
        return []
    out = []
    for i, text in enumerate([texts] if isinstance(texts, str) else texts):
        try:
            constraint = Constraint(text)
        except ConfigError as fault:
            faults.append(Fault(("constraints", i), fault.faults[0].message))
            continue
        out.append(constraint)
        for name in sorted(constraint.names - parameters.keys()):
            known = suggest(name, parameters)
            faults.append(Fault(("constraints", i), f"{text!r}: {name!r} is not a parameter of the space{known}"))
    return out


def parents_first(
    names: Sequence[str], conditions: Mapping[str, Sequence[Condition]], faults: list[Fault]
) -> list[str]:
    """`names` in their order, but each after its parents; a cycle becomes a fault."""
    done: dict[str, None] = {}
    waiting = list(names)
    while waiting:
        ready = [n for n in waiting if all(c.parent in done for c in conditions[n])]
        if not ready:
            faults.append(Fault((waiting[0], "when"), f"conditions go in a circle: {', '.join(sorted(waiting))}"))
            return list(names)
        # The first ready one only: later names must not overtake earlier ones.
        done[ready[0]] = None
        waiting.remove(ready[0])
    return list(done)


def _is_value(parameter: Parameter, value: Any) -> bool:
    try:
        parameter.clean(value)
    except ValueError:
        return False
    return True


def _shown(parameter: Parameter) -> str:
    if isinstance(parameter, Categorical):
        return "one of " + ", ".join(repr(c) for c in parameter.choices[:8])
    return repr(parameter)
