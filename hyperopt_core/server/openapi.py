"""The description of the API in OpenAPI 3.1, made from the table of operations and the types of the records."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

from hyperopt_core import __version__
from hyperopt_core.storage.http.operations import OPERATIONS, PREFIX, Operation

_SIMPLE: Mapping[Any, dict[str, Any]] = {
    Any: {},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    str: {"type": "string"},
    type(None): {"type": "null"},
}


def describe() -> dict[str, Any]:
    """The whole description.

    >>> sorted(describe()["paths"]["/api/v1/sweeps"])
    ['get', 'post']
    """
    schemas: dict[str, Any] = {"Error": _ERROR}
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS.values():
        paths.setdefault(PREFIX + operation.path, {})[operation.verb.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "hyperopt-core", "version": __version__, "description": _ABOUT},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{"token": []}],
    }


_ABOUT = (
    "A storage of sweeps. Numbers that are not finite are the tokens NaN, Infinity and -Infinity of Python's JSON. "
    "Each operation names the role that its token needs: read, agent or admin."
)
_ERROR = {
    "type": "object",
    "properties": {"error": {"type": "string"}, "arguments": {"type": "array"}, "message": {"type": "string"}},
    "required": ["error", "message"],
}


def _operation(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    in_path = re.findall(r"{(\w+)}", operation.path)
    rest = [name for name in operation.parameters if name not in in_path]
    place = "query" if operation.verb in ("GET", "DELETE") else "body"
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": f"Needs the role {operation.role.name.lower()}.",
        "parameters": [_parameter(operation, name, "path", schemas) for name in in_path],
        "responses": {
            "200": {"description": "done", "content": _json(_schema(operation.types["return"], schemas))},
            "default": {"description": "refused", "content": _json({"$ref": "#/components/schemas/Error"})},
        },
    }
    if place == "query":
        described["parameters"] += [_parameter(operation, name, "query", schemas) for name in rest]
    elif rest:
        body = {
            "type": "object",
            "properties": {name: _schema(operation.types[name], schemas) for name in rest},
            "required": [name for name in rest if _required(operation, name)],
            "additionalProperties": False,
        }
        described["requestBody"] = {"required": bool(body["required"]), "content": _json(body)}
    return described


def _parameter(operation: Operation, name: str, place: str, schemas: dict[str, Any]) -> dict[str, Any]:
    required = _required(operation, name)
    return {"name": name, "in": place, "required": required, "schema": _schema(operation.types[name], schemas)}


def _required(operation: Operation, name: str) -> bool:
    return operation.parameters[name].default is inspect.Parameter.empty


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _schema(kind: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema of a type; records go into `schemas` and are referred to."""
    if kind in _SIMPLE:
        return dict(_SIMPLE[kind])
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return {"anyOf": [_schema(argument, schemas) for argument in arguments]}
    if origin is tuple and arguments[-1] is not Ellipsis:
        items = [_schema(argument, schemas) for argument in arguments]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
    if origin in (tuple, list, Sequence):
        return {"type": "array", "items": _schema(arguments[0], schemas)}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _schema(arguments[1], schemas)}
    if issubclass(kind, Enum):
        return {"type": "string", "enum": [member.value for member in kind]}
    return _record(kind, schemas)


def _record(kind: type, schemas: dict[str, Any]) -> dict[str, Any]:
    name = kind.__name__
    if name not in schemas:
        schemas[name] = {}  # taken, for types that hold themselves
        hints = get_type_hints(kind)
        described = {key: _schema(hints[key], schemas) for key in kind.__dataclass_fields__}  # type: ignore[attr-defined]
        summary = (kind.__doc__ or "").partition("\n")[0]
        schemas[name] = {"type": "object", "description": summary, "properties": described}
    return {"$ref": f"#/components/schemas/{name}"}
