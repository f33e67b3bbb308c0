"""What a scheduler costs at 10,000 trials, and how busy it keeps 8, 64 and 1,000 workers.

python -m benchmarks.schedulers            prints tables and writes benchmarks/results/schedulers.json

cost: microseconds of a processor that a scheduler takes for a report, its part of asking and telling included, over the
last tenth of 10,000 trials that 64 workers train in virtual time. busy: the part of the workers' time that is spent on
training, where a step of one trial takes up to four times as long as one of another.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hyperopt_core import Float, Optimizer
from hyperopt_core.analysis.simulate import simulate

RESULTS = Path(__file__).parent / "results" / "schedulers.json"
SPACE = {"x": Float(0, 1), "cost": Float(0.5, 2, log=True)}
MAX_STEPS, TRIALS, WORKERS = 27, 10_000, 64
NAMES = ("asha", "auto", "hyperband", "successive_halving", "median", "percentile", "patience", "threshold", "wandb")
OPTIONS: Mapping[str, Mapping[str, Any]] = {"threshold": {"worse_than": 0.8}, "wandb": {"min_iter": 3}}
WORKERS_AND_STEPS = ((8, 2_000), (64, 16_000), (1_000, 100_000))
TIMED = ("next_job", "started", "report", "ended")


def curve(params: Mapping[str, Any], step: float) -> float:
    """A loss that falls to what the trial is worth."""
    return float(params["x"] + 1 / step)


def made(name: str, *, resumable: bool) -> Optimizer:
    """An optimizer with one of the schedulers."""
    early_terminate = {"type": name, **OPTIONS[name]} if name in OPTIONS else name
    return Optimizer(SPACE, "random", early_terminate, seed=0, max_steps=MAX_STEPS, resumable=resumable)


def cost(name: str, *, resumable: bool) -> float:
    """Microseconds a report."""
    opt = made(name, resumable=resumable)
    seconds, reports = 0.0, 0
    late = 9 * TRIALS // 10

    def timed(method: Callable[..., Any], *, is_report: bool) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            nonlocal seconds, reports
            started = time.thread_time()
            answer = method(*arguments)
            if len(opt.history) > late:
                seconds += time.thread_time() - started
                reports += is_report
            return answer

        return call

    for method in TIMED:
        setattr(opt.scheduler, method, timed(getattr(opt.scheduler, method), is_report=method == "report"))
    simulate(opt, curve, max_steps=MAX_STEPS, trials=TRIALS, workers=WORKERS)
    return 1e6 * seconds / reports


def busy(name: str, workers: int, steps: int) -> float:
    """The workers' utilisation, 0..1."""
    opt = made(name, resumable=True)
    return simulate(
        opt, curve, max_steps=MAX_STEPS, steps=steps, workers=workers, seconds_per_step=lambda p: p["cost"]
    ).utilisation


def main() -> None:
    """Measure, print and store."""
    costs: dict[str, dict[str, float]] = {}
    print(f"{'us a report':20s} {'stops':>10s} {'pauses':>10s}")
    for name in NAMES:
        stops, pauses = (round(cost(name, resumable=resumable), 1) for resumable in (False, True))
        costs[name] = {"stops": stops, "pauses": pauses}
        print(f"{name:20s} {stops:10.1f} {pauses:10.1f}", flush=True)
    shares: dict[str, dict[str, float]] = {}
    print(f"{'busy':20s}" + "".join(f" {workers:>10d}" for workers, _ in WORKERS_AND_STEPS))
    for name in ("asha", "auto", "hyperband"):
        shares[name] = {str(w): round(busy(name, w, steps), 4) for w, steps in WORKERS_AND_STEPS}
        print(f"{name:20s}" + "".join(f" {share:10.2%}" for share in shares[name].values()), flush=True)
    environment = {"python": platform.python_version(), "numpy": np.__version__, "cores": os.cpu_count()}
    setting = {"trials": TRIALS, "max_steps": MAX_STEPS, "workers": WORKERS}
    found = {"environment": environment, "setting": setting, "us_a_report": costs, "busy": shares}
    RESULTS.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
