"""``hyperopt-core serve``: sweeps for agents on other machines, and for people's browsers."""

from __future__ import annotations

import ssl
import sys
from pathlib import Path
from typing import Annotated

from typer import Option

from hyperopt_core.cli.options import DEFAULT_STORAGE, Storage
from hyperopt_core.errors import ConfigError, MissingExtra


def serve(
    storage: Storage = DEFAULT_STORAGE,
    host: Annotated[str, Option(metavar="ADDRESS", help="Where to listen; 0.0.0.0 for all networks.")] = "127.0.0.1",
    port: Annotated[int, Option(min=1, max=65_535, metavar="PORT", help="The port to listen on.")] = 8787,
    certificate: Annotated[
        Path | None, Option(metavar="FILE", help="TLS certificate, PEM.", exists=True, dir_okay=False)
    ] = None,
    key: Annotated[
        Path | None, Option(metavar="FILE", help="Its private key, PEM.", exists=True, dir_okay=False)
    ] = None,
) -> None:
    """Serve sweeps over HTTP until Ctrl-C.

    Agents on other machines join with `--storage http://HOST:PORT` and a token of `hyperopt-core token create`.
    """
    from hyperopt_core.cli.opening import open_database
    from hyperopt_core.cli.printing import say

    try:
        import uvicorn  # noqa: F401  (now, not after the first words)

        from hyperopt_core.server.serve import Address, serve
    except ModuleNotFoundError as error:
        raise MissingExtra(str(error.name), "server", "serving sweeps") from error

    address = Address(host, port, certificate, key)
    database = open_database(storage)

    def ready() -> None:
        say(f"serving {database.url} at {address.url}; Ctrl-C ends it")
        if not address.loopback and certificate is None:
            say("warning: without --certificate and --key, tokens and results cross the network in the clear")
        if sys.stdout.isatty():  # not into a log: whoever has the token may do everything
            say(f"the page for people is {address.page}")
        say(f"agents need a token of `hyperopt-core token create NAME`, and --storage {address.url}")

    try:
        serve(database, address, ready)
    except ssl.SSLError as error:
        raise ConfigError(f"--certificate {certificate}, --key {key}: not a PEM pair that fits ({error})") from error
    finally:
        database.close()
