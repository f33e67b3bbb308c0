"""Ticks: round numbers, written as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperopt_core.plots import ticks
from hyperopt_core.plots.text import shorten, shorten_all, width, wrap_name


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.05, "0.05"), (128, "128"), (3e-5, "3×10⁻⁵"), (1e-7, "10⁻⁷"), (-2.5, "−2.5"), (0.0, "0"), (1e6, "10⁶"),
        (123456.0, "123000"), (999_999, "999999"), (-1e-5, "−10⁻⁵"), (2.5e10, "2.5×10¹⁰"), (0.000123456, "1.23×10⁻⁴"),
    ],
)  # fmt: skip
def test_numbers(value: float, text: str) -> None:
    assert ticks.number(value) == text


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_linear_ticks_are_inside_ascending_and_told_apart(low: float, span: float) -> None:
    values = ticks.linear(low, low + span)
    assert 2 <= len(values) <= 8
    assert all(low - 1e-6 * span <= v <= low + span * (1 + 1e-6) for v in values)
    assert values == sorted(set(values))
    assert len(set(ticks.labels(values))) == len(values)


@given(st.floats(1e-9, 1e6), st.floats(1.01, 1e12))
def test_logarithmic_ticks_are_inside_and_few(low: float, ratio: float) -> None:
    values = ticks.logarithmic(low, low * ratio)
    assert 2 <= len(values) <= 9
    assert all(low * (1 - 1e-6) <= v <= low * ratio * (1 + 1e-6) for v in values)
    assert values == sorted(set(values))


@given(st.integers(-100, 100), st.integers(1, 1000))
def test_whole_ticks_are_whole(low: int, span: int) -> None:
    assert all(v == int(v) for v in ticks.linear(low, low + span, whole=True))


def test_powers_of_two() -> None:
    assert ticks.powers_of_two(8, 64) == [8, 16, 32, 64]
    assert ticks.powers_of_two(8, 100) == ticks.powers_of_two(0.1, 8) == ticks.powers_of_two(1, 2**20) == []


# Names of parameters and their choices as shown hold no control characters.
@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=60), st.floats(20, 200))
def test_shortened_texts_fit_and_keep_their_ends(text: str, room: float) -> None:
    short = shorten(text, room, 8)
    if width(text, 8) <= room:
        assert short == text
    else:
        assert "…" in short
        assert short[0] == text[0]


@given(st.lists(st.text("ab_", min_size=1, max_size=40), min_size=2, max_size=8, unique=True))
def test_different_texts_stay_different(names: list[str]) -> None:
    assert len(set(shorten_all(names, 40, 8))) == len(names)


def test_names_break_after_their_separators() -> None:
    assert wrap_name("optimizer.learning_rate", 60, 9) == "optimizer.\nlearning_\nrate"
    assert wrap_name("lr", 60, 9) == "lr"
