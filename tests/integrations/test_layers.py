"""The adapters are thin, and hold on to what any user may: names of `hyperopt_core` itself, and its errors."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import hyperopt_core
from tests.integrations.harness import ROOT

FILES = sorted((ROOT / "integrations").rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_an_adapter_uses_public_names(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("hyperopt_core"):
            public = hyperopt_core.__all__ if node.module == "hyperopt_core" else dir(hyperopt_core.errors)
            assert node.module in ("hyperopt_core", "hyperopt_core.errors")
            assert {alias.name for alias in node.names} <= set(public)
