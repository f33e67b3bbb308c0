"""One chart: what it shows, as a figure that the page, notebooks and print draw alike."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from hyperopt_core.errors import MissingExtra
from hyperopt_core.plots.figure import Figure, for_plotly, message

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Picture

    from hyperopt_core.plots.subject import Subject


@dataclass(frozen=True)
class Chart:
    """A chart of a sweep; a notebook shows it where it ends a cell.

    >>> from hyperopt_core import Float, Optimizer
    >>> from hyperopt_core.plots import plot
    >>> chart = plot(Optimizer({"x": Float(0, 1)}), "history")
    >>> chart.summary
    'No trial has ended yet.'
    """

    kind: str
    title: str
    summary: str  # what there is to see, in words: the text alternative
    figure: Figure  # in a part of Plotly's JSON schema, see `hyperopt_core.plots.figure`; {} for parallel coordinates
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # option -> what it can be
    chosen: Mapping[str, Any] = field(default_factory=dict)  # option -> what it is
    subject: Subject | None = field(default=None, repr=False, compare=False)

    @classmethod
    def empty(cls, kind: str, title: str, why: str, subject: Subject, **more: Any) -> Self:
        """A chart of a sweep of which there is nothing to draw yet: a sentence."""
        return cls(kind, title, why, message(why), subject=subject, **more)

    def draw(self) -> Picture:
        """The chart by matplotlib, a figure that no global state knows of. Raises `MissingExtra`."""
        try:
            if self.kind == "parallel" and not self.figure:
                from hyperopt_core.plots.parallel import draw_parallel

                return draw_parallel(self)
            from hyperopt_core.plots.render import render
        except ModuleNotFoundError as missing:
            if missing.name != "matplotlib":
                raise
            raise MissingExtra("matplotlib", "sweeps", "drawing a figure") from None
        return render(self)

    def save(self, path: str | os.PathLike[str], *, dpi: float = 200) -> Path:
        """Write it as PNG, SVG or PDF, by the suffix of `path`; equal charts give equal bytes.

        dpi: pixels an inch of a PNG. Raises `ConfigError` for any other suffix, `MissingExtra` without matplotlib.
        """
        picture = self.draw()
        from hyperopt_core.plots.style import save

        return save(picture, path, dpi=dpi)

    def to_plotly(self) -> Figure:
        """The figure as Plotly takes it: ``plotly.graph_objects.Figure(chart.to_plotly())``."""
        return for_plotly(self.figure, self.title)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """What a notebook shows: by Plotly where that is installed, else a picture."""
        out: dict[str, Any] = {"text/plain": f"{self.title}\n{self.summary}"}
        if find_spec("matplotlib"):
            buffer = io.BytesIO()
            from hyperopt_core.plots.style import write

            write(self.draw(), buffer, "png", dpi=110)
            out["image/png"] = buffer.getvalue()
        if self.figure and find_spec("plotly"):
            out["application/vnd.plotly.v1+json"] = self.to_plotly()
        return out
