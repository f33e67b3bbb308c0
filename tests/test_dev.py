"""dev.py is what a newcomer runs first: it needs Python alone, and installs once."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

DEV = Path(__file__).resolve().parents[1] / "dev.py"


def test_it_imports_the_standard_library_alone() -> None:
    tree = ast.parse(DEV.read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names


def test_its_words_name_every_command() -> None:
    shown = subprocess.run([sys.executable, str(DEV), "--help"], capture_output=True, text=True, check=True).stdout
    for command in ("demo", "demo --fresh", "test", "test --fast", "check"):
        assert f"dev.py {command}" in shown
    assert subprocess.run([sys.executable, str(DEV)], capture_output=True, check=False).returncode == 2


def test_it_installs_once(tmp_path: Path) -> None:
    """An environment whose stamp fits pyproject.toml is used as it is; it need not even be one.

    What the tests need is enough for the demo.
    """
    (tmp_path / "dev.py").write_text(DEV.read_text(encoding="utf-8"))
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\nversion = '1'\n")
    make = "import dev; dev.VENV.mkdir(); dev.BIN.mkdir(); dev.PYTHON.touch(); dev.STAMP.write_text(dev.stamp('test'))"
    subprocess.run([sys.executable, "-c", make], cwd=tmp_path, check=True)
    again = "import dev; raise SystemExit(dev.install('test') or dev.install('examples'))"
    assert subprocess.run([sys.executable, "-c", again], cwd=tmp_path, check=False).returncode == 0
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\nversion = '2'\n")
    changed = "import dev; raise SystemExit(dev.STAMP.read_text() in (dev.stamp('test'), dev.stamp('examples')))"
    assert subprocess.run([sys.executable, "-c", changed], cwd=tmp_path, check=False).returncode == 0
