"""What can be asked of a storage over HTTP: one line a method of `Storage`, for the server, the client and OpenAPI."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_type_hints

from hyperopt_core.storage.protocol import Storage
from hyperopt_core.storage.roles import Role

PREFIX = "/api/v1"


@dataclass(frozen=True)
class Operation:
    """A method of `Storage` at a path."""

    name: str  # of the method
    verb: str  # of HTTP
    path: str  # below `PREFIX`; what stands in braces is an argument
    role: Role

    @cached_property
    def parameters(self) -> Mapping[str, inspect.Parameter]:
        """The method's arguments by name, in order."""
        signature = inspect.signature(getattr(Storage, self.name))
        return {name: parameter for name, parameter in signature.parameters.items() if name != "self"}

    @cached_property
    def types(self) -> Mapping[str, Any]:
        """The types of the arguments, and of the result under "return"."""
        return get_type_hints(getattr(Storage, self.name))

    @property
    def summary(self) -> str:
        """The first line of what the method says of itself."""
        return (getattr(Storage, self.name).__doc__ or "").strip().partition("\n")[0]


_TRIAL = "/sweeps/{sweep}/trials/{number}"

OPERATIONS: Mapping[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation("create_sweep", "POST", "/sweeps", Role.ADMIN),
        Operation("list_sweeps", "GET", "/sweeps", Role.READ),
        Operation("get_sweep", "GET", "/sweep", Role.READ),
        Operation("set_status", "POST", "/sweeps/{sweep}/status", Role.AGENT),  # FINISHED; else ADMIN
        Operation("update_spec", "PUT", "/sweeps/{sweep}/spec", Role.ADMIN),
        Operation("delete_sweep", "DELETE", "/sweeps/{sweep}", Role.ADMIN),
        Operation("status", "GET", "/sweeps/{sweep}/status", Role.READ),
        Operation("changes", "GET", "/sweeps/{sweep}/changes", Role.READ),
        Operation("claim", "POST", "/sweeps/{sweep}/claim", Role.AGENT),
        Operation("add_trial", "PUT", _TRIAL, Role.AGENT),
        Operation("enqueue", "POST", "/sweeps/{sweep}/trials", Role.ADMIN),
        Operation("add_measurements", "POST", _TRIAL + "/measurements", Role.AGENT),
        Operation("finish_trial", "POST", _TRIAL + "/outcome", Role.AGENT),
        Operation("request_cancel", "POST", _TRIAL + "/cancel", Role.ADMIN),
        Operation("retry", "POST", _TRIAL + "/retry", Role.ADMIN),
        Operation("attempts", "GET", _TRIAL + "/attempts", Role.READ),
        Operation("beat", "POST", "/sweeps/{sweep}/beat", Role.AGENT),
        Operation("held", "GET", "/sweeps/{sweep}/held", Role.READ),
        Operation("reclaim", "POST", _TRIAL + "/reclaim", Role.AGENT),
    )
}
