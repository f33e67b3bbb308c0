"""Running the application with uvicorn."""

from __future__ import annotations

import ipaddress
import secrets
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from hyperopt_core.errors import ConfigError
from hyperopt_core.server.access import Access
from hyperopt_core.server.app import make_app
from hyperopt_core.storage.sql.storage import SqlStorage
from hyperopt_core.storage.sql.tokens import Tokens

if TYPE_CHECKING:
    import uvicorn


@dataclass(frozen=True)
class Address:
    """Where a server listens, and as whom it shows itself. Raises `ConfigError` for half of a certificate."""

    host: str = "127.0.0.1"
    port: int = 8787
    certificate: Path | None = None
    key: Path | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    def __post_init__(self) -> None:
        if (self.certificate is None) != (self.key is None):
            raise ConfigError("TLS needs both the certificate's file and its key's")

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def url(self) -> str:
        """What to type."""
        anywhere = self.host in ("0.0.0.0", "::")
        name = socket.gethostname() if anywhere else f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.certificate else 'http'}://{name}:{self.port}"


def serve(storage: SqlStorage, address: Address) -> None:
    """Serve `storage` until the process is told to end. Raises `ConfigError` where the address cannot be had."""
    with listen(address) as listener:
        make_server(storage, address).run(sockets=[listener])


def make_server(storage: SqlStorage, address: Address) -> uvicorn.Server:
    """What serves `storage`, once it is run."""
    import uvicorn

    storage.readers_outlast_it = True
    # A page of another site must not reach a server on this machine under a name that it made up.
    hosts = ("localhost", "127.0.0.1", "[::1]", address.host) if address.loopback else ("*",)
    return uvicorn.Server(
        uvicorn.Config(
            make_app(storage, Access(Tokens(storage.database).role, address.token), hosts),
            log_level="warning",
            access_log=False,
            server_header=False,
            ssl_certfile=address.certificate,
            ssl_keyfile=address.key,
            timeout_graceful_shutdown=5,
        )
    )


def listen(address: Address) -> socket.socket:
    """The socket of a server. Raises `ConfigError` where the address cannot be had."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        return socket.create_server((address.host, address.port), family=family, backlog=256)
    except OSError as error:
        raise ConfigError(f"cannot listen on {address.host}:{address.port}: {error.strerror or error}") from error
