"""Runs of optimizers on problems, and where they are stored."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from benchmarks.data import Row, read, write
from benchmarks.peers import optimizers
from benchmarks.problems import PROBLEMS, Params, Problem


def run_missing(
    out: Path, names: Sequence[str], problems: Sequence[str], seeds: int, trials: int, *, again: bool = False
) -> Iterator[Row]:
    """Make the runs that `out` does not hold, and store each as it ends; with `again` those it holds too.

    Optimizers with a common problem and seed run one after another, so that they share evaluations and a noisy machine.
    """
    rows = read(out)
    if again:
        rows = [row for row in rows if row["optimizer"] not in names or row["problem"] not in problems]
    done = {(row["optimizer"], row["problem"], row["seed"]) for row in rows}
    for seed in range(seeds):
        for problem in problems:
            for name in names:
                if (name, problem, seed) not in done:
                    rows.append(one_run(name, problem, trials, seed))
                    write(out, rows)
                    yield rows[-1]


def one_run(optimizer: str, problem: str, trials: int, seed: int) -> Row:
    """A run's incumbents as [trial from 1, true value], and its own processor time per trial.

    The incumbent is the configuration whose observed value is the lowest so far; where there is noise its true value
    may rise from one incumbent to the next. Processor time leaves out evaluations and what else runs on the machine.
    """
    made, spent, told = _problem(problem), 0.0, 0
    lowest, incumbents = float("inf"), []

    def tell(params: Params) -> float:
        nonlocal spent, told, lowest
        start = time.process_time()
        truth = _truth(problem, json.dumps(params, sort_keys=True))
        value, told = made.observe(params, truth), told + 1
        if value < lowest:
            lowest = value
            incumbents.append([told, float(f"{truth:.7g}")])
        spent += time.process_time() - start
        return value

    start = time.process_time()
    optimizers()[optimizer](made, trials, seed, tell)
    own = time.process_time() - start - spent
    if told != trials:
        raise RuntimeError(f"{optimizer} made {told} trials of {problem} instead of {trials}")
    row = {"optimizer": optimizer, "problem": problem, "seed": seed, "trials": trials}
    return row | {"ms_per_trial": round(1e3 * own / trials, 2), "incumbents": incumbents}


@cache
def _problem(name: str) -> Problem:
    return PROBLEMS[name]()


@cache
def _truth(problem: str, params: str) -> float:
    return _problem(problem).truth(json.loads(params))
