"""Small files and small functions: the budgets of the house."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(path for folder in ("hyperopt_core", "integrations") for path in (ROOT / folder).rglob("*.py"))
FILE_LINES, MEDIAN_LINES, FUNCTION_LINES = 500, 150, 80


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """(name, lines) of every function and method, nested ones too; decorators and docstrings count."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            assert node.end_lineno is not None
            yield node.name, node.end_lineno - first + 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_and_functions_stay_small(path: Path) -> None:
    assert lines(path) <= FILE_LINES, f"{path} has {lines(path)} lines: split it by what its parts do"
    long = [f"{name}: {count}" for name, count in functions(path) if count > FUNCTION_LINES]
    assert not long, f"{path} has functions of more than {FUNCTION_LINES} lines: {', '.join(long)}"


def test_the_median_file_is_short() -> None:
    counts = [lines(path) for path in FILES if lines(path) > 0]
    assert median(counts) <= MEDIAN_LINES
