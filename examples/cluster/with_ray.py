"""A sweep on a Ray cluster: `python with_ray.py` starts one on this machine; `ray.init("auto")` joins yours."""

from __future__ import annotations

import os
import sys

import ray

from hyperopt_core import Float, Run, SearchSpace, Sweep
from hyperopt_ray import RayExecutor

SPACE = SearchSpace({"x": Float(-2, 2), "lr": Float(1e-4, 1, log=True)})


def train(run: Run) -> float:
    """Stands for a training; on a cluster with GPUs CUDA_VISIBLE_DEVICES names those of this trial."""
    for epoch in run.epochs(5):
        run.report(value=(run.params["x"] - 1) ** 2 + run.params["lr"] + 1 / epoch, step=epoch)
    return float((run.params["x"] - 1) ** 2 + run.params["lr"])


if __name__ == "__main__":
    storage = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "sweeps.db")  # a cluster: postgresql:// or http://
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    config = {"method": "tpe", "run_cap": 12, **SPACE.to_dict()}
    with Sweep.create(config, storage, "on-ray") as sweep:
        best = sweep.run(train, workers=2, executor=RayExecutor(cpus=1))
        print(f"best: {best.value:.4f} with {dict(best.params)}; {len(sweep.trials)} trials" if best else "no result")
    ray.shutdown()
