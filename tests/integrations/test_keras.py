"""hyperopt_keras on two backends. A process has one, so `keras_cases.py` runs once in a process for each."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.integrations.harness import ROOT


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "torch"])
def test_on(backend: str) -> None:
    cases = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/integrations/keras_cases.py"],
        env=os.environ | {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert cases.returncode == 0, cases.stdout + cases.stderr
