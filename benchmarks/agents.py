"""Many agents on one sweep: durable trials a second, and how long an agent waits for the next one.

    python -m benchmarks.agents            # about two minutes; writes benchmarks/results/agents.json, prints a table

64 processes ask and tell on a PostgreSQL server that waits for its disk, in turn with as many of Optuna's on the same
server, and 16 over HTTP. Trials take no time and strategies are random, so that what is left is the storage. Then 100
trials of 0.1 s on 8 threads. Needs PostgreSQL's server, Optuna and `hyperopt-core[postgres,server]`.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import tempfile
import time
import warnings
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import optuna

from hyperopt_core import Run, Sweep
from hyperopt_core.errors import StorageError
from hyperopt_core.storage import open_storage
from tests.postgresql import Server, new_server
from tests.servers import serving

RESULTS = Path(__file__).parent / "results" / "agents.json"
CONFIG = {
    "method": "random",
    "metric": {"name": "value", "goal": "minimize"},
    "parameters": {f"x{i}": {"min": 0.0, "max": 1.0} for i in range(4)},
    "seed": 0,
}
ROUNDS = 3
#: Asks and tells on an open sweep or study; returns what an ask took.
Step = Callable[[], float]


def open_ours(url: str) -> Step:
    """An agent of this package."""
    sweep = Sweep.open("s", url)

    def step() -> float:
        start = time.perf_counter()
        trial = sweep.ask()
        taken = time.perf_counter() - start
        sweep.tell(trial, trial.params["x0"])
        return taken

    return step


def open_optuna(url: str) -> Step:
    """A worker of Optuna's."""
    storage = optuna.storages.RDBStorage(url, engine_kwargs={"pool_size": 1})
    study = optuna.load_study(study_name="s", storage=storage, sampler=optuna.samplers.RandomSampler())

    def step() -> float:
        start = time.perf_counter()
        trial = study.ask()
        values = [trial.suggest_float(f"x{i}", 0.0, 1.0) for i in range(4)]
        taken = time.perf_counter() - start
        study.tell(trial, values[0])
        return taken

    return step


def work(open_: Callable[[str], Step], url: str, ready: Barrier, seconds: float, out: Path) -> None:
    """One process: opens, runs a first trial, waits for the others, and runs trials for so many seconds."""
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    step = open_(url)
    step()  # connections are open, statements prepared
    asks, faults = [], 0
    ready.wait(300)
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        try:
            asks.append(step())
        except StorageError:
            faults += 1
    out.write_text(json.dumps([asks, faults, time.perf_counter() - start]))
    os._exit(0)  # without waiting for threads that beat


def measure(open_: Callable[[str], Step], url: str, processes: int, seconds: float) -> dict[str, float]:
    """Trials a second of all processes together, and quantiles of ask in milliseconds."""
    fork = multiprocessing.get_context("fork")
    ready = fork.Barrier(processes)
    with tempfile.TemporaryDirectory() as folder:
        outs = [Path(folder, str(i)) for i in range(processes)]
        running = [fork.Process(target=work, args=(open_, url, ready, seconds, out)) for out in outs]
        for process in running:
            process.start()
        for process in running:
            process.join()
        found = [json.loads(out.read_text()) for out in outs]
    asks = np.concatenate([np.array(asks) for asks, _, _ in found])
    return {
        "processes": processes,
        "trials_per_second": len(asks) / max(taken for _, _, taken in found),
        "ask_median_ms": 1e3 * float(np.median(asks)),
        "ask_p99_ms": 1e3 * float(np.quantile(asks, 0.99)),
        "storage_errors": sum(faults for _, faults, _ in found),
    }


def ours(server: Server, processes: int, seconds: float, *, http: bool = False) -> dict[str, float]:
    """A new sweep on the server; every trial that was told is checked to be there."""
    url = server.schema_url()
    Sweep.create(CONFIG, url, "s").close()
    with tempfile.TemporaryDirectory() as folder:
        if not http:
            return measure(open_ours, url, processes, seconds)
        with serving(url, Path(folder)) as web:
            return measure(open_ours, web.with_token(), processes, seconds)


def theirs(server: Server, processes: int, seconds: float) -> dict[str, float]:
    """A new study on the server."""
    url = server.schema_url().replace("postgresql:", "postgresql+psycopg:")
    optuna.create_study(study_name="s", storage=url)
    return measure(open_optuna, url, processes, seconds)


def threads(url: str, workers: int = 8, trials: int = 100, seconds: float = 0.1) -> dict[str, float]:
    """Trials that sleep on thread agents: how long all take, and how busy the agents were."""

    def objective(run: Run) -> float:
        time.sleep(seconds)
        return float(run.params["x0"])

    with Sweep.create(CONFIG | {"run_cap": trials}, open_storage(url)) as sweep:
        start = time.perf_counter()
        sweep.run(objective, workers=workers)
        taken = time.perf_counter() - start
    rounds = -(-trials // workers)  # the last one is not full, whoever runs it
    return {"seconds": taken, "at_best": rounds * seconds, "utilisation": trials * seconds / (workers * taken)}


def middle(runs: list[dict[str, float]]) -> dict[str, Any]:
    """The median of each figure over the rounds, and all rates."""
    out: dict[str, Any] = {key: median(run[key] for run in runs) for key in runs[0]}
    if "trials_per_second" in out:
        out["rates"] = [run["trials_per_second"] for run in runs]
    return out


def main() -> None:
    """Measure, store, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each measurement lasts")
    parser.add_argument("--processes", type=int, default=64)
    given = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    found: dict[str, list[dict[str, float]]] = {}
    server = new_server(sync=True)
    try:
        for _ in range(ROUNDS):  # in turn, so that a busy moment of the machine hits both
            for name, call in (
                ("PostgreSQL", lambda: ours(server, given.processes, given.seconds)),
                ("Optuna, PostgreSQL", lambda: theirs(server, given.processes, given.seconds)),
                ("HTTP", lambda: ours(server, max(1, given.processes // 4), given.seconds, http=True)),
            ):
                found.setdefault(name, []).append(call())
    finally:
        server.remove()
    with tempfile.TemporaryDirectory() as folder:
        for i in range(ROUNDS):
            found.setdefault("threads, memory", []).append(threads("memory://"))
            found.setdefault("threads, SQLite", []).append(threads(f"sqlite:///{folder}/{i}.db"))
    rows = {name: middle(runs) for name, runs in found.items()}
    about = {
        "load": os.getloadavg()[2],
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "optuna": optuna.__version__,
    }
    RESULTS.write_text(json.dumps({"about": about, "rows": rows}, indent=1) + "\n")
    for name, row in rows.items():
        print(f"{name:20}", "  ".join(f"{k} {v:.4g}" for k, v in row.items() if k != "rates"))
    ours_, theirs_ = (rows[name]["trials_per_second"] for name in ("PostgreSQL", "Optuna, PostgreSQL"))
    print(f"ratio to Optuna: {ours_ / theirs_:.1f}")


if __name__ == "__main__":
    main()
