"""Milliseconds of one ask, and the memory of a process that asks."""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.data import Row
from hyperopt_core import Categorical, Float, Optimizer
from hyperopt_core.strategies import STRATEGIES
from hyperopt_core.trial import Changes, State, Trial

#: Those that learn; with the ones this version has.
LEARNING = tuple(name for name in ("gp", "cokriging", "tpe") if name in STRATEGIES)
#: (trials told, parameters, pending trials)
CASES = (
    *((n, 10, 0) for n in (10, 30, 100, 300, 1000, 3000)),
    *((100, d, 0) for d in (2, 5, 20, 50)),
    *((100, 10, q) for q in (1, 8, 64)),
)
_REPEATS = 5


def measure(strategies: Sequence[str], most: int) -> Iterator[Row]:
    """A row for each strategy and each case of at most `most` trials."""
    for strategy in strategies:
        for trials, parameters, pending in CASES:
            if trials <= most:
                row = {"strategy": strategy, "trials": trials, "parameters": parameters, "pending": pending}
                memory = {"mb": peak_memory(strategy, trials)} if (parameters, pending) == (10, 0) else {}
                yield (
                    row | {"ms": round(float(np.median(ask_times(strategy, trials, parameters, pending))), 1)} | memory
                )


def ask_times(strategy: str, trials: int, parameters: int, pending: int) -> list[float]:
    """Milliseconds of each of five asks; the result of each is told before the next."""
    optimizer = _filled(strategy, trials, parameters, pending)
    times = []
    for _ in range(_REPEATS + 1):
        start = time.process_time()
        trial = optimizer.ask()
        times.append(1e3 * (time.process_time() - start))
        optimizer.tell(trial, _value(dict(trial.params)))
    return times[1:]  # the first imports what is imported late


def peak_memory(strategy: str, trials: int) -> int:
    """Megabytes that a fresh process has held at most when it has asked once after so many trials in 10 dimensions."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_ask_once, (strategy, trials))


def _ask_once(strategy: str, trials: int) -> int:
    _filled(strategy, trials, 10, 0).ask()
    status = Path("/proc/self/status")
    if status.exists():  # on Linux ru_maxrss of a new process begins at that of its parent
        return round(int(status.read_text(encoding="ascii").partition("VmHWM:")[2].split()[0]) / 1024)
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit)


def _filled(strategy: str, trials: int, parameters: int, pending: int) -> Optimizer:
    """An optimizer that knows random trials of a space whose last parameter is a choice."""
    space: dict[str, Any] = {f"x{i}": Float(0, 1) for i in range(parameters - 1)}
    optimizer = Optimizer(space | {"kind": Categorical(["a", "b", "c"])}, strategy=strategy, seed=0)
    known = []
    for number, params in enumerate(optimizer.space.sample(np.random.default_rng(0), trials + pending)):
        told = number < trials
        state = State.COMPLETED if told else State.RUNNING
        known.append(Trial(number, params, state, values=(_value(params),) if told else ()))
    optimizer.apply(Changes(len(known), tuple(known)))
    return optimizer


def _value(params: dict[str, Any]) -> float:
    """A bowl with ripples."""
    numbers = [x for x in params.values() if isinstance(x, float)]
    return float(sum((x - 0.4) ** 2 for x in numbers) + 0.1 * np.sin(20 * numbers[0]) + 0.1 * (params["kind"] == "a"))
