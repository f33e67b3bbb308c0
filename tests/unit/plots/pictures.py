"""Sweeps to draw, and what to look for in a figure."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.text import Text

from hyperopt_core.space import Categorical, Constant, Float, Int, LogNormal, Normal, SearchSpace
from hyperopt_core.trial import State, Trial

MIXED = SearchSpace(
    {
        "lr": Float(1e-5, 1e-1, log=True),
        "optimizer": Categorical(["adam", "sgd"]),
        "momentum": Float(0, 0.99, when={"optimizer": ["sgd"]}),
        "layers": Int(1, 4),
        "units": Int(16, 256, log=True),
        "epochs": Constant(27),
    }
)
WIDE = SearchSpace(
    {
        **{f"model.encoder.block_{i}.dropout_rate": Float(0, 0.5) for i in range(6)},
        "optimizer": {
            "name": Categorical(["adamw_with_decoupled_weight_decay", "stochastic_gradient_descent", "lion"])
        },
        "a_very_long_parameter_name_without_any_dots_at_all": Int(1, 1000),
        "flag": Categorical([True, False]),
        "shape": Categorical([[64, 64], [128, 128, 64], {"depth": 3, "width": [1, 2, 3]}, None]),
        "tiny": Float(1e-9, 2e-9),
        "mu": Normal(0, 1),
        "scale": LogNormal(0, 1),
        "seed": Int(0, 100_000),
    }
)
Loss = Callable[[Mapping[str, Any], np.random.Generator], float]


def noise(params: Mapping[str, Any], rng: np.random.Generator) -> float:
    return float(rng.uniform(0.1, 0.9))


def trials(space: SearchSpace, n: int, loss: Loss = noise, *, seed: int = 0, metric: str = "loss") -> list[Trial]:
    """`n` trials; every fourth was stopped early, every tenth failed."""
    rng = np.random.default_rng(seed)
    out = []
    for number, params in enumerate(space.sample(rng, n)):
        state = State.FAILED if number % 10 == 9 else State.STOPPED if number % 4 == 3 else State.COMPLETED
        value = loss(params, rng)
        known: Any = {} if state is State.FAILED else {"values": (value,), "metrics": {metric: value, "acc": 1 - value}}
        out.append(Trial(number, params, state, **known))
    return out


def texts(figure: Figure) -> list[Text]:
    return [t for t in (*figure.axes[0].texts, *figure.texts) if t.get_text()]


def named(figure: Figure, gid: str) -> list[str]:
    """The texts whose id begins with `gid`, in drawing order."""
    return [t.get_text().replace("\n", " ") for t in texts(figure) if (t.get_gid() or "").startswith(gid)]


def group(figure: Figure, gid: str) -> Any:
    """The collection of lines or dots of that id, or None."""
    return next((c for c in figure.axes[0].collections if c.get_gid() == gid), None)


def courses(figure: Figure, gid: str) -> np.ndarray:
    """The lines (n, axes, 2) of a group in drawing order: x and y at each axis, in points."""
    found = group(figure, gid)
    return np.array([] if found is None else [path.vertices[::3] for path in found.get_paths()])


def faults(figure: Figure) -> list[str]:
    """Texts that overlap or leave the page, measured by the renderer."""
    canvas: Any = figure.canvas
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="(?s)Glyph .* missing")
        canvas.draw()
        renderer = canvas.get_renderer()
        boxes = []
        for text in texts(figure):
            patch: Any = text.get_bbox_patch()
            is_tag = (text.get_gid() or "").startswith("tag")
            boxes.append((text, patch.get_window_extent(renderer) if is_tag else text.get_window_extent(renderer)))
    width, height = figure.bbox.width, figure.bbox.height
    out = [
        f"{t.get_text()!r} leaves the page" for t, b in boxes if b.x0 < 0 or b.y0 < 0 or b.x1 > width or b.y1 > height
    ]
    for (one, a), (other, b) in combinations(boxes, 2):
        if "message" not in (one.get_gid(), other.get_gid()):
            across, along = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
            if across > 1 and along > 2:
                out.append(f"{one.get_text()!r} and {other.get_text()!r} overlap by {across:.0f} x {along:.0f}")
    return out
