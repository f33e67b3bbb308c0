"""Where the ticks of an axis stand and what they say."""

from __future__ import annotations

import math
from collections.abc import Sequence

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_MAX_LABELS = 7  # on one axis


def number(value: float, digits: int = 3) -> str:
    """A number as people write it: 0.05, 128, 3×10⁻⁵, −2.5.

    >>> number(0.00003)
    '3×10⁻⁵'
    """
    if isinstance(value, int) and abs(value) < 1_000_000:
        return str(value).replace("-", "−")
    text = f"{value:.{digits}g}"
    if value and (abs(float(text)) < 0.001 or abs(float(text)) >= 1_000_000):
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        if "." in mantissa:
            mantissa = mantissa.rstrip("0").rstrip(".")
        power = "10" + str(int(exponent)).translate(_SUPERSCRIPTS)
        text = {"1": power, "-1": f"-{power}"}.get(mantissa, f"{mantissa}×{power}")
    elif "e" in text:
        text = f"{float(text):.0f}"
    return text.replace("-", "−")


def labels(values: Sequence[float]) -> list[str]:
    """The numbers with as many digits as it takes to tell them apart and to be true; a single one with four."""
    if len(values) == 1:
        return [number(values[0], 4)]
    texts: list[str] = []
    for digits in range(1, 13):
        texts = [number(v, digits) for v in values]
        exact = all(abs(float(f"{v:.{digits}g}") - v) <= 1e-9 * abs(v) for v in values)
        if exact and len(set(texts)) == len(set(values)):
            break
    return texts


def linear(low: float, high: float, *, whole: bool = False) -> list[float]:
    """About five round numbers in [low, high], in ascending order."""
    raw = high / 5 - low / 5
    if not raw > 0:
        return [low]
    power = float(f"1e{math.floor(math.log10(raw))}")
    step = next(m for m in ((1, 2, 5, 10) if whole else (1, 2, 2.5, 5, 10)) if m * power >= raw * (1 - 1e-9)) * power
    if whole:
        step = max(step, 1.0)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    values = list(dict.fromkeys(float(f"{k * step:.15g}") for k in range(first, last + 1)))  # 0.1 + 0.2 is not 0.3
    return [round(v) for v in values] if whole else values


def logarithmic(low: float, high: float) -> list[float]:
    """The powers of ten in [low, high], thinned where they are many; with 2 and 5 between them where they are few."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    if last - first >= 2:
        every = math.ceil((last - first + 1) / _MAX_LABELS)
        return [_power(e) for e in range(first, last + 1, every)]
    fine = [m * _power(e) for e in range(first - 1, last + 2) for m in (1, 2, 5)]
    inside = [float(f"{v:.12g}") for v in fine if low * (1 - 1e-9) <= v <= high * (1 + 1e-9)]
    return inside if len(inside) > 1 else linear(low, high)


def logarithmic_minor(low: float, high: float) -> list[float]:
    """2, 3, ..., 9 times the powers of ten in [low, high]; none where they would be too dense."""
    if high / low > 1e7:
        return []
    first, last = math.floor(math.log10(low)), math.floor(math.log10(high))
    return [m * _power(e) for e in range(first, last + 1) for m in range(2, 10) if low <= m * _power(e) <= high]


def powers_of_two(low: float, high: float) -> list[float]:
    """2, 4, 8, ... where both ends are such numbers and they fit on an axis; else nothing."""
    exponents = [math.log2(v) if v >= 1 else math.nan for v in (low, high)]
    if not all(e.is_integer() for e in exponents):
        return []
    first, last = map(int, exponents)
    return [2**e for e in range(first, last + 1)] if 2 <= last - first <= _MAX_LABELS else []


def _power(exponent: int) -> float:
    return float(f"1e{exponent}")
