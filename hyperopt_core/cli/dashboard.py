"""``hyperopt-core dashboard``: the sweeps of a storage in the browser."""

from __future__ import annotations

from typing import Annotated

from typer import Argument, Option

from hyperopt_core.cli.options import DEFAULT_STORAGE, Storage
from hyperopt_core.errors import MissingExtra


def dashboard(
    name: Annotated[str | None, Argument(metavar="[NAME]", help="A sweep; without it all of them.")] = None,
    storage: Storage = DEFAULT_STORAGE,
    port: Annotated[int, Option(min=0, max=65_535, metavar="PORT", help="The port to listen on; 0: any.")] = 0,
    no_browser: Annotated[bool, Option("--no-browser", help="Only print the address.")] = False,
) -> None:
    """Show sweeps in the browser until Ctrl-C; only this machine can reach the page.

    For a page that others can reach, see `serve`.
    """
    from hyperopt_core.cli.opening import open_database, open_existing
    from hyperopt_core.cli.printing import say

    try:
        from hyperopt_core.server.serve import show
    except ModuleNotFoundError as error:
        raise MissingExtra(str(error.name), "server", "the dashboard") from error

    open_existing(storage).close()
    database = open_database(storage)
    try:
        show(database, name, port, say, browser=not no_browser)
    finally:
        database.close()
