"""Constraints between parameters: ``"wd <= lr"``. Parsed into a small tree and walked; nothing is ever eval'd."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hyperopt_core.errors import ConfigError

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "min": min,
    "max": max,
    "log": math.log,
    "log2": math.log2,
    "log10": math.log10,
    "exp": math.exp,
    "sqrt": math.sqrt,
}
_MAX_LENGTH = 1000
_ALLOWED = (
    "allowed are parameter names, numbers, strings, + - * / // % **, comparisons, and, or, not, in, "
    + ", ".join(_FUNCTIONS)
)


@dataclass(frozen=True)
class Constraint:
    """A condition on several parameters that every trial must meet.

    It holds wherever one of its parameters is inactive. Names with other characters than letters, digits, ``_`` and
    ``.`` stand in backticks: ```weight-decay` <= lr``. Raises `ConfigError` for what it cannot read.

    >>> Constraint("wd <= lr").holds({"wd": 0.1, "lr": 0.01})
    False
    """

    text: str
    names: frozenset[str] = field(init=False, compare=False)
    _tree: ast.expr = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        quoted: dict[str, str] = {}
        tree = _parse(self.text, quoted)
        names: set[str] = set()
        _check(tree, self.text, quoted, names)
        object.__setattr__(self, "_tree", tree)
        object.__setattr__(self, "names", frozenset(names))
        object.__setattr__(self, "_quoted", quoted)

    def holds(self, flat: Mapping[str, Any]) -> bool:
        """Whether the active parameters `flat` (dotted name -> value) meet it. Undefined arithmetic never does."""
        if not self.names <= flat.keys():
            return True
        try:
            return bool(_value(self._tree, flat, self._quoted))  # type: ignore[attr-defined]
        except (ArithmeticError, ValueError, TypeError):
            return False


def _parse(text: str, quoted: dict[str, str]) -> ast.expr:
    if not isinstance(text, str) or not text.strip() or len(text) > _MAX_LENGTH:
        raise ConfigError(
            f'constraint {str(text)[:60]!r}: a comparison of up to {_MAX_LENGTH} characters is needed, e.g. "wd <= lr"'
        )

    def stand_in(match: re.Match[str]) -> str:
        name = f"_quoted{len(quoted)}_"
        quoted[name] = match.group(1)
        return name

    try:
        return ast.parse(re.sub(r"`([^`]+)`", stand_in, text.strip()), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as fault:
        reason = fault.msg if isinstance(fault, SyntaxError) else str(fault)
        raise ConfigError(f"constraint {text!r} cannot be read ({reason}); {_ALLOWED}") from None


def _dotted(node: ast.expr, quoted: Mapping[str, str]) -> str | None:
    """The parameter name that a Name or a chain of attributes spells."""
    if isinstance(node, ast.Name):
        return quoted.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value, quoted)
        return None if before is None else f"{before}.{node.attr}"
    return None


def _check(node: ast.expr, text: str, quoted: Mapping[str, str], names: set[str]) -> None:
    """Collect the parameter names; refuse everything that is not in the small language."""
    name = _dotted(node, quoted)
    if name is not None:
        names.add(name)
        return
    children: list[ast.expr]
    match node:
        case ast.Constant(value=bool() | int() | float() | str() | None):
            children = []
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY or isinstance(op, ast.Pow):
            children = [left, right]
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
            children = [operand]
        case ast.BoolOp(values=values):
            children = list(values)
        case ast.Compare(left=left, ops=ops, comparators=comparators) if all(type(op) in _COMPARE for op in ops):
            children = [left, *comparators]
        case ast.Call(func=ast.Name(id=function), args=args, keywords=[]) if function in _FUNCTIONS:
            children = list(args)
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            children = list(elements)
        case _:
            raise ConfigError(f"constraint {text!r}: {ast.unparse(node)!r} is not allowed; {_ALLOWED}")
    for child in children:
        _check(child, text, quoted, names)


def _value(node: ast.expr, flat: Mapping[str, Any], quoted: Mapping[str, str]) -> Any:
    def of(child: ast.expr) -> Any:
        return _value(child, flat, quoted)

    name = _dotted(node, quoted)
    if name is not None:
        return flat[name]
    match node:
        case ast.Constant(value=value):
            return value
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return math.pow(of(left), of(right))  # floats only: 9**9**9 overflows instead of running for ever
        case ast.BinOp(left=left, op=op, right=right):
            return _arithmetic(_BINARY[type(op)], of(left), of(right))
        case ast.UnaryOp(op=op, operand=operand):
            return _UNARY[type(op)](of(operand))
        case ast.BoolOp(op=ast.And(), values=values):
            return all(of(v) for v in values)
        case ast.BoolOp(values=values):
            return any(of(v) for v in values)
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            terms = [of(left), *map(of, comparators)]
            return all(_COMPARE[type(op)](a, b) for op, a, b in zip(ops, terms, terms[1:], strict=False))
        case ast.Call(func=ast.Name(id=function), args=args):
            return _FUNCTIONS[function](*map(of, args))
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return [of(e) for e in elements]
    raise TypeError(f"unchecked node {node!r}")


def _arithmetic(function: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """Numbers only: "x" * 10**9 would fill the memory."""
    if not isinstance(a, int | float) or not isinstance(b, int | float):
        raise TypeError("arithmetic needs numbers")
    return function(a, b)
