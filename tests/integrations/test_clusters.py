"""Agents on a Ray and on a Dask cluster, started for real, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from hyperopt_core import State, Sweep
from tests.integrations.harness import ROOT

pytestmark = pytest.mark.slow

RAY = """
import os, signal, sys
import ray
from hyperopt_ray import RayExecutor
from hyperopt_core import Sweep
from hyperopt_core.errors import ConfigError

def train(run):
    mark = run.directory / "died"
    if run.number == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return {"value": run.params["x"], "device": float(os.environ["CUDA_VISIBLE_DEVICES"])}

ray.init(num_cpus=2, num_gpus=2, include_dashboard=False, log_to_driver=False)
try:
    RayExecutor(gpus=3)
except ConfigError as error:
    print(error)
with Sweep.open("s", sys.argv[1]) as sweep:
    try:
        sweep.run(train, workers=2, executor=RayExecutor(gpus=0.5))
    except ray.exceptions.RayError as error:
        print(type(error).__name__)
ray.shutdown()
"""
DASK = """
import os, sys, time
from distributed import Client, LocalCluster
from hyperopt_dask import executor
from hyperopt_core import Sweep
from hyperopt_core.errors import ConfigError

def train(run):
    # The first trials wait for one another, so that they prove to be on two workers at once.
    processes = run.directory.parent / "processes"
    processes.mkdir(exist_ok=True)
    (processes / str(os.getpid())).touch()
    while len(os.listdir(processes)) < 2:
        time.sleep(0.01)
    return {"value": run.params["x"], "pid": os.getpid()}

if __name__ == "__main__":
    with (
        LocalCluster(n_workers=2, threads_per_worker=2, dashboard_address=None, resources={"GPU": 1}) as cluster,
        Client(cluster) as client,
        Sweep.open("s", sys.argv[1]) as sweep,
    ):
        try:
            executor(client, resources={"GPU": 2})
        except ConfigError as error:
            print(error)
        sweep.run(train, workers=2, executor=executor(client, resources={"GPU": 1}))
"""


def needs(package: str) -> pytest.MarkDecorator:
    """Skip without the package, except in CI, where the `test` extra must have brought it."""
    missing = find_spec(package) is None and not os.environ.get("CI")
    return pytest.mark.skipif(missing, reason=f"{package} is not installed: pip install {package}")


def python(folder: Path, *arguments: str) -> str:
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'integrations'}", "RAY_USAGE_STATS_ENABLED": "0"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


CONFIG = {"method": "random", "parameters": {"x": {"min": 0.0, "max": 1.0}}, "run_cap": 12, "seed": 1}


@needs("ray")
def test_ray(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(RAY)
    with Sweep.create(CONFIG, tmp_path / "sweeps.db", "s") as sweep:
        said = python(tmp_path, "main.py", str(tmp_path / "sweeps.db"))
        assert "gpus is 3: no trial ever gets so many, the cluster has 2" in said
        assert "WorkerCrashedError" in said
        trials = sweep.trials
    assert [t.state for t in trials] == [State.COMPLETED] * 12
    assert [t.attempt for t in trials] == [2 if t.number == 3 else 1 for t in trials]
    assert {t.metrics["device"] for t in trials} <= {0.0, 1.0}


@needs("distributed")
def test_dask(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(DASK)
    with Sweep.create(CONFIG, tmp_path / "sweeps.db", "s") as sweep:
        said = python(tmp_path, "main.py", str(tmp_path / "sweeps.db"))
        assert "no worker ever has so much; they have [{'GPU': 1}, {'GPU': 1}]" in said
        assert [(t.state, t.attempt) for t in sweep.trials] == [(State.COMPLETED, 1)] * 12
        assert len({t.metrics["pid"] for t in sweep.trials}) == 2


@pytest.mark.parametrize(
    "engine", [pytest.param("ray", marks=needs("ray")), pytest.param("dask", marks=needs("distributed"))]
)
def test_the_example(engine: str, tmp_path: Path) -> None:
    said = python(tmp_path, str(ROOT / "examples" / "cluster" / f"with_{engine}.py"), "sweeps.db")
    assert "12 trials" in said
