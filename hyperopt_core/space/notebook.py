"""Tables for notebooks: plain HTML without scripts or colours of its own, so that it is at home in light and dark."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

_LONGEST = 80  # characters of a cell


def html_table(caption: str, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table whose texts are escaped; long ones are cut, numbers have 5 digits.

    >>> html_table("<b>", ["x"], [[1 / 3]]).partition("</caption>")[0]
    '<table><caption>&lt;b&gt;'
    """
    titles = "".join(f"<th>{_cell(title)}</th>" for title in head)
    body = "".join("<tr>" + "".join(f"<td>{_cell(value)}</td>" for value in row) + "</tr>" for row in rows)
    return f"<table><caption>{_cell(caption)}</caption><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: Any) -> str:
    text = "" if value is None else f"{value:.5g}" if isinstance(value, float) else str(value)
    return html.escape(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")
