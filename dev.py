#!/usr/bin/env python3
"""Everything a contributor does, with nothing but Python 3.11 or newer installed::

    python3 dev.py demo           a real sweep on real data, with a live view; Ctrl-C, and again to go on
    python3 dev.py demo --fresh   the same from the beginning
    python3 dev.py test           all checks and all tests
    python3 dev.py test --fast    without the slow tests
    python3 dev.py check          the static checks alone

The first call makes the environment .venv beside this file and installs the package into it; later calls reuse it until
pyproject.toml changes.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "dev-stamp"
DEMO = ROOT / "demo"
OLDEST = (3, 11)

CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports",),
)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    demo_parser = commands.add_parser("demo", help="a real sweep on real data, with a live view")
    demo_parser.add_argument("--fresh", action="store_true", help="forget the trials of earlier demos")
    test_parser = commands.add_parser("test", help="all checks and all tests")
    test_parser.add_argument("--fast", action="store_true", help="leave out the slow tests")
    commands.add_parser("check", help="the static checks alone")
    options = parser.parse_args(arguments)
    if sys.version_info < OLDEST:
        return fail(f"Python {'.'.join(map(str, OLDEST))} or newer is needed; this is {sys.version.split()[0]}")
    os.chdir(ROOT)
    code = install("examples" if options.command == "demo" else "test")
    if code:
        return code
    if options.command == "demo":
        return demo(fresh=options.fresh)
    code = check()
    if code or options.command == "check":
        return code
    return test(fast=options.fast)


def install(extra: str) -> int:
    """Make .venv and install the package with an extra into it, unless that has been done for this pyproject.toml.

    What tests need, PyTorch and TensorFlow among it, serves everything; a demo does with a tenth of that.
    """
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() in (stamp(extra), stamp("test")):
        return 0
    started = time.monotonic()
    if not PYTHON.exists():
        say(f"making the environment {VENV.relative_to(ROOT)}")
        code = make_environment()
        if code:
            return code
    say(f"installing the package and what it needs for {extra!r} (once; some minutes on a slow line)")
    code = pip("install", "--editable", f".[{extra}]")
    if code:
        return fail("the installation failed; pip's words are above. The same command tries again")
    STAMP.write_text(stamp(extra))
    say(f"installed in {time.monotonic() - started:.0f} s")
    return 0


def stamp(extra: str) -> str:
    """What an installation depends on."""
    return f"{extra} {hashlib.sha256((ROOT / 'pyproject.toml').read_bytes()).hexdigest()}"


def make_environment() -> int:
    """A virtual environment; without pip in it where this Python comes without ensurepip, as Debian's does."""
    if run([sys.executable, "-m", "venv", str(VENV)], quiet=True) == 0 and has_pip(PYTHON):
        return 0
    shutil.rmtree(VENV, ignore_errors=True)
    if run([sys.executable, "-m", "venv", "--without-pip", str(VENV)]):
        return fail("no virtual environment can be made; on Debian and Ubuntu: apt-get install python3-venv")
    if not has_pip(Path(sys.executable)):
        return fail("pip is missing; on Debian and Ubuntu: apt-get install python3-pip, elsewhere: https://pip.pypa.io")
    return 0


def pip(*arguments: str) -> int:
    """Run pip on .venv: its own, or else this Python's, which --python points at it."""
    inside = [str(PYTHON), "-m", "pip"] if has_pip(PYTHON) else [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    return run([*inside, "--disable-pip-version-check", "--quiet", *arguments])


def has_pip(python: Path) -> bool:
    return run([str(python), "-m", "pip", "--version"], quiet=True) == 0


def demo(*, fresh: bool) -> int:
    """Run examples/digits/sweep.yaml on two agents into demo/, then draw its trials."""
    if fresh:
        shutil.rmtree(DEMO, ignore_errors=True)
    DEMO.mkdir(exist_ok=True)
    # Two trainings side by side: more threads in each would only wait for one another.
    environment = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"} | os.environ
    storage = ["--storage", "sqlite:///demo/sweeps.db"]
    sweep = ["run", "examples/digits/sweep.yaml", "--name", "digits", "--agents", "2"]
    code = run([*hyperopt_core(), *sweep, *storage], environment)
    if code == 130:
        say("stopped; `python3 dev.py demo` goes on from here, `python3 dev.py demo --fresh` starts over")
    if code:
        return code
    code = run([*hyperopt_core(), "plot", "digits", "--output", "demo/parallel.png", *storage], environment)
    if code == 0:
        say("start over with `python3 dev.py demo --fresh`")
    return code


def check() -> int:
    for command in CHECKS:
        print(f"$ {shlex.join(command)}", flush=True)
        if run([str(BIN / command[0]), *command[1:]]):
            return fail(f"{command[0]} found faults")
    return 0


def test(*, fast: bool) -> int:
    """Many tests wait, for processes, leases and cut links: one for each core, at most four, run side by side."""
    selection = ["-m", "not slow"] if fast else []
    workers = str(min(os.cpu_count() or 1, 4))
    return run([str(PYTHON), "-m", "pytest", "-q", "--numprocesses", workers, "--dist", "worksteal", *selection])


def hyperopt_core() -> list[str]:
    return [str(PYTHON), "-m", "hyperopt_core.cli"]


def run(command: Sequence[str], environment: dict[str, str] | None = None, *, quiet: bool = False) -> int:
    """Run a program to its end. Ctrl-C reaches it directly; waiting goes on until it has ended in its own way."""
    sink = subprocess.DEVNULL if quiet else None
    process = subprocess.Popen(command, env=environment, stdout=sink, stderr=sink)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def say(text: str) -> None:
    print(f"dev.py: {text}", flush=True)


def fail(text: str) -> int:
    print(f"dev.py: {text}", file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
