"""Who may do what: every request but a health check carries a token."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from starlette.requests import Request

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
        """What the request may do. Raises `NoToken`."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NoToken("a token is needed: `hyperopt-core token create` makes one")
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


_MAY = {Role.READ: "only look", Role.AGENT: "run trials", Role.ADMIN: "change sweeps"}
