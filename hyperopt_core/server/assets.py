"""The page's own files, as they are in the package."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

#: suffix -> media type of what a page is made of
KINDS: Mapping[str, str] = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}


@cache
def page_files() -> Mapping[str, str]:
    """Name -> text of every file of the page."""
    folder = files("hyperopt_core.server") / "page"
    return {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(tuple(KINDS))
    }
