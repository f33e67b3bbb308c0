"""Who may do what: every request but a health check carries a token.

Programs send it as a Bearer token, browsers as a cookie that no script can read. A browser sends its cookies with
whatever asks it to, so a request with a cookie that changes anything must also come from our own page.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from hyperopt_core.errors import AccessDenied
from hyperopt_core.storage.roles import Role


class NoToken(AccessDenied):
    """The request carries no token, or one that is not known."""


class Access:
    """Looks up what a request may do.

    look_up: the role of a stored token, or None. own: the token that the server itself made at its start, an
    administrator's, for whoever started it.
    """

    def __init__(self, look_up: Callable[[str], Role | None], own: str) -> None:
        self._look_up, self._own = look_up, own

    def role(self, request: Request) -> Role:
        """What the request may do. Raises `NoToken`, and `AccessDenied` where another site's page sent it."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            token = request.cookies.get(_cookie(request), "")
            if not token:
                raise NoToken("a token is needed: `hyperopt-core token create` makes one")
            if request.method not in ("GET", "HEAD"):
                require_same_origin(request)
        return self.role_of(token)

    def role_of(self, token: str) -> Role:
        """What whoever has `token` may do. Raises `NoToken`."""
        if secrets.compare_digest(token.encode("utf-8", "replace"), self._own.encode()):
            return Role.ADMIN
        role = self._look_up(token)
        if role is None:
            raise NoToken("the server does not know this token (any more)")
        return role

    def require(self, request: Request, needed: Role) -> None:
        """Raise `NoToken`, or `AccessDenied` where the token allows less than `needed`."""
        role = self.role(request)
        if role < needed:
            raise AccessDenied(f"this token may {_MAY[role]}; {_MAY[needed]} needs the role {needed.name.lower()}")


def require_same_origin(request: Request) -> None:
    """Raise `AccessDenied` unless the request comes from a page of this server."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    ours = origin is not None and urlsplit(origin).netloc == request.headers.get("host")
    if site not in (None, "same-origin") or not (ours or (origin is None and site)):
        raise AccessDenied("the request comes from a page of another site")


def set_cookie(request: Request, response: Response, token: str) -> None:
    """Have the browser send `token` from now on, until it is closed."""
    secure = request.url.scheme == "https"
    response.set_cookie(_cookie(request), token, path="/", httponly=True, samesite="strict", secure=secure)


def drop_cookie(request: Request, response: Response) -> None:
    """Have the browser forget the token."""
    response.delete_cookie(_cookie(request), path="/", httponly=True, samesite="strict")


def _cookie(request: Request) -> str:
    """Browsers do not tell the ports of a machine apart: each has a cookie of its own."""
    return f"hyperopt-core-{request.url.port or request.url.scheme}"


_MAY = {Role.READ: "only look", Role.AGENT: "run trials", Role.ADMIN: "change sweeps"}
