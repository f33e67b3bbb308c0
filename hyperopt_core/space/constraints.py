"""Constraints between parameters: ``"wd <= lr"``. Parsed into a small tree of functions; nothing is ever eval'd."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from hyperopt_core.errors import ConfigError

#: dotted name -> value of the active parameters, to the value of an expression.
Term: TypeAlias = Callable[[Mapping[str, Any]], Any]

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
_MAX_DEPTH = 120  # each level of the tree is a few levels of Python's stack; a sum is as deep as it has terms
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
    _term: Term = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        quoted: dict[str, str] = {}
        tree = _parse(self.text, quoted)
        if _depth(tree) > _MAX_DEPTH:
            raise ConfigError(f"constraint {self.text[:60]!r}...: is nested more than {_MAX_DEPTH} deep; split it")
        names: set[str] = set()
        _check(tree, self.text, quoted, names)
        object.__setattr__(self, "_term", _compiled(tree, quoted))
        object.__setattr__(self, "names", frozenset(names))

    def __reduce__(self) -> tuple[type[Constraint], tuple[str]]:
        return Constraint, (self.text,)

    def holds(self, flat: Mapping[str, Any]) -> bool:
        """Whether the active parameters `flat` (dotted name -> value) meet it. Undefined arithmetic never does."""
        if not self.names <= flat.keys():
            return True
        try:
            return bool(self._term(flat))
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


def _depth(tree: ast.AST) -> int:
    depth, level = 0, [tree]
    while level:
        depth, level = depth + 1, [child for node in level for child in ast.iter_child_nodes(node)]
    return depth


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


def _compiled(node: ast.expr, quoted: Mapping[str, str]) -> Term:
    """The function of the active parameters that `node` writes; called for every point, so the tree is walked once."""
    name = _dotted(node, quoted)
    if name is not None:
        return operator.itemgetter(name)

    def terms(*nodes: ast.expr) -> list[Term]:
        return [_compiled(child, quoted) for child in nodes]

    match node:
        case ast.Constant(value=value):
            return lambda _: value
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            base, exponent = terms(left, right)
            # Floats only: 9**9**9 overflows instead of running for ever.
            return lambda flat: math.pow(base(flat), exponent(flat))
        case ast.BinOp(left=left, op=op, right=right):
            first, second, binary = *terms(left, right), _BINARY[type(op)]
            return lambda flat: _arithmetic(binary, first(flat), second(flat))
        case ast.UnaryOp(op=op, operand=operand):
            inner, unary = *terms(operand), _UNARY[type(op)]
            return lambda flat: unary(inner(flat))
        case ast.BoolOp(op=ast.And(), values=values):
            parts = terms(*values)
            return lambda flat: all(part(flat) for part in parts)
        case ast.BoolOp(values=values):
            parts = terms(*values)
            return lambda flat: any(part(flat) for part in parts)
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            return _comparison([_COMPARE[type(op)] for op in ops], terms(left, *comparators))
        case ast.Call(func=ast.Name(id=name), args=args):
            function, parts = _FUNCTIONS[name], terms(*args)
            return lambda flat: function(*[part(flat) for part in parts])
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            parts = terms(*elements)
            return lambda flat: [part(flat) for part in parts]
    raise TypeError(f"unchecked node {node!r}")


def _comparison(compares: list[Callable[[Any, Any], bool]], terms: list[Term]) -> Term:
    """``a < b <= c``; two terms, the usual case, without a loop."""
    if len(terms) == 2:
        (compare,), (left, right) = compares, terms
        return lambda flat: compare(left(flat), right(flat))

    def all_hold(flat: Mapping[str, Any]) -> bool:
        values = [term(flat) for term in terms]
        return all(compare(a, b) for compare, a, b in zip(compares, values, values[1:], strict=False))

    return all_hold


def _arithmetic(function: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """Numbers only: "x" * 10**9 would fill the memory."""
    if not isinstance(a, int | float) or not isinstance(b, int | float):
        raise TypeError("arithmetic needs numbers")
    return function(a, b)
