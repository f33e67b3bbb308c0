"""Four branches, each with parameters of its own; the best branch is not the one that is easiest at random."""

from __future__ import annotations

import numpy as np

from benchmarks.problems.problem import Params, Problem
from hyperopt_core import Categorical, Float, Int
from hyperopt_core.space.parameters import Parameter


def tree() -> Problem:
    """One switch; one to three real parameters in each branch and one that all share."""
    optimum = {"a0": 0.31, "b0": 0.72, "b1": 0.18, "c0": 0.44, "c1": 0.87, "c2": 0.63, "d0": 0.09}
    offset = {"a": 0.3, "b": 0.15, "c": 0.0, "d": 0.6}

    def truth(p: Params) -> float:
        own = [abs(p[name] - best) for name, best in optimum.items() if name in p]
        return float(offset[p["branch"]] + (p["shared"] - 0.4) ** 2 + 1.5 * sum(gap**1.5 for gap in own))

    parameters: dict[str, Parameter] = {"branch": Categorical(list("abcd")), "shared": Float(0, 1)}
    parameters |= {name: Float(0, 1, when={"branch": [name[0]]}) for name in optimum}
    return Problem(parameters, truth)


def tree_nested() -> Problem:
    """Two switches, one below the other: the solver has parameters of its own, and so has one solver's schedule."""

    def truth(p: Params) -> float:
        if p["solver"] == "closed":
            return float(0.25 + 0.05 * (np.log10(p["ridge"]) + 1) ** 2)
        if p["solver"] == "trees":
            return float(0.12 + 0.004 * (p["depth"] - 9) ** 2 + 0.05 * (np.log2(p["trees"]) - 6) ** 2)
        if p["solver"] == "nearest":
            return float(0.3 + 0.2 * abs(np.log2(p["neighbours"] / 5)))
        loss = 0.05 * (np.log10(p["lr"]) + 2) ** 2 + 0.02 * abs(p["layers"] - 3)
        if p["schedule"] == "decay":
            return float(loss + 1.2 * (p["rate"] - 0.83) ** 2)
        return float(loss + (0.06 if p["schedule"] == "constant" else 0.03 + 0.01 * abs(p["warmup"] - 7)))

    sgd, trees = {"solver": ["sgd"]}, {"solver": ["trees"]}
    parameters: dict[str, Parameter] = {
        "solver": Categorical(["closed", "nearest", "trees", "sgd"]),
        "ridge": Float(1e-4, 1e4, log=True, when={"solver": ["closed"]}),
        "neighbours": Int(1, 64, log=True, when={"solver": ["nearest"]}),
        "depth": Int(1, 20, when=trees),
        "trees": Int(4, 512, log=True, when=trees),
        "lr": Float(1e-6, 1.0, log=True, when=sgd),
        "layers": Int(1, 8, when=sgd),
        "schedule": Categorical(["constant", "warmup", "decay"], when=sgd),
        "warmup": Int(1, 20, when={"schedule": ["warmup"]}),
        "rate": Float(0.1, 1.0, when={"schedule": ["decay"]}),
    }
    return Problem(parameters, truth)


def tree_noisy() -> Problem:
    """As `tree`, with a narrower best branch, noise, and values in steps."""
    optimum = {"a0": 0.65, "b0": 0.2, "b1": 0.55, "c0": 0.8, "c1": 0.35, "d0": 0.6, "d1": 0.4, "d2": 0.15}
    offset, slope = {"a": 0.2, "b": 0.12, "c": 0.25, "d": 0.0}, {"a": 0.5, "b": 1.0, "c": 0.5, "d": 1.4}

    def truth(p: Params) -> float:
        gaps = np.array([p[name] - best for name, best in optimum.items() if name in p])
        own = 1 - np.exp(-3 * slope[p["branch"]] * (gaps @ gaps))
        return float(offset[p["branch"]] + 0.5 * own + 0.3 * (np.log10(p["shared"]) + 1) ** 2 / 4)

    parameters: dict[str, Parameter] = {
        "branch": Categorical(list("abcd")),
        "shared": Float(1e-3, 1.0, log=True),
    }
    parameters |= {name: Float(0, 1, when={"branch": [name[0]]}) for name in optimum}
    return Problem(parameters, truth, noise=0.01, step=0.005)
