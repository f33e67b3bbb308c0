"""Tables in Markdown from stored data, and the places in the pages where they stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.data import LABELS, Row
from benchmarks.problems import FAMILIES
from benchmarks.scores import Scores, mean_ranks, mean_with_interval, scores

AFTER = (25, 50, 100)
_BLOCK = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def tables(runs: Sequence[Row], asks: Sequence[Row]) -> dict[str, str]:
    """Every table by its name in the pages."""
    found = scores(runs)
    names = [name for name in LABELS if name in found]
    cells: dict[str, Callable[[], str]] = {
        "quality": lambda: _quality(found, names, runs),
        "families": lambda: _families(found, names),
        "conditional": lambda: _problems(found, names, FAMILIES["conditional"]),
        "others": lambda: _problems(found, names, [p for f, ps in FAMILIES.items() if f != "conditional" for p in ps]),
        "time": lambda: _time(runs, names),
        "ask": lambda: _asks(asks),
        "summary": lambda: _quality(found, [name for name in names if name != "gp_8_workers"], runs, brief=True),
    }
    return {name: made() for name, made in cells.items() if name == "ask" or names}


def write_pages(pages: Iterable[Path], made: dict[str, str]) -> None:
    """Put each table where a page has its marker."""
    for page in pages:
        page.write_text(with_tables(page.read_text(encoding="utf-8"), made), encoding="utf-8")


def with_tables(text: str, made: dict[str, str]) -> str:
    """A page with its tables as they are now.

    >>> print(with_tables("<!-- table: ask -->\\nold\\n<!-- end -->", {"ask": "new"}))
    <!-- table: ask -->
    new
    <!-- end -->
    """
    return _BLOCK.sub(lambda block: f"{block[1]}{made[block[2]]}\n{block[3]}", text)


def _quality(found: Scores, names: Sequence[str], runs: Sequence[Row], brief: bool = False) -> str:
    ranks = mean_ranks(found, names)
    after = [t for t in AFTER if t <= min(curves.shape[1] for name in names for curves in found[name].values())]
    lines = []
    for name in names:
        mean, low, high = mean_with_interval(found[name].values())
        shown = [_interval(mean[t - 1], low[t - 1], high[t - 1]) for t in after]
        if brief:
            shown = [cell.split(" ")[0] for cell in shown]
        count = sum(row["optimizer"] == name for row in runs)
        lines.append([LABELS[name], *shown, f"{ranks[name]:.1f}", _number(_milliseconds(runs, name)), str(count)])
    return _table(["", *(f"score after {t} trials" for t in after), "mean rank", "ms per trial", "runs"], lines)


def _families(found: Scores, names: Sequence[str]) -> str:
    lines = []
    for name in names:
        line = [LABELS[name]]
        for members in FAMILIES.values():
            mine = [found[name][p] for p in members if p in found[name]]
            line.append(_interval(*(part[-1] for part in mean_with_interval(mine))) if mine else "")
        lines.append(line)
    return _table(["", *(f"{family} ({len(members)})" for family, members in FAMILIES.items())], lines)


def _problems(found: Scores, names: Sequence[str], problems: Sequence[str]) -> str:
    lines = []
    for problem in problems:
        line = [f"`{problem}`"]
        for name in names:
            runs = found[name].get(problem)
            line.append("" if runs is None else f"{runs[:, -1].mean():.2f}")
        lines.append(line)
    return _table(["", *(LABELS[name] for name in names)], lines)


def _time(runs: Sequence[Row], names: Sequence[str]) -> str:
    lines = []
    for name in names:
        of = _by_problem(runs, name)
        fastest, slowest = min(of, key=of.__getitem__), max(of, key=of.__getitem__)
        ends = [f"{_number(of[problem])} (`{problem}`)" for problem in (fastest, slowest)]
        lines.append([LABELS[name], _number(_milliseconds(runs, name)), *ends])
    return _table(["", "ms per trial, median problem", "quickest problem", "slowest problem"], lines)


def _asks(asks: Sequence[Row]) -> str:
    strategies = list(dict.fromkeys(row["strategy"] for row in asks))
    lines = []
    for case in dict.fromkeys((row["trials"], row["parameters"], row["pending"]) for row in asks):
        of = {r["strategy"]: r for r in asks if (r["trials"], r["parameters"], r["pending"]) == case}
        line = [f"{number:,}" for number in case]
        line += [_number(of[name]["ms"]) if name in of else "" for name in strategies]
        line += [str(of[name].get("mb", "")) if name in of else "" for name in strategies]
        lines.append(line)
    shown = [LABELS[name] for name in strategies]
    head = ["trials", "parameters", "pending", *(f"{s}, ms" for s in shown), *(f"{s}, MB" for s in shown)]
    return _table(head, lines)


def _milliseconds(runs: Sequence[Row], name: str) -> float:
    """Milliseconds per trial on the median problem, so that no problem counts more for having more runs."""
    return median(_by_problem(runs, name).values())


def _by_problem(runs: Sequence[Row], name: str) -> dict[str, float]:
    """Milliseconds per trial of the median run on each problem."""
    of: dict[str, list[float]] = {}
    for row in runs:
        if row["optimizer"] == name:
            of.setdefault(row["problem"], []).append(row["ms_per_trial"])
    return {problem: median(times) for problem, times in of.items()}


def _interval(mean: float, low: float, high: float) -> str:
    return f"{mean:.2f} ({low:.2f} to {high:.2f})"


def _number(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}"


def _table(head: Sequence[Any], lines: Sequence[Sequence[str]]) -> str:
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, rule, *lines))
