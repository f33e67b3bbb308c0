"""Values as people read them on a terminal: nothing that a user's data holds can move the cursor or hide text."""

from __future__ import annotations

import itertools
import json
import math
import shlex
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

_LEVELS = "▁▂▃▄▅▆▇█"
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})  # controls, marks that turn text round, halves of pairs


def safe(text: str, *, keep_lines: bool = False) -> str:
    r"""`text` with everything that is not plainly visible written as an escape.

    >>> safe("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    return "".join(c if _visible(c) or (keep_lines and c == "\n") else _escape(c) for c in text)


def short(text: str, width: int) -> str:
    """The first line of `text`, safe, in at most `width` characters.

    >>> short("one two three", 8)
    'one two…'
    """
    line = safe(next((line.strip() for line in text.splitlines() if line.strip()), ""))
    return line if len(line) <= width else line[: max(width - 1, 0)] + "…"


def number(value: float | None) -> str:
    """A measured value in four digits.

    >>> number(0.0123456), number(27), number(None)
    ('0.01235', '27', '-')
    """
    return "-" if value is None else f"{value:.4g}"


def counted(count: int, thing: str) -> str:
    """How many there are of something.

    >>> counted(1, "trial"), counted(0, "trial")
    ('1 trial', '0 trials')
    """
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def value_text(value: Any) -> str:
    """A parameter's value, floats in four digits, text as it is.

    >>> value_text(0.00031622776), value_text("relu"), value_text([64, 32])
    ('0.0003162', 'relu', '[64, 32]')
    """
    if isinstance(value, str):
        return safe(value)
    if isinstance(value, float):
        return number(value)
    return safe(json.dumps(value, ensure_ascii=False))


def params_text(flat: Mapping[str, Any]) -> str:
    """Parameters in one line: ``lr=0.01 layers=2``."""
    return " ".join(f"{safe(name)}={value_text(value)}" for name, value in flat.items())


def command_line(words: Sequence[str]) -> str:
    """Words as a shell takes them."""
    return safe(shlex.join(words))


def seconds(value: float, *, whole: bool = False) -> str:
    """A duration: seconds below a minute, then minutes, then hours. whole: never parts of a second.

    >>> seconds(0.312), seconds(17.31), seconds(83), seconds(7300)
    ('0.3 s', '17 s', '1:23', '2:01:40')
    """
    if value < 9.95 and not whole:
        return f"{value:.1f} s"
    if value < 59.5:
        return f"{value:.0f} s"
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def sparkline(values: Sequence[float], width: int) -> str:
    """A curve in one line of at most `width` characters; values that are not finite are left out.

    >>> sparkline([3, 2, 1, 1], 8)
    '█▄▁▁'
    """
    known = [v for v in values if math.isfinite(v)]
    if not known:
        return ""
    if len(known) > width:
        edges = [i * len(known) // width for i in range(width + 1)]
        known = [sum(known[a:b]) / (b - a) for a, b in itertools.pairwise(edges)]
    low, high = min(known), max(known)
    scale = (len(_LEVELS) - 1) / (high - low) if high > low else 0.0
    return "".join(_LEVELS[int((v - low) * scale)] for v in known)


def _visible(character: str) -> bool:
    return " " <= character <= "~" or unicodedata.category(character) not in _UNSAFE


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
