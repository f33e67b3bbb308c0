"""Text that fits: measured in points, wrapped and shortened before it is drawn."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from functools import lru_cache

ELLIPSIS = "…"
_HINTED = 1.03  # letters that a renderer fits to its pixels can be that much wider


@lru_cache(maxsize=4096)
def width(text: str, size: float, weight: str = "normal") -> float:
    """The width of a line of text in points, on the safe side."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="(?s)Glyph .* missing from font")
        return _HINTED * float(text_to_path.get_text_width_height_descent(text, font, False)[0])


def plain(text: str) -> str:
    """`text` on one line, without characters that cannot be seen."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in re.sub(r"\s+", " ", text).strip())


def shorten(text: str, room: float, size: float, weight: str = "normal") -> str:
    """`text`, with its middle left out where it is wider than `room` points: both ends tell names apart."""
    if width(text, size, weight) <= room:
        return text
    for kept in range(len(text) - 1, 1, -1):
        head = (kept + 1) // 2
        short = text[:head].rstrip() + ELLIPSIS + text[len(text) - (kept - head) :].lstrip()
        if width(short, size, weight) <= room:
            return short
    return text[:1] + ELLIPSIS


def shorten_all(texts: Sequence[str], room: float, size: float) -> list[str]:
    """Each of `texts` shortened to `room` points, so that different ones stay different.

    Where leaving out middles makes two alike, the common beginning goes instead; where that does not help, they are
    numbered.
    """

    def fit(some: Sequence[str]) -> list[str]:
        return [shorten(t, room, size) for t in some]

    common = _common_start(texts)
    without_prefix = [ELLIPSIS + t[common:] for t in texts]
    numbered = [f"{i + 1}: {t}" for i, t in enumerate(texts)]
    attempts: list[Callable[[], list[str]]] = [lambda: fit(texts), lambda: fit(without_prefix), lambda: fit(numbered)]
    for attempt in attempts:
        short = attempt()
        if len(set(short)) == len(set(texts)):
            break
    return short


def short_names(names: Sequence[str], most: int = 32) -> list[str]:
    """Names of at most `most` characters, so that different ones stay different.

    Long ones lose their middles, or where that makes two alike their beginnings; else they are numbered.

    >>> short_names(["encoder.block_1.dropout", "encoder.block_2.dropout", "lr"], 12)
    ['…k_1.dropout', '…k_2.dropout', 'lr']
    """
    half = (most - 1) // 2
    middles = [name if len(name) <= most else name[:half] + ELLIPSIS + name[-half:] for name in names]
    ends = [name if len(name) <= most else ELLIPSIS + name[1 - most :] for name in names]
    for short in (middles, ends):
        if len(set(short)) == len(set(names)):
            return short
    return [f"{i + 1}: {text}" for i, text in enumerate(middles)]


def _common_start(texts: Sequence[str]) -> int:
    """How many characters all texts begin with."""
    first, last = (min(texts), max(texts)) if texts else ("", "")
    return next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))


def wrap_name(name: str, room: float, size: float, weight: str = "normal", lines: int = 5) -> str:
    """A dotted or snake_case name broken after its separators into at most `lines` lines of `room` points each."""
    parts = [p for p in re.split(r"(?<=[._\-/ ])", name) if p]
    return "\n".join(_filled(parts, "", room, size, weight, lines))


def wrap_words(text: str, room: float, size: float) -> str:
    """A sentence broken at its spaces into as many lines as it needs."""
    return "\n".join(_filled(text.split(" "), " ", room, size, "normal", 99))


def _filled(parts: Sequence[str], glue: str, room: float, size: float, weight: str, limit: int) -> list[str]:
    out: list[str] = []
    for part in parts:
        joined = out[-1] + glue + part if out else part
        if not out or (width(joined, size, weight) > room and len(out) < limit):
            out.append(part)
        else:
            out[-1] = joined
    return [shorten(line, room, size, weight) for line in out]
