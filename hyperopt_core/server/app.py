"""The application: routes, errors, and what every answer carries."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hyperopt_core import __version__
from hyperopt_core.errors import HyperoptError
from hyperopt_core.server import api, browser, files
from hyperopt_core.server.access import Access
from hyperopt_core.server.metrics import Metrics
from hyperopt_core.server.openapi import describe
from hyperopt_core.storage.http.operations import PREFIX
from hyperopt_core.storage.plain import dumps
from hyperopt_core.storage.protocol import Storage
from hyperopt_core.storage.roles import Role


def make_app(storage: Storage, access: Access, hosts: Sequence[str] = ("*",)) -> Starlette:
    """The application that serves `storage`. hosts: names under which browsers may address it; "*" for any."""

    async def about(request: Request) -> Response:
        role = await run_in_threadpool(access.role, request)
        return api.json_response(dumps({"version": __version__, "role": role.name.lower()}))

    async def health(request: Request) -> Response:
        await run_in_threadpool(storage.list_sweeps)
        return api.json_response(dumps({"status": "ok", "version": __version__}))

    async def openapi(request: Request) -> Response:
        return api.json_response(dumps(describe()))

    figures = Metrics(storage)

    async def metrics(request: Request) -> Response:
        def answer() -> bytes:
            access.require(request, Role.READ)
            return figures.exposition()

        return Response(await run_in_threadpool(answer), media_type="text/plain; version=0.0.4")

    return Starlette(
        routes=[
            Route(PREFIX, about),
            *api.routes(storage, access),
            *browser.routes(storage, access),
            *files.routes(),
            Route("/openapi.json", openapi),
            Route("/metrics", metrics),
            Route("/health", health),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False),
            Middleware(GZipMiddleware, minimum_size=4096, compresslevel=3),
        ],
        exception_handlers={HyperoptError: api.error_response},
    )
