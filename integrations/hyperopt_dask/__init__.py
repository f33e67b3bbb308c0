"""Agents on a Dask cluster: each is a task that holds a worker's resources while it trains.

    from dask.distributed import Client
    from hyperopt_core import Sweep
    from hyperopt_dask import executor

    with Client("scheduler:8786") as client, Sweep.create("sweep.yaml", "postgresql://sweeps@db/sweeps") as sweep:
        best = sweep.run(train, workers=8, executor=executor(client, resources={"GPU": 1}))

What travels is an agent: it asks the sweep's storage for trials, calls `train(run)` for one after the other and stores
the results there. Every worker must reach the storage: PostgreSQL, or a server; a SQLite file only on one machine, by
its absolute path.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from typing import Any

from hyperopt_core.errors import ConfigError, MissingExtra

try:
    from distributed import Client
except ModuleNotFoundError as missing:
    if missing.name != "distributed":
        raise
    raise MissingExtra("distributed", "dask", "hyperopt_dask") from None

__all__ = ["executor"]


def executor(client: Client, *, resources: Mapping[str, float] | None = None, **options: Any) -> Executor:
    """An executor for `Sweep.run` over the workers of `client`.

    resources: what an agent holds, and so the one trial that it trains at a time, of what workers were started with
    (``dask worker --resources "GPU=2"``). Dask does not give out devices: with several GPUs a worker, start one worker
    a GPU, each with its CUDA_VISIBLE_DEVICES. options: more of `Client.submit` (`workers`, `priority`). Raises
    `ConfigError` where no worker ever has so much.

    Dask does not run a task again that died: another agent takes its trial over. Ctrl-C ends the waiting; what runs on
    the cluster ends by `hyperopt-core stop NAME` (or `cancel`).
    """
    wanted = dict(resources or {})
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    if not workers:
        raise ConfigError("the Dask cluster has no workers yet: client.wait_for_workers(1) waits for them")
    if not any(all(worker["resources"].get(k, 0.0) >= v for k, v in wanted.items()) for worker in workers):
        held = [dict(worker["resources"]) for worker in workers]
        raise ConfigError(f"resources is {wanted}: no worker ever has so much; they have {held[:4]}")
    pool: Executor = client.get_executor(pure=False, retries=0, resources=wanted or None, **options)
    return pool
