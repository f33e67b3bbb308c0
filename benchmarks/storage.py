"""How fast storages are, and whether any step grows with the number of trials.

    python -m benchmarks.storage            # about a minute; writes benchmarks/results/storage.json, prints tables

Everything is durable as in a real sweep: claim, add_trial and finish_trial each wait for the disk, so the figures
follow its speed, which is measured beside them.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import os
import platform
import sqlite3
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy

from hyperopt_core.storage import Storage, open_storage
from hyperopt_core.storage.owner import this_owner
from hyperopt_core.trial import Measurement, Origin, Outcome, State

RESULTS = Path(__file__).parent / "results" / "storage.json"
PARAMS = {f"parameter_{i}": 10.0**-i / 3 for i in range(10)}
ORIGIN = Origin("random", "uniform")
OUTCOME = Outcome(State.COMPLETED, (0.25,), {"loss": 0.25, "accuracy": 0.93})
ME = this_owner()
SIZES = (10, 1_000, 20_000)


def run_trial(storage: Storage, sweep: int, reports: int = 0, note: Callable[[str, float], None] | None = None) -> None:
    """One trial from claim to finish; `note` is told how long each step took."""
    clock = time.perf_counter

    def timed(step: str, call: Callable[[], Any]) -> Any:
        start = clock()
        answer = call()
        if note:
            note(step, clock() - start)
        return answer

    since = storage.status(sweep)[2] if reports else 0
    trial = timed("claim", lambda: storage.claim(sweep, ME))
    number, attempt = trial.number, trial.attempt
    timed("add_trial", lambda: storage.add_trial(sweep, number, attempt, PARAMS, ORIGIN))
    for step in range(1, reports + 1):
        measured = [Measurement(step, {"loss": 1 / step})]
        timed("report", partial(storage.add_measurements, sweep, number, attempt, measured))
    if reports:
        timed("beat", lambda: storage.beat(sweep, [(number, attempt)]))
        timed("held", lambda: storage.held(sweep))
        timed("status", lambda: storage.status(sweep))
    timed("finish", lambda: storage.finish_trial(sweep, number, attempt, OUTCOME))
    if reports:
        timed("changes", lambda: storage.changes(sweep, since))


def fill(path: Path, count: int) -> None:
    """Copy trial 0, with its attempts and reports, until there are `count` trials."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                           f"WHERE i < {count - 1}) SELECT i FROM n")  # fmt: skip
        (step,) = connection.execute("SELECT seq FROM sweeps").fetchone()
        for table in ("trials", "attempts", "reports"):
            names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            moved = {"number": "number + i", "seq": f"seq + i * {step}"}
            values = ", ".join(moved.get(name, f'"{name}"') for name in names)
            connection.execute(f"INSERT INTO {table} SELECT {values} FROM {table}, n WHERE number = 0")
        connection.execute("UPDATE sweeps SET next_number = ?, seq = seq * ?", (count, count))
    connection.close()


def filled(folder: Path, count: int) -> tuple[Storage, int]:
    """A SQLite storage with a sweep of `count` completed trials of three reports."""
    storage = open_storage(folder / f"{count}.db")
    sweep = storage.create_sweep("sweep", {}, 0).id
    run_trial(storage, sweep, reports=3)
    storage.close()
    fill(folder / f"{count}.db", count)
    return storage, sweep


def steps(folder: Path, count: int, repeats: int) -> dict[str, dict[str, float]]:
    """Milliseconds of each step of a trial where `count` trials are stored already."""
    storage, sweep = filled(folder, count)
    times: dict[str, list[float]] = {}
    run_trial(storage, sweep, 3)
    for _ in range(repeats):
        run_trial(storage, sweep, 3, lambda step, seconds: times.setdefault(step, []).append(seconds * 1e3))
    storage.close()
    return {step: percentiles(taken) for step, taken in times.items()}


def waiting(folder: Path, count: int, repeats: int) -> dict[str, float]:
    """Milliseconds of a claim where `count` trials wait."""
    storage, sweep = filled(folder, count)
    storage.close()
    with sqlite3.connect(folder / f"{count}.db") as connection:
        connection.execute("UPDATE trials SET state = 'waiting'")
    connection.close()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        assert storage.claim(sweep, ME) is not None
        times.append((time.perf_counter() - start) * 1e3)
    storage.close()
    return percentiles(times)


def reload(folder: Path, count: int) -> float:
    """Seconds from opening a sweep of `count` trials to having all of it."""
    storage, sweep = filled(folder, count)
    storage.close()
    times = []
    for _ in range(3):
        start = time.perf_counter()
        opened = open_storage(storage.url)
        assert len(opened.changes(sweep, 0).trials) == count
        times.append(time.perf_counter() - start)
        opened.close()
    return median(times)


def _write(url: str, sweep: int, count: int, barrier: Any, queue: Any) -> None:
    storage = open_storage(url)
    barrier.wait()
    start, asks = time.monotonic(), []
    for _ in range(count):
        taken: dict[str, float] = {}
        run_trial(storage, sweep, note=taken.__setitem__)
        asks.append((taken["claim"] + taken["add_trial"]) * 1e3)
    queue.put((start, time.monotonic(), asks))


