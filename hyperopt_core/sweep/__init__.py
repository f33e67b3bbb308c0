"""Sweeps that last: an optimizer over a storage, with leases, a budget and controls."""

from hyperopt_core.agents.run import Run
from hyperopt_core.sweep.sweep import DEFAULT_STORAGE, Sweep

__all__ = ["DEFAULT_STORAGE", "Run", "Sweep"]
