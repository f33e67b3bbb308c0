"""Trainings as people describe them, made up: logarithmic, integer, stepped and categorical parameters, noise, ties."""

from __future__ import annotations

import numpy as np

from benchmarks.problems.problem import Params, Problem
from hyperopt_core import Categorical, Float, Int
from hyperopt_core.space.parameters import Parameter


def noisy_mixed() -> Problem:
    """Five parameters of a network, told with noise and three decimals."""

    def truth(p: Params) -> float:
        loss = (
            0.05 * (np.log10(p["lr"]) + 2.5) ** 2
            + 0.03 * (np.log2(p["units"]) - 7) ** 2
            + 0.3 * (p["dropout"] - 0.2) ** 2
        )
        clash = p["optimizer"] == "sgd" and p["activation"] == "gelu"
        kinds = {"relu": 0.0, "tanh": 0.03, "gelu": 0.01, "adam": 0.0, "sgd": 0.02}
        return float(loss + kinds[p["activation"]] + kinds[p["optimizer"]] + 0.02 * clash)

    parameters: dict[str, Parameter] = {
        "lr": Float(1e-5, 1.0, log=True),
        "units": Int(8, 1024, log=True),
        "dropout": Float(0, 0.8),
        "activation": Categorical(["relu", "tanh", "gelu"]),
        "optimizer": Categorical(["adam", "sgd"]),
    }
    return Problem(parameters, truth, noise=0.01, step=0.001)


def stepped_mixed() -> Problem:
    """Eight parameters in coarse steps: about a million configurations, and the best depth depends on the block."""
    block = {"plain": (2, 0.08), "residual": (6, 0.0), "dense": (4, 0.03)}

    def truth(p: Params) -> float:
        depth, cost = block[p["block"]]
        loss = cost + 0.01 * abs(p["depth"] - depth) ** 1.5
        loss += 0.02 * (np.log2(p["width"]) - 6 - 0.2 * (p["depth"] - depth)) ** 2
        loss += 0.06 * (np.log10(p["lr"]) + 3 + 0.5 * (p["schedule"] == "cosine")) ** 2
        loss += 0.4 * (p["dropout"] - 0.05 * p["depth"]) ** 2 + 0.3 * (p["momentum"] - 0.9) ** 2
        loss += 0.02 * abs(np.log2(p["batch"] / 64)) + {"cosine": 0.0, "step": 0.015, "none": 0.04}[p["schedule"]]
        return float(loss)

    parameters: dict[str, Parameter] = {
        "block": Categorical(["plain", "residual", "dense"]),
        "schedule": Categorical(["none", "step", "cosine"]),
        "depth": Int(1, 8),
        "width": Int(16, 256, step=16),
        "batch": Categorical([16, 32, 64, 128, 256]),
        "lr": Float(1e-5, 1e-1, log=True),
        "dropout": Float(0, 0.6, step=0.05),
        "momentum": Float(0.5, 0.95, step=0.05),
    }
    return Problem(parameters, truth, step=0.001)
