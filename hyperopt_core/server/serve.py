"""Running the application with uvicorn."""

from __future__ import annotations

import ipaddress
import secrets
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

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

    @property
    def page(self) -> str:
        """What a browser opens: the page takes the token out of the address at once."""
        return f"{self.url}/#token={self.token}"


def serve(storage: SqlStorage, address: Address, ready: Callable[[], None]) -> None:
    """Serve `storage` until the process is told to end; `ready` is called once the address is had.

    Raises `ConfigError` where it cannot be had.
    """
    server = make_server(storage, address)
    with listen(address) as listener:
        server.config.load()  # the certificate too
        ready()
        server.run(sockets=[listener])


def show(storage: SqlStorage, sweep: str | None, port: int, say: Callable[[str], None], *, browser: bool) -> None:
    """Serve `storage` to this machine alone, and open its page, or that of a sweep.

    port: 0 for one that is free. say: is told the address. Raises `SweepNotFound`.
    """
    import webbrowser

    if sweep is not None:
        storage.get_sweep(sweep)
    with listen(Address(port=port)) as listener:
        address = Address(port=listener.getsockname()[1])
        page = address.page + (f"&{urlencode({'sweep': sweep})}" if sweep is not None else "")
        say(f"the page is {page}; Ctrl-C ends it")
        if browser:
            # The socket listens already, so the browser waits for the server; one in a terminal would hold it up.
            threading.Thread(target=webbrowser.open, args=(page,), daemon=True).start()
        make_server(storage, address).run(sockets=[listener])


def make_server(storage: SqlStorage, address: Address) -> uvicorn.Server:
    """What serves `storage`, once it is run."""
    import uvicorn

    storage.readers_outlast_it = True
    # A page of another site must not reach a server on this machine under a name that it made up.
    hosts = ("localhost", "127.0.0.1", "[::1]", address.host) if address.loopback else ("*",)
    app = make_app(storage, Access(Tokens(storage.database).role, address.token), hosts)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            ssl_certfile=address.certificate,
            ssl_keyfile=address.key,
            timeout_graceful_shutdown=5,
        )
    )
    app.state.is_ending = lambda: server.should_exit  # ends the streams of browsers, which would hold up the end
    return server


def listen(address: Address) -> socket.socket:
    """The socket of a server. Raises `ConfigError` where the address cannot be had."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        return socket.create_server((address.host, address.port), family=family, backlog=256)
    except OSError as error:
        raise ConfigError(f"cannot listen on {address.host}:{address.port}: {error.strerror or error}") from error
