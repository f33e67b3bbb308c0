"""Quality and speed of this package's strategies beside installed peers, on self-contained problems.

    pip install -r benchmarks/requirements.txt
    python -m benchmarks.optimizers quality [--only gp optuna_tpe ...] [--problems tree ...] [--seeds 5] [--again]
    python -m benchmarks.optimizers speed
    python -m benchmarks.optimizers table [--pages]
    python -m benchmarks.optimizers plot

quality: each optimizer runs each problem once a seed. A run that is stored already is kept, so an interrupted command
goes on where it was; --again makes the runs of --only anew. Optimizers that are not installed are left out.
speed: milliseconds of one ask against trials, parameters and pending trials, and the memory of a process.
table: the tables of docs/benchmarks.md from the stored data; --pages writes them into the pages.
plot: the pictures of the pages from the stored data.

All of it runs on one thread. What the figures mean is said in docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = (ROOT / "README.md", ROOT / "docs" / "benchmarks.md")
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}


def main(arguments: list[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["quality", "speed", "table", "plot"])
    parser.add_argument("--only", nargs="+", help="optimizers (quality), strategies (speed)")
    parser.add_argument("--problems", nargs="+", help="quality: the default is all of them")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--trials", type=int, help="of each run (default 100); speed: at most so many (default 3000)")
    parser.add_argument("--again", action="store_true", help="quality: make stored runs anew")
    parser.add_argument("--pages", action="store_true", help="table: write the tables into the pages")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results", help="folder of the data")
    parser.add_argument("--images", type=Path, default=ROOT / "docs" / "images", help="plot: folder of the pictures")
    given = parser.parse_args(arguments)
    {"quality": _quality, "speed": _speed, "table": _table, "plot": _plot}[given.command](given)


def _quality(given: argparse.Namespace) -> None:
    from benchmarks.peers import optimizers
    from benchmarks.problems import PROBLEMS
    from benchmarks.quality import run_missing

    out, names, problems = given.results / "optimizers.json", given.only or optimizers(), given.problems or PROBLEMS
    for row in run_missing(out, list(names), list(problems), given.seeds, given.trials or 100, again=given.again):
        best = row["incumbents"][-1][1]
        print(f"{row['seed']} {row['problem']:18} {row['optimizer']:14} {best:10.4g} {row['ms_per_trial']:8.1f} ms")


def _speed(given: argparse.Namespace) -> None:
    from benchmarks.data import write
    from benchmarks.speed import LEARNING, measure

    rows = []
    for row in measure(given.only or LEARNING, given.trials or 3000):
        rows.append(row)
        print(row)
    write(given.results / "ask_time.json", rows)


def _table(given: argparse.Namespace) -> None:
    from benchmarks.data import read
    from benchmarks.pages import tables, write_pages

    made = tables(read(given.results / "optimizers.json"), read(given.results / "ask_time.json"))
    for name, lines in made.items():
        print(f"{name}\n\n{lines}\n")
    if given.pages:
        write_pages(PAGES, made)


def _plot(given: argparse.Namespace) -> None:
    from benchmarks.data import read
    from benchmarks.pictures import draw

    runs, asks = read(given.results / "optimizers.json"), read(given.results / "ask_time.json")
    print(*draw(runs, asks, given.images), sep="\n")


if __name__ == "__main__":
    os.environ.update(ONE_THREAD)  # numpy reads it when it is first imported
    main()
