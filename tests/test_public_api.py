"""What users hold: every public name is there, has a docstring, its examples run, and its signature is on record."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

import pytest

import hyperopt_core

ROOT = Path(__file__).resolve().parents[1]
SNAPSHOT = ROOT / "tests" / "data" / "public_api.txt"
MODULES = [
    "hyperopt_core",
    *(m.name for m in pkgutil.walk_packages(hyperopt_core.__path__, "hyperopt_core.") if "__main__" not in m.name),
]


def test_names_are_sorted_and_importable() -> None:
    names = hyperopt_core.__all__
    assert names == sorted(names)
    assert {name: getattr(hyperopt_core, name) for name in names}
    assert set(names) <= set(dir(hyperopt_core))
    with pytest.raises(AttributeError, match="Optimzer"):
        _ = hyperopt_core.Optimzer


@pytest.mark.parametrize("name", MODULES)
def test_docstrings(name: str) -> None:
    """Modules, classes, functions and methods without a leading underscore have one.

    A method that implements a protocol's or overrides another is documented there.
    """
    module = importlib.import_module(name)
    assert module.__doc__, f"{name} has no docstring"
    missing = [qualified for qualified, node in _public(module) if not ast.get_docstring(node)]
    assert not missing, f"{name}: no docstring: {', '.join(missing)}"


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    results = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert results.failed == 0


def test_signatures_are_those_on_record() -> None:
    """A change of the public API is a decision: see it in the difference, then write the record anew.

    ``python -m tests.test_public_api`` writes it.
    """
    assert SNAPSHOT.read_text(encoding="utf-8") == record()


def record() -> str:
    """Every public name with its signature, and those of its public methods."""
    names = hyperopt_core.__all__
    return "".join(f"{line}\n" for name in names for line in _lines(name, getattr(hyperopt_core, name)))


def _lines(name: str, value: object) -> Iterator[str]:
    if not inspect.isclass(value):
        yield f"{name}{_signature(value)}"
        return
    bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
    if issubclass(value, Enum):
        yield f"{name}({bases})"
        yield from (f"    {member.name}" for member in value)
        return
    yield f"{name}({bases})" + ("" if issubclass(value, Exception) else f"  {_signature(value)}")
    own = [base for base in value.__mro__ if base is value or _is_a_part(base)]
    for member in sorted({name for base in own for name in vars(base)}):
        attribute = inspect.getattr_static(value, member)
        if member.startswith("_"):
            continue
        if isinstance(attribute, property):
            yield f"    {member}: {inspect.signature(attribute.fget).return_annotation}"  # type: ignore[arg-type]
        elif isinstance(attribute, classmethod | staticmethod):
            yield f"    {member}{_signature(attribute.__func__)}"
        elif inspect.isfunction(attribute):
            yield f"    {member}{_signature(attribute)}"


def _is_a_part(base: type) -> bool:
    """Whether a class only stands apart so that files stay small: nobody else holds one."""
    ours = base.__module__.startswith("hyperopt_core.") and not issubclass(base, Exception)
    return ours and len(base.__subclasses__()) == 1


def _signature(value: object) -> str:
    signature = inspect.signature(value)  # type: ignore[arg-type]
    public = [p for p in signature.parameters.values() if not p.name.startswith("_")]
    return str(signature.replace(parameters=public))


def _public(module: object) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]]:
    path = inspect.getsourcefile(module)  # type: ignore[arg-type]
    assert path is not None
    for node in ast.parse(Path(path).read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        yield node.name, node
        if isinstance(node, ast.ClassDef):
            documented_elsewhere = _inherited(getattr(module, node.name))
            for part in node.body:
                if isinstance(part, ast.FunctionDef) and part.name not in documented_elsewhere:
                    yield f"{node.name}.{part.name}", part


def _inherited(cls: type) -> set[str]:
    """Private names, and those that a class says nothing about because a base class or a protocol does."""
    own = {name for name in vars(cls) if name.startswith("_")}
    return own | {name for base in cls.__mro__[1:] for name in vars(base)} | _PROTOCOL_METHODS


def _protocol_methods() -> set[str]:
    found = set()
    for name in MODULES:
        for value in vars(importlib.import_module(name)).values():
            if inspect.isclass(value) and getattr(value, "_is_protocol", False):
                found |= {m for m, f in vars(value).items() if not m.startswith("_") and f.__doc__}
    return found


_PROTOCOL_METHODS = _protocol_methods()

if __name__ == "__main__":
    SNAPSHOT.write_text(record(), encoding="utf-8")
