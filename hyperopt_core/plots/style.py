"""The house style: one look for every figure, in colour and in grey print, and for colour-blind readers."""

from __future__ import annotations

import os
import warnings
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from hyperopt_core.errors import ConfigError, suggest
from hyperopt_core.plots.palette import INK, MUTED, RULE

TICK_SIZE, NAME_SIZE, NOTE_SIZE, TITLE_SIZE = 8.0, 9.0, 8.0, 11.5  # points

_RC: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib: the same figure everywhere
    "font.size": TICK_SIZE,
    "text.color": INK,
    "text.usetex": False,
    "text.hinting": "none",  # as wide as measured, at any resolution
    "axes.edgecolor": RULE,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "savefig.bbox": None,
    "path.simplify": False,
    "svg.hashsalt": "hyperopt-core",  # equal figures give equal files
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
}
SUFFIXES = {".png": "png", ".svg": "svg", ".pdf": "pdf"}


def house_style() -> AbstractContextManager[None]:
    """Within it, matplotlib draws and saves in the house style, whatever the user's settings are."""
    return matplotlib.rc_context(_RC)


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of `width` x `height` points with a canvas of its own."""
    figure = Figure(figsize=(width / 72, height / 72))
    FigureCanvasAgg(figure)
    return figure


def colours(share: np.ndarray) -> np.ndarray:
    """RGBA (n, 4) for goodness (n,) in 0..1: the worst pale, the best dark, alike in grey and for the colour-blind.

    Viridis backwards, without its palest end, which white paper swallows.
    """
    return np.asarray(matplotlib.colormaps["viridis"](0.92 * (1.0 - np.clip(share, 0.0, 1.0))))


def save(figure: Figure, path: str | os.PathLike[str], *, dpi: float = 200) -> Path:
    """Write `figure` as PNG, SVG or PDF, by the suffix of `path`; equal figures give equal bytes.

    dpi: pixels an inch of a PNG. Raises `ConfigError` for any other suffix.
    """
    target = Path(path)
    kind = SUFFIXES.get(target.suffix.lower())
    if kind is None:
        raise ConfigError(
            f"{str(path)!r}: a picture ends in {', '.join(SUFFIXES)}{suggest(target.suffix.lower(), SUFFIXES)}"
        )
    write(figure, target, kind, dpi=dpi)
    return target


def write(figure: Figure, target: Path | IO[bytes], kind: str, *, dpi: float) -> None:
    """Write `figure` as `kind`: "png", "svg" or "pdf"."""
    metadata = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
    with house_style(), warnings.catch_warnings():
        # A name in a script that the font lacks is drawn as boxes; that is no reason to fail.
        warnings.filterwarnings("ignore", message="(?s)Glyph .* missing from font")
        figure.savefig(target, format=kind, dpi=dpi, metadata=metadata)
