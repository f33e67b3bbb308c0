"""What is built is what users install: a wheel in a fresh environment with nothing but numpy and scipy."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
ADAPTERS = sorted(folder.name for folder in (ROOT / "integrations").iterdir() if (folder / "__init__.py").exists())
FRAMEWORKS = [name for name in ADAPTERS if name != "hyperopt_wandb"]  # which stands in for one
MARGIN_US = 50_000  # of `import hyperopt_core` over numpy's own import, in microseconds


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT))
    return folder


@pytest.fixture(scope="module")
def python(built: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The interpreter of a fresh environment with the wheel installed."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", str(folder))
    interpreter = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(interpreter)]
    run(*pip, "install", "--quiet", str(next(built.glob("*.whl"))))
    return str(interpreter)


def test_the_wheel_holds_the_packages_and_nothing_else(built: Path) -> None:
    names = zipfile.ZipFile(next(built.glob("*.whl"))).namelist()
    packages = {"hyperopt_core", *ADAPTERS}
    assert {name.partition("/")[0].partition("-")[0] for name in names} == packages
    assert {f"{package}/py.typed" for package in packages} <= set(names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if "/tests/" in name or "test_" in name]
    sources = {
        path.relative_to(root).as_posix()
        for root, package in [(ROOT, "hyperopt_core"), *((ROOT / "integrations", name) for name in ADAPTERS)]
        for path in (root / package).rglob("*.py")
    }
    assert sources <= set(names)
    page = {f"hyperopt_core/server/page/{path.name}" for path in (ROOT / "hyperopt_core/server/page").iterdir()}
    assert page <= set(names)
    assert "hyperopt_wandb/standin/wandb-0.31.0.dist-info/METADATA" in names  # by which frameworks find it


def test_the_stand_in_is_nobody_elses_wandb(python: str) -> None:
    find = "import importlib.util as u; print(u.find_spec('wandb'), u.find_spec('hyperopt_wandb') is not None)"
    assert run(python, "-c", find) == "None True\n"


def test_the_sdist_can_be_tested(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "LICENSE", "README.md", "dev.py", "tests/conftest.py"} <= names
    assert not [name for name in names if name.startswith((".venv", "demo"))]


def test_an_optimizer_runs_without_any_extra(python: str) -> None:
    program = """
import json, sys
from hyperopt_core import Categorical, Float, Int, Optimizer
opt = Optimizer({"x": Float(-2, 2), "n": Int(1, 8), "k": Categorical(["a", "b"])}, strategy="gp", seed=0)
for _ in range(15):
    trial = opt.ask()
    opt.tell(trial, trial.params["x"] ** 2 + trial.params["n"])
print(json.dumps([opt.best.value, sorted(sys.modules)]))
"""
    value, modules = json.loads(run(python, "-c", program))
    assert value < 3
    assert not {"sqlalchemy", "yaml", "typer", "rich", "matplotlib"} & set(modules)


def test_missing_extras_are_named(python: str) -> None:
    process = subprocess.run([python, "-m", "hyperopt_core.cli", "status"], capture_output=True, text=True, check=False)
    assert process.returncode == 1
    assert process.stderr == "error: the command line needs typer: pip install 'hyperopt-core[sweeps]'\n"


@pytest.mark.parametrize("adapter", FRAMEWORKS)
def test_an_adapter_names_its_extra(adapter: str, python: str) -> None:
    process = subprocess.run([python, "-c", f"import {adapter}"], capture_output=True, text=True, check=False)
    extra = adapter.removeprefix("hyperopt_")
    words = rf"MissingExtra: {adapter} needs \S+: pip install 'hyperopt-core\[{extra}\]'$"
    assert re.search(words, process.stderr.strip()), process.stderr


def test_importing_the_core_is_light(python: str) -> None:
    program = (
        "import hyperopt_core, json, sys\n"
        "[getattr(hyperopt_core, name) for name in ('Optimizer', 'Float', 'SearchSpace', 'Trial', 'Decision')]\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    modules = set(json.loads(run(python, "-c", program)))
    assert "numpy" in modules
    assert not {"scipy", "sqlalchemy", "yaml", "typer", "rich", "matplotlib"} & modules

    package, _ = import_times(python, "import numpy; import hyperopt_core")
    assert package <= MARGIN_US, f"import hyperopt_core takes {package} us on top of numpy's own import"
    engine, numpy = import_times(python, "import numpy; import hyperopt_core; hyperopt_core.Optimizer")
    assert engine <= numpy, f"the engine takes {engine} us to import, numpy itself {numpy} us"


def import_times(python: str, program: str) -> tuple[int, int]:
    """Microseconds of what `program` imports after numpy, and of numpy itself; the least disturbed of five goes."""
    goes = []
    for _ in range(5):
        command = [python, "-X", "importtime", "-c", program]
        process = subprocess.run(command, capture_output=True, text=True, check=True, cwd=os.sep)
        rows = [line.removeprefix("import time:").split("|") for line in process.stderr.splitlines()[1:]]
        at = [name for _, _, name in rows].index(" numpy")
        goes.append((sum(int(own) for own, _, _ in rows[at + 1 :]), int(rows[at][1])))
    return min(goes)


def run(*command: str) -> str:
    """The output of a command, which is to succeed; run outside the checkout, so that it is not what is imported."""
    process = subprocess.run(command, capture_output=True, text=True, check=False, cwd=os.sep)
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout
