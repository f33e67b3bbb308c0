"""Agents on a Ray cluster: each is a task with CPUs and GPUs of its own.

    import ray
    from hyperopt_core import Sweep
    from hyperopt_ray import RayExecutor

    ray.init()
    with Sweep.create("sweep.yaml", "postgresql://sweeps@db/sweeps") as sweep:
        best = sweep.run(train, workers=8, executor=RayExecutor(cpus=2, gpus=0.5))

What travels is an agent: it asks the sweep's storage for trials, calls `train(run)` for one after the other and stores
the results there. Every node must reach the storage: PostgreSQL, or a server; a SQLite file only on one machine, by its
absolute path.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from hyperopt_core.errors import ConfigError, MissingExtra

try:
    import ray
except ModuleNotFoundError as missing:
    if missing.name != "ray":
        raise
    raise MissingExtra("ray", "ray", "hyperopt_ray") from None

__all__ = ["RayExecutor"]


class RayExecutor(Executor):
    """An executor for `Sweep.run` over the cluster that `ray.init` has joined, or a new one of this machine.

    cpus, gpus: of one agent, and so of the one trial that it trains at a time; Ray sets CUDA_VISIBLE_DEVICES, and takes
    parts of a GPU. options: more of Ray's for a task (`resources`, `runtime_env`, `memory`). Raises `ConfigError` where
    the cluster never has so much.

    Ray does not run a task again that died: another agent takes its trial over. Ctrl-C ends the waiting; what runs on
    the cluster ends by `hyperopt-core stop NAME` (or `cancel`), or with `shutdown(cancel_futures=True)`.
    """

    def __init__(self, *, cpus: float = 1.0, gpus: float = 0.0, **options: Any) -> None:
        if not ray.is_initialized():
            ray.init(include_dashboard=False, log_to_driver=False)
        cluster = ray.cluster_resources()
        for name, wanted in (("CPU", cpus), ("GPU", gpus)):
            there = cluster.get(name, 0.0)
            if not 0 <= wanted <= there:
                words = f"{name.lower()}s is {wanted:g}: no trial ever gets so many, the cluster has {there:g}"
                raise ConfigError(words)
        self._task = ray.remote(_call).options(
            max_retries=0, num_cpus=cpus, num_gpus=gpus, name="hyperopt-agent", **options
        )
        self._running: list[Any] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call `fn` in a task."""
        reference = self._task.remote(fn, args, kwargs)
        self._running.append(reference)
        future: Future[Any] = reference.future()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the tasks end, or end them; the cluster stays."""
        if cancel_futures:
            for reference in self._running:
                ray.cancel(reference, force=True)
        elif wait and self._running:
            ray.wait(self._running, num_returns=len(self._running))


def _call(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return function(*args, **kwargs)
