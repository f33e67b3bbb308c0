"""A new, empty storage of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgresql import shared_server
from tests.servers import serving_here


@contextmanager
def address(scheme: str, folder: Path) -> Iterator[str]:
    """The URL of a storage of that scheme, as long as the block lasts; files are in `folder`."""
    if scheme == "postgresql":
        yield shared_server().schema_url()
    elif scheme == "http":
        with serving_here(folder / "served.db") as url:
            yield url
    else:
        yield f"{scheme}:///{folder}/sweeps.db"
