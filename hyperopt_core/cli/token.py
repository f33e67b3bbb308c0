"""``hyperopt-core token create | list | revoke``: who may ask a server for what."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer
from typer import Argument, Option

from hyperopt_core.cli.options import DEFAULT_STORAGE, Json, Storage

app = typer.Typer(
    help="Tokens by which agents and people use `hyperopt-core serve`.", no_args_is_help=True, rich_markup_mode=None
)


class RoleName(StrEnum):
    """What a token allows."""

    READ = "read"
    AGENT = "agent"
    ADMIN = "admin"


Name = Annotated[str, Argument(metavar="NAME", help="Whose token it is, e.g. a machine's name.")]


@app.command("create")
def create(
    name: Name,
    role: Annotated[
        RoleName, Option(metavar="ROLE", help="read: look; agent: run trials too; admin: change sweeps too.")
    ] = RoleName.AGENT,
    storage: Storage = DEFAULT_STORAGE,
) -> None:
    """Make a token and print it: it is shown this once."""
    from hyperopt_core.cli.opening import open_database
    from hyperopt_core.cli.printing import say
    from hyperopt_core.storage.roles import Role
    from hyperopt_core.storage.sql.tokens import Tokens

    say(Tokens(open_database(storage).database).create(name, Role[role.name]))


@app.command("list")
def list_tokens(storage: Storage = DEFAULT_STORAGE, json: Json = False) -> None:
    """List the tokens' names and roles."""
    from hyperopt_core.cli.opening import open_database
    from hyperopt_core.cli.printing import say_json, say_table
    from hyperopt_core.storage.sql.tokens import Tokens

    tokens = Tokens(open_database(storage).database).list()
    if json:
        say_json([{"name": t.name, "role": t.role.name.lower(), "created_at": t.created_at} for t in tokens])
    else:
        rows = [(t.name, t.role.name.lower(), f"{datetime.fromtimestamp(t.created_at):%Y-%m-%d %H:%M}") for t in tokens]
        say_table(("token", "role", "since"), rows)


@app.command("revoke")
def revoke(name: Name, storage: Storage = DEFAULT_STORAGE) -> None:
    """Make a token worthless at once."""
    from hyperopt_core.cli.opening import open_database
    from hyperopt_core.cli.printing import say
    from hyperopt_core.storage.sql.tokens import Tokens

    Tokens(open_database(storage).database).revoke(name)
    say(f"revoked {name}: the server refuses it from now on")
