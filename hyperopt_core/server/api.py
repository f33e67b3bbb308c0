"""The methods of a storage as routes, made from the table of operations."""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hyperopt_core.errors import (
    AccessDenied,
    Conflict,
    HyperoptError,
    InvalidTransition,
    InvalidTrial,
    LeaseLost,
    StorageError,
    SweepEnded,
    SweepExists,
    SweepNotFound,
    shown,
)
from hyperopt_core.server.access import Access, NoToken
from hyperopt_core.storage.http.codec import decode, encode, encode_error
from hyperopt_core.storage.http.operations import OPERATIONS, PREFIX, Operation
from hyperopt_core.storage.plain import dumps
from hyperopt_core.storage.protocol import Status, Storage
from hyperopt_core.storage.roles import Role

_MOST_BYTES = 16 * 2**20  # of one request
_MOST_DIGITS = 18  # of a number in an address

#: class of error -> status of HTTP; the first that fits.
_STATUS: tuple[tuple[type[HyperoptError], int], ...] = (
    (NoToken, 401),
    (AccessDenied, 403),
    (SweepNotFound, 404),
    (SweepExists, 409),
    (Conflict, 409),
    (LeaseLost, 409),
    (InvalidTransition, 409),
    (SweepEnded, 409),
    (StorageError, 503),
    (HyperoptError, 422),
)


def routes(storage: Storage, access: Access) -> list[Route]:
    """One route an operation."""
    return [
        Route(
            PREFIX + operation.path,
            _endpoint(operation, storage, access),
            methods=[operation.verb],
            name=operation.name,
        )
        for operation in OPERATIONS.values()
    ]


def _endpoint(operation: Operation, storage: Storage, access: Access) -> Callable[[Request], Awaitable[Response]]:
    method = getattr(storage, operation.name)

    async def endpoint(request: Request) -> Response:
        await run_in_threadpool(access.require, request, operation.role)  # before anything is read
        sent = await json_body(request) if operation.verb in ("POST", "PUT") else dict(request.query_params)

        def answer() -> str:
            arguments = _arguments(operation, {**sent, **request.path_params})
            needed = _role(operation, arguments)
            if needed is not operation.role:  # else it has been looked at
                access.require(request, needed)
            return dumps(encode(method(**arguments)))

        return json_response(await run_in_threadpool(answer))

    return endpoint


def _role(operation: Operation, arguments: Mapping[str, Any]) -> Role:
    """What the call needs: agents may say that a sweep has come to its end, and want nothing else of it."""
    if operation.name == "set_status" and arguments["status"] is not Status.FINISHED:
        return Role.ADMIN
    return operation.role


def _arguments(operation: Operation, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the method is called with. Raises `InvalidTrial` for what is missing, unknown or of another type."""
    unknown = sorted(set(given) - set(operation.parameters))
    if unknown:
        known = ", ".join(operation.parameters)
        raise InvalidTrial(f"{operation.name}: unknown argument {unknown[0]!r}; known are {known}")
    arguments = {}
    for name, parameter in operation.parameters.items():
        kind = operation.types[name]
        if name in given:
            value = given[name]
            if kind is int and isinstance(value, str):
                value = _whole(value, name)
            arguments[name] = decode(kind, value, name)
        elif parameter.default is inspect.Parameter.empty:
            raise InvalidTrial(f"{operation.name}: the argument {name!r} is missing")
    return arguments


def _whole(value: str, name: str) -> int:
    digits = value.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS):
        raise InvalidTrial(f"{name} is {shown(value)}: a whole number is needed")
    return int(value)


async def json_body(request: Request) -> dict[str, Any]:
    """The JSON object that was sent. Raises `InvalidTrial` for anything else, and for too much of it."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > _MOST_BYTES:
            raise InvalidTrial(f"the request is larger than {_MOST_BYTES // 2**20} MiB: report in smaller portions")
    try:
        sent = json.loads(raw or b"{}")
    except (ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict):
        raise InvalidTrial("the request's body is no JSON object")
    return sent


def json_response(text: str, status: int = 200) -> Response:
    """JSON that no cache keeps."""
    return Response(text, status, {"cache-control": "no-store"}, media_type="application/json")


def error_response(request: Request, error: Exception) -> Response:
    """An error of this package as its status and JSON."""
    assert isinstance(error, HyperoptError)
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    response = json_response(dumps(encode_error(error)), status)
    if status == 401:
        response.headers["www-authenticate"] = "Bearer"
    return response
