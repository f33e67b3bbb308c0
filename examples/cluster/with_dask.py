"""A sweep on a Dask cluster: `python with_dask.py` starts one on this machine; Client("scheduler:8786") joins yours."""

from __future__ import annotations

import os
import sys

from distributed import Client, LocalCluster

from hyperopt_core import Float, Run, SearchSpace, Sweep
from hyperopt_dask import executor

SPACE = SearchSpace({"x": Float(-2, 2), "lr": Float(1e-4, 1, log=True)})


def train(run: Run) -> float:
    """Stands for a training."""
    for epoch in run.epochs(5):
        run.report(value=(run.params["x"] - 1) ** 2 + run.params["lr"] + 1 / epoch, step=epoch)
    return float((run.params["x"] - 1) ** 2 + run.params["lr"])


if __name__ == "__main__":
    storage = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "sweeps.db")  # a cluster: postgresql:// or http://
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, resources={"SLOT": 1}) as cluster,
        Client(cluster) as client,
        Sweep.create({"method": "tpe", "run_cap": 12, **SPACE.to_dict()}, storage, "on-dask") as sweep,
    ):
        best = sweep.run(train, workers=2, executor=executor(client, resources={"SLOT": 1}))
        print(f"best: {best.value:.4f} with {dict(best.params)}; {len(sweep.trials)} trials" if best else "no result")