def throughput(folder: Path, processes: int, trials: int) -> dict[str, float]:
    """Trials a second that `processes` claim, propose and finish together."""
    storage = open_storage(folder / f"writers-{processes}.db")
    sweep = storage.create_sweep("sweep", {}, 0).id
    context = multiprocessing.get_context("spawn")
    barrier, queue = context.Barrier(processes), context.Queue()
    args = (storage.url, sweep, trials // processes, barrier, queue)
    workers = [context.Process(target=_write, args=args) for _ in range(processes)]
    for worker in workers:
        worker.start()
    answers = [queue.get(timeout=600) for _ in workers]
    for worker in workers:
        worker.join()
    done = len(storage.changes(sweep, 0).trials)
    assert done == trials // processes * processes
    storage.close()
    seconds = max(end for _, end, _ in answers) - min(start for start, _, _ in answers)
    asks = percentiles([ask for *_, taken in answers for ask in taken])
    return {"trials_per_s": round(done / seconds, 1), "ask_p50_ms": asks["p50"], "ask_worst_ms": asks["worst"]}


def memory(trials: int) -> float:
    """Microseconds of a whole trial (claim, add, finish) in memory."""
    storage = open_storage("memory://")
    sweep = storage.create_sweep("sweep", {}, 0).id
    start = time.perf_counter()
    for _ in range(trials):
        run_trial(storage, sweep)
    return round((time.perf_counter() - start) / trials * 1e6, 1)


def disk(folder: Path) -> float:
    """Milliseconds that the disk takes to make a page last."""
    file = os.open(folder / "probe", os.O_RDWR | os.O_CREAT)
    times = []
    for i in range(100):
        os.pwrite(file, b"x" * 4096, i * 4096)
        start = time.perf_counter()
        os.fsync(file)
        times.append((time.perf_counter() - start) * 1e3)
    os.close(file)
    return round(median(times), 3)


def percentiles(times: list[float]) -> dict[str, float]:
    """The middle, the slow end and the worst."""
    times = sorted(times)
    p99 = times[math.ceil(0.99 * len(times)) - 1]
    return {"p50": round(median(times), 3), "p99": round(p99, 3), "worst": round(times[-1], 3)}


def measure(repeats: int, trials: int) -> dict[str, Any]:
    """All figures."""
    with tempfile.TemporaryDirectory(dir=RESULTS.parent) as name:
        root = Path(name)

        def folder(part: str) -> Path:
            (root / part).mkdir(exist_ok=True)
            return root / part

        return {
            "environment": {
                "python": platform.python_version(),
                "sqlite": sqlite3.sqlite_version,
                "sqlalchemy": sqlalchemy.__version__,
                "cores": os.cpu_count(),
                "fsync_ms": disk(root),
            },
            "memory_us_per_trial": memory(2_000),
            "writers": {str(n): throughput(folder("writers"), n, trials) for n in (1, 8)},
            "steps_ms": {str(size): steps(folder("steps"), size, repeats) for size in SIZES},
            "claim_waiting_ms": {str(size): waiting(folder("waiting"), size, min(repeats, size)) for size in SIZES},
            "reload_s": {str(size): round(reload(folder("reload"), size), 3) for size in (*SIZES[:2], 10_000)},
        }


def show(figures: dict[str, Any]) -> None:
    """Print the figures as tables."""
    print(f"fsync of one page: {figures['environment']['fsync_ms']} ms; a trial in memory: "
          f"{figures['memory_us_per_trial']} us")  # fmt: skip
    for processes, found in figures["writers"].items():
        print(f"{processes} processes: {found['trials_per_s']} durable trials/s, "
              f"ask p50 {found['ask_p50_ms']} ms, worst {found['ask_worst_ms']} ms")  # fmt: skip
    print(f"\n{'ms, p50 (p99)':16}" + "".join(f"{size:>20,} trials" for size in SIZES))
    rows = {
        step: [figures["steps_ms"][str(size)][step] for size in SIZES] for step in figures["steps_ms"][str(SIZES[0])]
    }
    rows["claim waiting"] = [figures["claim_waiting_ms"][str(size)] for size in SIZES]
    for step, cells in rows.items():
        print(f"{step:16}" + "".join(f"{cell['p50']:>17.3f} ({cell['p99']:.3f})" for cell in cells))
    print(
        "\nreload: " + ", ".join(f"{int(size):,} trials {seconds} s" for size, seconds in figures["reload_s"].items())
    )


def main() -> None:
    """Measure, print, and keep the figures as data."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--repeats", type=int, default=100, help="trials measured at each size")
    parser.add_argument("--trials", type=int, default=800, help="trials written by each number of processes")
    options = parser.parse_args()
    RESULTS.parent.mkdir(exist_ok=True)
    figures = measure(options.repeats, options.trials)
    show(figures)
    RESULTS.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
