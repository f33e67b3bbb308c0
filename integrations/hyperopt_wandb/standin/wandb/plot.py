"""`wandb.plot`: charts are taken, and not drawn."""

from __future__ import annotations

from typing import Any

from ._media import Media

__path__: list[str] = []  # W&B has a module for each chart


class CustomChart(Media):
    """Any chart."""


def plot_table(*args: Any, **options: Any) -> CustomChart:
    """A chart of a table."""
    return CustomChart(args, **options)


confusion_matrix = roc_curve = pr_curve = line = line_series = bar = scatter = histogram = plot_table
visualize = Visualize = CustomChart
