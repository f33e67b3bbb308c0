"""The page's own files, and the headers under which browsers run them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hyperopt_core.server.assets import KINDS, page_files

#: Scripts, styles and requests of this server alone; nothing inline, nothing from elsewhere, no frame around it.
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-cache",
}


def routes() -> list[Route]:
    """The page at ``/``, and its files under ``/page/``: without a token they show nothing of any sweep."""
    return [Route("/", _index), Route("/page/{name}", _file)]


async def _index(request: Request) -> Response:
    return _response("index.html")


async def _file(request: Request) -> Response:
    return _response(request.path_params["name"])


def _response(name: str) -> Response:
    text = page_files().get(name)
    if text is None:
        return Response("there is no such file", 404, _HEADERS, media_type="text/plain")
    return Response(text, 200, _HEADERS, media_type=KINDS[name[name.rindex(".") :]])
