"""The trial of this process, wherever it comes from.

A program that an agent has started finds it by the environment; `wandb.agent(function=...)` enters one trial after the
other in its own process; a process that one of these starts, or forks, joins its parent's trial.
"""

from __future__ import annotations

import base64
import os
import pickle
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._record import Recorder

if TYPE_CHECKING:
    from hyperopt_core import Run

_JOIN = "HYPEROPT_WANDB_TRIAL"  # how a child of a function's trial joins it
_METRIC = "HYPEROPT_WANDB_METRIC"
_HOME = "HYPEROPT_WANDB_HOME"


class Trial:
    """What this process trains: a run of hyperopt_core, and the record of what is logged for it."""

    def __init__(self, run: Run, sweep: str, metric: str) -> None:
        self.run, self.sweep, self.alone, self.pid = run, sweep, run.alone, os.getpid()
        self.record = Recorder(run, metric)
        self.failed = False  # whether its last `init` was finished with an exit code

    @property
    def params(self) -> dict[str, Any]:
        """The swept values."""
        return dict(self.run.params)

    @property
    def id(self) -> str:
        """A short text, usable as a file name."""
        return f"{slug(self.sweep)}-{self.run.number}" if self.sweep else f"run-{os.getpid()}"

    def folder(self) -> Path:
        """For the files of its runs; it exists."""
        path = self.run.directory / "wandb" if not self.alone else Path.cwd() / "wandb" / self.id
        path.mkdir(parents=True, exist_ok=True)
        return path.absolute()


_current: Trial | None = None


def current() -> Trial:
    """The trial of this process; one alone, which records nothing, where there is no sweep."""
    global _current
    if _current is None or _current.pid != os.getpid():
        _current = _found()
    return _current


def started_by_agent() -> bool:
    """Whether this program, or the one that started it, is one trial's: it takes no others."""
    return not current().alone


@contextmanager
def entered(run: Run, sweep: str, metric: str) -> Iterator[Trial]:
    """Make `run` the trial of this process, and of all that it starts."""
    global _current
    trial = _current = Trial(run, sweep, metric)
    ours = {
        _JOIN: base64.b64encode(pickle.dumps(run)).decode(),
        _METRIC: metric,
        "WANDB_SWEEP_ID": slug(sweep),
        "WANDB_RUN_ID": trial.id,
        "HYPEROPT_CORE_SWEEP": sweep,
    }
    before = dict(os.environ)
    os.environ.update(ours)
    try:
        yield trial
    finally:
        _current = None
        # What the program has set of W&B's in one trial must not be there in the next.
        for name in [name for name in os.environ if name in ours or name.startswith("WANDB_")]:
            del os.environ[name]
        os.environ.update({name: before[name] for name in before if name in ours or name.startswith("WANDB_")})


def slug(name: str) -> str:
    """`name` as W&B's ids look: no slashes, no spaces."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.") or "sweep"


def core() -> Any:
    """The package hyperopt_core; of the agent where this Python has none of its own."""
    try:
        import hyperopt_core
    except ImportError:
        home = os.environ.get(_HOME)
        if home is None:
            raise
        sys.path.append(home)
        try:
            import hyperopt_core
        finally:
            sys.path.remove(home)
    return hyperopt_core


def _found() -> Trial:
    package = core()  # also what unpickling needs
    shared = os.environ.get(_JOIN)
    run = pickle.loads(base64.b64decode(shared)) if shared else package.current_run()
    sweep = "" if run.alone else os.environ.get("HYPEROPT_CORE_SWEEP", "sweep")
    trial = Trial(run, sweep, os.environ.get(_METRIC, ""))
    if not run.alone:
        os.environ.setdefault("WANDB_SWEEP_ID", slug(sweep))
        os.environ.setdefault("WANDB_RUN_ID", trial.id)
    return trial
