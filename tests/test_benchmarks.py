"""Benchmarks: what pages quote is what the stored data gives, and each subcommand does its work on a small setting."""

from __future__ import annotations

import doctest
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from benchmarks import pages as pages_module
from benchmarks import scores as scores_module
from benchmarks.data import read
from benchmarks.optimizers import PAGES, main
from benchmarks.pages import tables, with_tables
from benchmarks.problems import FAMILIES, PROBLEMS
from benchmarks.scores import incumbent_curve, mean_ranks, mean_with_interval, scores

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"


@pytest.fixture(scope="module")
def stored() -> dict[str, str]:
    return tables(read(RESULTS / "optimizers.json"), read(RESULTS / "ask_time.json"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_quote_the_stored_data(page: Path, stored: dict[str, str]) -> None:
    """Written by ``python -m benchmarks.optimizers table --pages``."""
    text = page.read_text(encoding="utf-8")
    assert "<!-- table: " in text
    assert with_tables(text, stored) == text


def test_the_page_shows_every_table(stored: dict[str, str]) -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert not [name for name in stored if f"<!-- table: {name} -->" not in text]


def test_the_page_quotes_the_data_of_many_agents() -> None:
    rows = json.loads((RESULTS / "agents.json").read_text())["rows"]
    text = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    for name in ("PostgreSQL", "Optuna, PostgreSQL", "HTTP"):
        row = rows[name]
        figures = [row[key] for key in ("processes", "trials_per_second", "ask_median_ms", "ask_p99_ms")]
        assert " | ".join(f"{figure:,.0f}" for figure in figures) in text


@pytest.mark.slow
def test_every_subcommand_on_a_small_setting(tmp_path: Path) -> None:
    def run(*words: str) -> str:
        command = [sys.executable, "-m", "benchmarks.optimizers", *words, "--results", str(tmp_path)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    quality = ("quality", "--only", "random", "gp", "--problems", "tree", "--seeds", "2", "--trials", "25")
    made = run(*quality).splitlines()
    assert len(made) == 4
    assert run(*quality) == ""  # all of it is stored
    again = run(*quality, "--again").splitlines()
    assert [line.split()[:4] for line in again] == [line.split()[:4] for line in made]  # the same incumbents
    assert len(run("speed", "--only", "gp", "--trials", "30").splitlines()) == 2
    assert "| gp (ours) |" in run("table")
    pictures = run("plot", "--images", str(tmp_path)).splitlines()
    assert len(pictures) == 3
    assert all(Path(picture).read_bytes().startswith(b"\x89PNG") for picture in pictures)


@pytest.mark.parametrize("module", [pages_module, scores_module], ids=lambda module: module.__name__)
def test_examples_in_docstrings_hold(module: ModuleType) -> None:
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_an_unknown_command_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["fast"])
    assert "quality" in capsys.readouterr().err


def test_problems_are_what_they_say() -> None:
    assert sum(map(len, FAMILIES.values())) == len(PROBLEMS)
    for family, names in FAMILIES.items():
        for problem in (PROBLEMS[name]() for name in names):
            conditional = any(p.conditions for p in problem.parameters.values())
            assert conditional == (family == "conditional")
            params = problem.space.sample(np.random.default_rng(0), 1)[0]
            truth = problem.truth(params)
            assert np.isfinite(truth)
            assert problem.observe(params, truth) == problem.observe(params, truth)
            assert bool(problem.noise or problem.step) or problem.observe(params, truth) == truth


def _row(optimizer: str, seed: int, *incumbents: list[float], trials: int = 30) -> dict[str, object]:
    return {
        "optimizer": optimizer, "problem": "p", "seed": seed, "trials": trials, "incumbents": list(incumbents),
        "ms_per_trial": 1.0,
    }  # fmt: skip


def test_a_score_is_zero_at_random_search_and_one_at_the_best() -> None:
    rows = [_row("random", 0, [1, 4.0], [9, 2.0], [30, 1.0]), _row("gp", 0, [1, 8.0], [2, 2.0], [5, 0.0])]
    found = json.loads(json.dumps({name: runs["p"][0].tolist() for name, runs in scores(rows).items()}))
    assert found["random"] == [-1.0] * 8 + [0.0] * 21 + [0.5]
    assert found["gp"] == [-1.0] + [0.0] * 3 + [1.0] * 26
    assert incumbent_curve(rows[0])[[0, 7, 8, 28, 29]].tolist() == [4.0, 4.0, 2.0, 2.0, 1.0]
    assert mean_ranks(scores(rows), ["random", "gp"]) == {"random": 2.0, "gp": 1.0}


def test_an_interval_covers_the_mean_and_narrows_with_runs() -> None:
    rng = np.random.default_rng(0)
    few, many = ([rng.normal(0.5, 0.2, (runs, 3)) for _ in range(4)] for runs in (4, 64))
    widths = []
    for groups in (few, many):
        mean, low, high = mean_with_interval(groups)
        assert np.all((low < mean) & (mean < high))
        widths.append((high - low).mean())
    assert widths[1] < widths[0] / 2
    # the standard error of a mean of 4 x 64 values with deviation .2
    assert widths[1] == pytest.approx(2 * 1.96 * 0.2 / 16, rel=0.2)
