"""Figures of a sweep with matplotlib, for the screen and for print.

Every function returns a `matplotlib.figure.Figure` that no global state knows of; `save` writes it.
"""

from hyperopt_core.errors import MissingExtra

try:
    from hyperopt_core.plots.curves import curves
    from hyperopt_core.plots.history import history
    from hyperopt_core.plots.importance import importance
    from hyperopt_core.plots.parallel import parallel_coordinates
    from hyperopt_core.plots.slices import slices
    from hyperopt_core.plots.style import save
except ModuleNotFoundError as missing:
    if missing.name != "matplotlib":
        raise
    raise MissingExtra("matplotlib", "sweeps", "drawing a figure") from None

__all__ = ["curves", "history", "importance", "parallel_coordinates", "save", "slices"]
