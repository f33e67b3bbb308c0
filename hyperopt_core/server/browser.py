"""What the page asks for: JSON for browsers, the stream of changes, and the buttons."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from hyperopt_core import __version__
from hyperopt_core.errors import HyperoptError, InvalidTrial, SweepEnded, suggest
from hyperopt_core.server.access import Access, drop_cookie, require_same_origin, set_cookie
from hyperopt_core.server.api import json_body, json_response
from hyperopt_core.server.mirror import Mirror
from hyperopt_core.server.search import search_here
from hyperopt_core.storage.http.operations import PREFIX
from hyperopt_core.storage.protocol import Status, Storage
from hyperopt_core.storage.roles import Role
from hyperopt_core.sweep import Sweep

_LOOK = 0.5  # seconds between two looks at a sweep that somebody watches
_BEAT = 15.0  # seconds after which a silent stream shows that it lives

_WANTED: Mapping[str, tuple[Callable[[Sweep], None], Status]] = {
    "pause": (Sweep.pause, Status.PAUSED),
    "resume": (Sweep.resume, Status.RUNNING),
    "stop": (Sweep.stop, Status.STOPPED),
    "cancel": (Sweep.cancel, Status.CANCELLED),
}


def routes(storage: Storage, access: Access) -> list[Route]:
    """The routes below ``/api/v1/page``."""
    page = _Page(storage, access)
    sweep, trial = "/sweeps/{sweep:int}", "/sweeps/{sweep:int}/trials/{number:int}"
    return [
        Route(f"{PREFIX}/page{path}", endpoint, methods=[verb])
        for verb, path, endpoint in (
            ("POST", "/session", page.log_in),
            ("DELETE", "/session", page.log_out),
            ("GET", "/sweeps", page.sweeps),
            ("GET", "/sweep", page.sweep),
            ("GET", f"{sweep}/curves", page.curves),
            ("GET", f"{sweep}/charts/{{kind}}", page.chart),
            ("GET", f"{sweep}/events", page.events),
            ("POST", f"{sweep}/status", page.control),
            ("POST", f"{sweep}/limits", page.limits),
            ("POST", f"{sweep}/search", page.search),
            ("POST", f"{sweep}/trials", page.enqueue),
            ("GET", trial, page.trial),
            ("POST", f"{trial}/cancel", page.cancel),
            ("POST", f"{trial}/retry", page.retry),
        )
    ]


class _Page:
    def __init__(self, storage: Storage, access: Access) -> None:
        self._storage, self._access, self._mirror = storage, access, Mirror(storage)

    # --- who looks ---------------------------------------------------------------------------------------------------

    async def log_in(self, request: Request) -> Response:
        """Take a token, and have the browser keep it where no script can read it."""
        require_same_origin(request)
        token = (await json_body(request)).get("token")
        role = await run_in_threadpool(self._access.role_of, token if isinstance(token, str) else "")
        response = _json({"role": role.name.lower()})
        set_cookie(request, response, str(token))
        return response

    async def log_out(self, request: Request) -> Response:
        require_same_origin(request)
        response = _json({})
        drop_cookie(request, response)
        return response

    # --- looking -----------------------------------------------------------------------------------------------------

    async def sweeps(self, request: Request) -> Response:
        def answer() -> Any:
            role = self._access.role(request)
            return {"role": role.name.lower(), "version": __version__, "sweeps": self._mirror.overviews()}

        return await _answered(answer)

    async def sweep(self, request: Request) -> Response:
        def answer() -> Any:
            role = self._access.role(request)
            mirror = self._mirror.named(request.query_params.get("name", ""))
            changes = mirror.since(0, with_points=False)
            return {"role": role.name.lower(), "sweep": mirror.header(), "changes": changes}

        return await _answered(answer)

    async def curves(self, request: Request) -> Response:
        return await self._look(request, lambda: self._mirror.sweep(request.path_params["sweep"]).curves())

    async def chart(self, request: Request) -> Response:
        """A chart; the query holds its options."""
        path, options = request.path_params, dict(request.query_params)
        return await self._look(request, lambda: self._mirror.sweep(path["sweep"]).chart(path["kind"], options))

    async def trial(self, request: Request) -> Response:
        path = request.path_params
        return await self._look(request, lambda: self._mirror.sweep(path["sweep"]).detail(path["number"]))

    async def _look(self, request: Request, look: Callable[[], Any]) -> Response:
        def answer() -> Any:
            self._access.require(request, Role.READ)
            return look()

        return await _answered(answer)

    async def events(self, request: Request) -> Response:
        """What changes from now on, as server-sent events; a reader that comes back misses nothing."""
        sweep, seen = request.path_params["sweep"], _seq(request)
        await run_in_threadpool(self._access.require, request, Role.READ)
        await run_in_threadpool(self._mirror.sweep, sweep)
        is_ending: Callable[[], bool] = getattr(request.app.state, "is_ending", lambda: False)
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        stream = self._stream(sweep, seen, is_ending)
        return StreamingResponse(stream, media_type="text/event-stream", headers=headers)

    async def _stream(self, sweep: int, seen: int, is_ending: Callable[[], bool]) -> AsyncIterator[str]:
        def look() -> dict[str, Any] | None:
            mirror = self._mirror.sweep(sweep)
            return mirror.since(seen) if mirror.changed(seen) else None

        yield "retry: 1000\n\n"
        silent = 0.0
        # An open stream would hold up the end of the server: it ends by itself.
        while not is_ending():
            try:
                changes = await run_in_threadpool(look)
            except HyperoptError:  # deleted, or out of reach: the browser asks again and is told why
                return
            if changes is not None:
                seen, silent = changes["seq"], 0.0
                yield f"id: {seen}\ndata: {_dumps(changes)}\n\n"
            elif silent >= _BEAT:
                silent = 0.0
                yield ": alive\n\n"
            silent += _LOOK
            await asyncio.sleep(_LOOK)

    # --- changing ----------------------------------------------------------------------------------------------------

    async def control(self, request: Request) -> Response:
        action = (await json_body(request)).get("action")

        def change(sweep: Sweep) -> Any:
            if not isinstance(action, str) or action not in _WANTED:
                raise InvalidTrial(f"action is {action!r}: one of {', '.join(_WANTED)}{suggest(str(action), _WANTED)}")
            act, wanted = _WANTED[action]
            if sweep.status is Status.FINISHED:
                raise SweepEnded(f"sweep {sweep.name!r} is finished ({sweep.reason})")
            act(sweep)
            if sweep.status is not wanted:
                raise SweepEnded(f"sweep {sweep.name!r} is {sweep.status} ({sweep.reason}): it cannot be {wanted}")
            return {"status": str(sweep.status)}

        return await self._change(request, change)

    async def limits(self, request: Request) -> Response:
        """Change how many trials the sweep may have; a finished one goes on where they leave room."""
        trials = (await json_body(request)).get("trials")

        def change(sweep: Sweep) -> Any:
            limits = replace(sweep.spec.limits, trials=trials)
            return {"changed": sweep.update(replace(sweep.spec, limits=limits))}

        return await self._change(request, change)

    async def search(self, request: Request) -> Response:
        asked = await json_body(request)
        return await self._change(request, lambda sweep: search_here(sweep, self._storage, asked))

    async def enqueue(self, request: Request) -> Response:
        params = (await json_body(request)).get("params")

        def change(sweep: Sweep) -> Any:
            if not isinstance(params, dict):
                raise InvalidTrial("params is missing: dotted name -> value")
            return {"number": sweep.enqueue(sweep.spec.space.nest(params)).number}

        return await self._change(request, change)

    async def cancel(self, request: Request) -> Response:
        number = request.path_params["number"]
        return await self._change(request, lambda sweep: {"cancelled": sweep.cancel_trial(number)})

    async def retry(self, request: Request) -> Response:
        number = request.path_params["number"]
        return await self._change(request, lambda sweep: {"state": str(sweep.retry(number).state)})

    async def _change(self, request: Request, change: Callable[[Sweep], Any]) -> Response:
        def answer() -> Any:
            self._access.require(request, Role.ADMIN)
            record = self._mirror.sweep(request.path_params["sweep"]).record
            with Sweep.open(record.name, self._storage) as sweep:
                return change(sweep)

        return await _answered(answer)


def _seq(request: Request) -> int:
    """Up to where the browser knows the log."""
    given = request.headers.get("last-event-id") or request.query_params.get("since", "0")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 18 else 0


async def _answered(answer: Callable[[], Any]) -> Response:
    return await run_in_threadpool(lambda: _json(answer()))


def _json(value: Any) -> Response:
    return json_response(_dumps(value))


def _dumps(value: Any) -> str:
    """JSON as browsers read it."""
    return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
