"""The command line as users have it: real processes in a folder of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hyperopt_core import Sweep
from hyperopt_core.cli.snapshot import Snapshot

#: A training program: reports a loss at each step; `--pause` seconds a step.
PROGRAM = """
import argparse, time
import hyperopt_core
parser = argparse.ArgumentParser()
parser.add_argument("--x", type=float)
parser.add_argument("--steps", type=int, default=2)
parser.add_argument("--pause", type=float, default=0.0)
args = parser.parse_args()
run = hyperopt_core.current_run()
for step in range(1, args.steps + 1):
    time.sleep(args.pause)
    if run.report(loss=args.x**2 + 1 / step, step=step) != "continue":
        break
"""

SWEEP = """
program: train.py
method: random
seed: 1
metric: {name: loss, goal: minimize}
run_cap: 4
parameters:
  x: {min: -1.0, max: 1.0}
"""


class CommandLine:
    """hyperopt-core in `folder`, which holds train.py and sweep.yaml."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._started: list[subprocess.Popen[str]] = []
        (folder / "train.py").write_text(PROGRAM)
        (folder / "sweep.yaml").write_text(SWEEP)

    def write(self, text: str, file: str = "sweep.yaml") -> None:
        """A file of the folder."""
        (self.folder / file).write_text(text)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start a command; the fixture ends it where the test does not."""
        process = subprocess.Popen(
            [sys.executable, "-m", "hyperopt_core.cli", *arguments],
            cwd=self.folder,
            env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._started.append(process)
        return process

    def __call__(self, *arguments: str, code: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, which is to have this exit code."""
        process = self.start(*arguments, **environment)
        out, err = process.communicate(timeout=60)
        assert "Traceback" not in err
        assert process.returncode == code, f"exit code {process.returncode}\n{out}\n{err}"
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def json(self, *arguments: str) -> list[dict[str, Any]]:
        """What a command prints with --json, an object a line."""
        return [json.loads(line) for line in self(*arguments, "--json").stdout.splitlines()]

    def status(self, name: str = "sweep") -> dict[str, Any]:
        """How a sweep stands, as another process sees it."""
        with Sweep.open(name, f"sqlite:///{self.folder / 'sweeps.db'}") as sweep:
            return Snapshot.of(sweep).to_json()

    def close(self) -> None:
        """End what is still running, with all that it started."""
        for process in self._started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[CommandLine]:
    folder = tmp_path / "sweep"
    folder.mkdir()
    command_line = CommandLine(folder)
    yield command_line
    command_line.close()


def wait_until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until `true()`; fail where it takes too long."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def wait_for(process: subprocess.Popen[str], event: str) -> dict[str, Any]:
    """Read a command's JSON lines up to the first `event`, and return it."""
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        read: dict[str, Any] = json.loads(line)
        seen.append(read["event"])
        if seen[-1] == event:
            return read
    raise AssertionError(f"no {event} but {seen}: {process.communicate()[1]}")
