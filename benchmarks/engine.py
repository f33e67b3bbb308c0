"""What the engine itself costs: ask + tell in memory, and importing the package.

python -m benchmarks.engine            prints a table and writes benchmarks/results/engine.json
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from hyperopt_core import Categorical, Float, Int, Optimizer, SearchSpace

RESULTS = Path(__file__).parent / "results" / "engine.json"
TRIALS = 2000
ROUNDS = 5

SPACE = SearchSpace(
    {f"float{i}": Float(0, 1) for i in range(4)}
    | {f"log{i}": Float(1e-5, 1, log=True) for i in range(2)}
    | {f"int{i}": Int(1, 64) for i in range(2)}
    | {"kind": Categorical(["a", "b", "c"]), "degree": Int(2, 5, when={"kind": ["a"]})}
)


def ask_tell(strategy: str, trials: int) -> float:
    """Microseconds for an ask and a tell."""
    opt = Optimizer(SPACE, strategy=strategy, seed=0)
    start = time.perf_counter()
    for _ in range(trials):
        trial = opt.ask()
        opt.tell(trial, trial.params["float0"])
    return 1e6 * (time.perf_counter() - start) / trials


def import_seconds(module: str) -> float:
    """Seconds that a fresh interpreter needs to import a module, less those of an empty program."""

    def run(program: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", program], check=True)
        return time.perf_counter() - start

    return min(run(f"import {module}") for _ in range(ROUNDS)) - min(run("") for _ in range(ROUNDS))


def main() -> None:
    """Measure, print and store."""
    figures = {
        f"ask_tell_us_{name}": round(statistics.median(ask_tell(name, TRIALS) for _ in range(ROUNDS)), 1)
        for name in ("random", "sobol")
    }
    figures |= {
        f"import_ms_{module}": round(1e3 * import_seconds(module), 1)
        for module in ("numpy", "hyperopt_core", "hyperopt_core.optimizer")
    }
    for name, value in figures.items():
        print(f"{name:40s} {value:10.1f}")
    environment = {"python": platform.python_version(), "numpy": np.__version__, "cores": os.cpu_count()}
    RESULTS.write_text(json.dumps({"environment": environment, "parameters": SPACE.d} | figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
