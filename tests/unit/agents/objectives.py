"""Training functions that can be sent to other processes."""

from __future__ import annotations

import os
import signal
import time

from hyperopt_core import current_run
from hyperopt_core.agents.run import Run
from hyperopt_core.trial import Decision


def where(run: Run) -> dict[str, float]:
    """Says in which process it runs, and with how many BLAS threads."""
    assert current_run() is run
    return {"loss": run.params["x"], "pid": os.getpid(), "threads": float(os.environ.get("OMP_NUM_THREADS", "nan"))}


def shows_its_gpus(run: Run) -> dict[str, float]:
    """The ids that this process sees, one after the other, as a number."""
    assert (run.device, run.gpus) == ("cuda:0", ("2", "3"))
    return {"value": 1.0, "visible": float(os.environ["CUDA_VISIBLE_DEVICES"].replace(",", ""))}


def dies_once(run: Run) -> float:
    """Trial 1 is killed at its first attempt."""
    mark = run.checkpoint_dir / "tried"
    if run.number == 1 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return float(run.params["x"])


def waits_for_the_others(run: Run) -> float:
    """Trial 0 ends once another process has ended three trials."""
    folder, deadline = run.directory.parent, time.monotonic() + 20
    while run.number == 0 and len(list(folder.glob("*/ended"))) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    (run.directory / "ended").touch()
    return 1.0


def dies(run: Run) -> float:
    """No attempt survives."""
    os.kill(os.getpid(), signal.SIGKILL)
    return 0.0


def until_told(run: Run) -> float:
    """Trains until it is told to stop; Ctrl-C is not for it."""
    (run.checkpoint_dir / "started").write_text(str(os.getpid()))
    os.kill(os.getpid(), signal.SIGINT)
    while run.report(loss=1.0) is Decision.CONTINUE:
        time.sleep(0.02)
    return 1.0


def hangs(run: Run) -> float:
    """Never looks up."""
    (run.checkpoint_dir / "started").write_text(str(os.getpid()))
    time.sleep(60)
    return 0.0
