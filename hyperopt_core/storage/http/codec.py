"""Records as JSON and back, by the types that the `Storage` protocol declares; errors by their names.

Numbers that are not finite are the tokens NaN, Infinity and -Infinity, as `hyperopt_core.storage.plain` has them.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from hyperopt_core import errors
from hyperopt_core.errors import HyperoptError, InvalidTrial, StorageError
from hyperopt_core.storage.plain import plain


def encode(value: Any, where: str = "value") -> Any:
    """Records and collections of them in JSON's types. Raises `InvalidTrial`, naming `where`, for anything else.

    >>> from hyperopt_core.trial import Origin
    >>> encode([Origin("gp", "exploit")])
    [{'strategy': 'gp', 'reason': 'exploit', 'details': {}}]
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {name: encode(getattr(value, name), f"{where}.{name}") for name in _types(type(value))}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list | tuple):
        return [encode(item, f"{where}[{i}]") for i, item in enumerate(value)]
    return plain(value, where)


def decode(kind: Any, value: Any, where: str = "result") -> Any:
    """The inverse of `encode` for a value of type `kind`. Raises `InvalidTrial`, naming `where`, for another type."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any:
        return value
    if origin in (Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        (kind,) = (argument for argument in arguments if argument is not type(None))
        return decode(kind, value, where)
    if is_dataclass(kind):
        return _decode_record(kind, _expect(value, Mapping, where), where)
    if origin is tuple and arguments[-1] is not Ellipsis:
        items = _expect(value, list, where)
        if len(items) != len(arguments):
            raise InvalidTrial(f"{where}: {len(arguments)} values are needed, there are {len(items)}")
        return tuple(decode(k, item, f"{where}[{i}]") for i, (k, item) in enumerate(zip(arguments, items, strict=True)))
    if origin in (tuple, list, Sequence):
        items = [decode(arguments[0], item, f"{where}[{i}]") for i, item in enumerate(_expect(value, list, where))]
        return tuple(items) if origin is tuple else items
    if origin is Mapping:
        pairs = _expect(value, Mapping, where).items()
        return {key: decode(arguments[1], item, f"{where}.{key}") for key, item in pairs}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _decode_choice(kind, value, where)
    if kind is float:
        return _expect(value, int | float, where)
    return None if kind is type(None) else _expect(value, kind, where)


def _decode_record(kind: Any, value: Mapping[str, Any], where: str) -> Any:
    known = _types(kind)
    unknown = sorted(set(value) - set(known))
    if unknown:
        raise InvalidTrial(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(known)}")
    given = {name: decode(known[name], item, f"{where}.{name}") for name, item in value.items()}
    try:
        return kind(**given)
    except TypeError as error:
        raise InvalidTrial(f"{where}: {error}") from None


def _decode_choice(kind: type[Enum], value: Any, where: str) -> Enum:
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(repr(member.value) for member in kind)
        raise InvalidTrial(f"{where} is {errors.shown(value)}: one of {known}") from None


def _expect(value: Any, kind: Any, where: str) -> Any:
    # True is an int for Python, but no number for anybody else.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        name = getattr(kind, "__name__", str(kind))
        raise InvalidTrial(f"{where} is {errors.shown(value)}: {name} is needed")
    return value


@cache
def _types(kind: type) -> Mapping[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


# --- errors -----------------------------------------------------------------------------------------------------------

#: What a storage may raise, by name; an error of another class travels as `StorageError`.
_ERRORS: Mapping[str, type[HyperoptError]] = {
    name: kind
    for name, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, HyperoptError) and kind is not HyperoptError
}


def encode_error(error: HyperoptError) -> dict[str, Any]:
    """An error's class, what it is made of, and its message."""
    made_of: Any = error.__reduce__()[1]
    try:
        made_of = encode(list(made_of))
    except InvalidTrial:
        made_of = [str(error)]
    return {"error": type(error).__name__, "arguments": made_of, "message": str(error)}


def decode_error(answer: Mapping[str, Any]) -> HyperoptError:
    """The inverse of `encode_error`: the same class and message, a `StorageError` where the class is not known."""
    message = str(answer.get("message", "the server gave no reason"))
    kind: Any = _ERRORS.get(str(answer.get("error")), StorageError)
    for arguments in (answer.get("arguments", ()), (message,)):
        try:
            error: HyperoptError = kind(*arguments)
        except (TypeError, ValueError, AttributeError):
            continue
        if str(error) == message:
            return error
    return StorageError(message)
