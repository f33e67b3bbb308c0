"""Named shares as lying bars with their intervals: what importance and interactions look like."""

from __future__ import annotations

from collections.abc import Sequence

from hyperopt_core.plots import ticks
from hyperopt_core.plots.figure import Figure, Panel, axis, bars, errors, figure


def share_bars(rows: Sequence[tuple[str, float, float, float]], labels: Sequence[str], title: str) -> Figure:
    """A figure of rows (name, share, low, high), the first on top. labels: the names, shortened."""
    heights = list(range(len(rows), 0, -1))
    shares = [share for _, share, _, _ in rows]
    text = [f"{name}: {share:.1%} ({low:.1%} to {high:.1%})" for name, share, low, high in rows]
    below, above = [s - low for _, s, low, _ in rows], [high - s for _, s, _, high in rows]
    end = min(1.0, 1.08 * max(high for *_, high in rows)) or 1.0
    marks = [(at, f"{ticks.number(100 * at)}%") for at in ticks.linear(0, end)]
    y = axis("", 0.4, len(rows) + 0.6, list(zip(heights, labels, strict=True)))
    trace = bars(heights, shares, text=text, error=errors("x", below, above))
    return figure([Panel(axis(title, 0, end, marks), y | {"showgrid": False}, [trace])], row=90 + 24 * len(rows))
