"""Writes the decisions and quantiles of W&B's own engine as data for the tests.

Run it in an environment of its own, for that engine needs an old numpy::

    python -m venv oracle && oracle/bin/pip install "numpy<2" sweeps==0.3.0
    oracle/bin/python benchmarks/wandb_oracle.py tests/data

It writes early_terminate.json.gz (random histories, judged at every report) and distributions.json (quantiles of every
distribution).
"""

from __future__ import annotations

import gzip
import json
import math
import random
import sys
import warnings
from pathlib import Path
from typing import Any

warnings.simplefilter("ignore")

from sweeps import RunState, SweepRun, stop_runs  # noqa: E402
from sweeps.params import HyperParameter  # noqa: E402

CASES = 2000
NOT_LOGGED = [float("nan"), float("inf"), float("-inf"), None, "text", True]
ENDED = [RunState.finished, RunState.killed, RunState.crashed, RunState.failed]


def early_terminate(rng: random.Random) -> dict[str, Any]:
    """A mapping in one of the forms that users write."""
    out: dict[str, Any] = {"type": "hyperband"}
    form = rng.choice(["min", "min eta", "max s", "max s eta", "all", "min s"])
    if "min" in form or form == "all":
        out["min_iter"] = rng.choice([1, 1, 2, 3, 5])
    if "max" in form or form == "all":
        # A band exists where max_iter / eta is 1 or more.
        out |= {"max_iter": rng.choice([5, 9, 12, 27]), "s": rng.choice([1, 2, 3, 5])}
    if form == "min s":
        out["s"] = 2
    if "eta" in form or form == "all":
        out["eta"] = rng.choice([2, 3, 4, 5, 1.5, 2.5])
    if rng.random() < 0.5:
        out["strict"] = rng.random() < 0.4
    return out


def case(rng: random.Random) -> dict[str, Any]:
    """A sweep of some trials that report in random order, and whether each report's trial was to be stopped."""
    config = {
        "method": "random",
        "metric": {"name": "loss", "goal": rng.choice(["minimize", "maximize"])},
        "early_terminate": early_terminate(rng),
        "parameters": {"x": {"min": 0.0, "max": 1.0}},
    }
    obeys = rng.random() < 0.5  # whether a trial ends when it is told to
    digits = rng.choice([0, 1, 3])  # few digits: many ties
    lengths = [rng.choice([1, 3, 9, 10, 14, 28]) for _ in range(rng.randint(1, 14))]
    levels = [rng.gauss(0, 1) for _ in lengths]
    runs = [SweepRun(name=str(i), state=RunState.running) for i in range(len(lengths))]
    events, stops = [], []
    while open_runs := [i for i, n in enumerate(lengths) if n > 0]:
        i = rng.choice(open_runs[: rng.randint(1, 4)])
        lengths[i] -= 1
        run = runs[i]
        if rng.random() < 0.06:
            run.history.append(rng.choice([{"loss": rng.choice(NOT_LOGGED)}, {"other": 1.0}]))
            events.append([i, None])
            continue
        value = round(levels[i] - 0.1 * math.log1p(len(run.history)) + 0.3 * rng.gauss(0, 1), digits)
        run.history.append({"loss": value})
        stop = run in stop_runs(config, runs)
        events.append([i, value])
        stops.append(int(stop))
        if lengths[i] == 0 or (stop and obeys):
            lengths[i] = 0
            run.state = rng.choice(ENDED)
    return {
        "early_terminate": config["early_terminate"],
        "goal": config["metric"]["goal"],
        "events": events,
        "stops": "".join(map(str, stops)),
    }


DISTRIBUTIONS: list[dict[str, Any]] = [
    {"value": 7},
    {"values": ["a", "b", "c"]},
    {"values": [1, 2, 4, 8], "probabilities": [0.1, 0.2, 0.3, 0.4]},
    {"min": 1, "max": 8},
    {"distribution": "int_uniform", "min": -3, "max": 3},
    {"min": 0.0, "max": 1.0},
    {"distribution": "uniform", "min": -2, "max": 5},
    {"distribution": "q_uniform", "min": 0, "max": 10, "q": 2},
    {"distribution": "q_uniform", "min": 0.0, "max": 1.0, "q": 0.1},
    {"distribution": "q_uniform", "min": 1, "max": 10, "q": 4},
    {"distribution": "log_uniform", "min": -9.21, "max": -2.3},
    {"distribution": "log_uniform_values", "min": 1e-5, "max": 0.1},
    {"distribution": "q_log_uniform", "min": 0, "max": 5, "q": 1},
    {"distribution": "q_log_uniform_values", "min": 8, "max": 512, "q": 8},
    {"distribution": "inv_log_uniform", "min": 2.3, "max": 9.21},
    {"distribution": "inv_log_uniform_values", "min": 1e-5, "max": 0.1},
    {"distribution": "normal"},
    {"distribution": "normal", "mu": 3.0, "sigma": 0.5},
    {"distribution": "q_normal", "mu": 100, "sigma": 20, "q": 5},
    {"distribution": "log_normal", "mu": -4.0, "sigma": 1.0},
    {"distribution": "q_log_normal", "mu": 3.0, "sigma": 0.5, "q": 2},
    {"distribution": "beta", "a": 2.0, "b": 5.0},
    {"distribution": "beta"},
    {"distribution": "q_beta", "a": 2.0, "b": 2.0, "q": 0.25},
]
QUANTILES = [0.001, 0.01, 0.05, 0.13, 0.25, 0.37, 0.5, 0.51, 0.62, 0.75, 0.88, 0.95, 0.99, 0.999]


def quantiles(config: dict[str, Any]) -> list[Any]:
    """The values of a distribution at QUANTILES."""
    parameter = HyperParameter("x", dict(config))
    values = [parameter.ppf(q) for q in QUANTILES]
    return [v.item() if hasattr(v, "item") else v for v in values]


def main(folder: Path) -> None:
    rng = random.Random(20240612)
    cases = [case(rng) for _ in range(CASES)]
    # A fixed time stamp keeps the file the same from run to run.
    with gzip.GzipFile(folder / "early_terminate.json.gz", "wb", mtime=0) as file:
        file.write(json.dumps(cases, separators=(",", ":")).encode())
    tables = [{"config": c, "ppf": quantiles(c)} for c in DISTRIBUTIONS]
    lines = ",\n".join(json.dumps(t) for t in tables)
    (folder / "distributions.json").write_text(f'{{"quantiles": {QUANTILES}, "distributions": [\n{lines}\n]}}\n')
    stops = "".join(c["stops"] for c in cases)
    print(f"{len(cases)} sweeps, {len(stops)} reports, {stops.count('1')} stops")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
