"""`wandb.sweep` and `wandb.agent`: sweeps that a program creates and runs itself, in the storage of hyperopt_core."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from contextlib import suppress
from typing import Any

from . import _session, _trial
from ._ignored import warn, warn_once
from ._record import Stopped
from ._values import mapping
from .errors import UsageError

_STORAGE = "HYPEROPT_CORE_STORAGE"
_NAME = "HYPEROPT_WANDB_NAME"  # of the sweep that goes on, where the user named one
_STARTED = "HYPEROPT_WANDB_STARTED"  # when the command was given: trials before that are counted in
_MADE = (
    "HYPEROPT_WANDB_SWEEPS"  # of this program, line by line: a spawned child, which imports it anew, makes no others
)
_DEFAULT_STORAGE = "sqlite:///sweeps.db"

_turn = threading.RLock()  # a function that calls `agent` within its trial has it already
_inherited = os.environ.get(_MADE, "").splitlines()
_calls = 0
_counted: dict[str, int] = {}  # sweep -> earlier trials that agents of this process have counted in


def sweep(
    sweep: Mapping[str, Any] | Callable[[], Mapping[str, Any]],
    entity: str | None = None,
    project: str | None = None,
    prior_runs: Any = None,
) -> str:
    """Create a sweep and return its id; within a trial, that of the trial's sweep.

    Raises `hyperopt_core.ConfigError` for a faulty configuration, with every fault.
    """
    global _calls
    if _trial.started_by_agent():
        return _trial.slug(_trial.current().sweep)
    if prior_runs:
        warn_once("sweep(prior_runs=...) is ignored: `hyperopt-core import` takes in earlier runs")
    config = mapping(sweep() if callable(sweep) else sweep)
    _calls += 1
    if _calls <= len(_inherited):
        return _inherited[_calls - 1]
    name = _create(config, project)
    os.environ[_MADE] = "\n".join([*filter(None, [os.environ.get(_MADE)]), name])
    return name


def _create(config: Mapping[str, Any], project: str | None) -> str:
    core = _trial.core()
    wanted = os.environ.get(_NAME)
    program = os.path.splitext(os.path.basename(sys.argv[0]))[0]
    base = wanted or _trial.slug(str(config.get("name") or program or "sweep"))
    nth = sum(1 for _ in os.environ.get(_MADE, "").splitlines()) if wanted else 0  # a second sweep is NAME-2
    while True:
        name = base if nth == 0 else f"{base}-{nth + 1}"
        with suppress(core.errors.SweepExists), core.Sweep.create({**config, "name": name}, storage(), name) as made:
            warn(f"created sweep {name} in {made.url}")
            return name
        if wanted:
            return _go_on(core, config, name)
        nth += 1


def _go_on(core: Any, config: Mapping[str, Any], name: str) -> str:
    """The sweep that is there. Raises `ConfigError` where it has another configuration."""
    with core.Sweep.open(name, storage()) as found:
        found.update(core.Optimizer.from_config({"seed": found.spec.seed, **config}).spec)
        warn(f"sweep {name} in {found.url} goes on after {len(found.trials)} trials")
    return name


def agent(
    sweep_id: str,
    function: Callable[[], Any] | None = None,
    entity: str | None = None,
    project: str | None = None,
    count: int | None = None,
    **ignored: Any,
) -> None:
    """Run trials of a sweep here: `function` once each, or the sweep's program; at most `count`, or until it ends.

    Within a trial `function` is called once, for that one. Agents on several threads take turns, whole agents: there is
    one `wandb.run` in a process.
    """
    if not _turn.acquire(blocking=False):
        warn_once("another agent of this process is at work: this one waits for its end")
        _turn.acquire()
    try:
        _take_part(sweep_id, function, count)
    finally:
        _turn.release()


def _take_part(sweep_id: str, function: Callable[[], Any] | None, count: int | None) -> None:
    if _trial.started_by_agent():
        if function is not None:
            function()
        return
    name = sweep_id.rpartition("/")[2]
    with _trial.core().Sweep.open(name, storage()) as opened:
        limit = _left_of(count, opened)
        if limit == 0:
            warn(f"sweep {name} has had its {count} trials")
        elif function is None:
            _run_program(name, limit)
        else:
            metric = opened.spec.objective.metric
            opened.run(_Objective(function, name, metric), executor=_Here(), limit=limit)
        warn(f"sweep {name}: {_result(opened)}")


def _result(sweep: Any) -> str:
    best = sweep.best
    if best is not None:
        return f"the best value is {best.value!r} of trial {best.number}"
    reasons = [f": trial {trial.number} {trial.state}: {trial.reason}" for trial in sweep.trials if trial.reason]
    if not reasons and not sweep.spec.objective.required:
        return "no trial is the best, as the sweep names no metric"
    return "no value" + (reasons[-1] if reasons else "")


def _left_of(count: int | None, sweep: Any) -> int | None:
    """`count`, less the trials that a sweep which goes on has had before."""
    started = float(os.environ.get(_STARTED, "inf"))
    if count is None or not os.environ.get(_NAME):
        return count
    earlier = sum(t.state.ended and (t.ended_at or 0) < started for t in sweep.trials)
    spent = min(count, earlier - _counted.get(sweep.name, 0))
    _counted[sweep.name] = _counted.get(sweep.name, 0) + spent
    return count - spent


def _run_program(name: str, limit: int | None) -> None:
    command = [sys.executable, "-m", "hyperopt_core.cli", "agent", name, "--wandb", "--storage", storage()]
    code = subprocess.run([*command, *([] if limit is None else ["--limit", str(limit)])], check=False).returncode
    if code:
        raise UsageError(f"the agent of sweep {name!r} ended with exit code {code}")


class _Objective:
    """Calls a W&B function for each trial."""

    def __init__(self, function: Callable[[], Any], sweep: str, metric: str) -> None:
        self._function, self._sweep, self._metric = function, sweep, metric

    def __call__(self, run: Any) -> None:
        with _trial.entered(run, self._sweep, self._metric) as trial:
            warn(f"trial {run.number} of sweep {self._sweep}: {trial.params}")
            try:
                try:
                    self._function()
                except Stopped:
                    trial.failed = False
                finally:
                    _session.end_trial()
            except Exception:
                traceback.print_exc()
                raise
            if trial.failed:
                raise UsageError("the function finished its run with an exit code")


class _Here(Executor):
    """Runs the agent in the thread that calls, as signals and frameworks like it best."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        """The result, there already."""
        future: Future[Any] = Future()
        try:
            future.set_result(function(*args, **named))
        except BaseException as error:
            future.set_exception(error)
        return future


def storage() -> str:
    """Where sweeps are kept."""
    return os.environ.get(_STORAGE, _DEFAULT_STORAGE)
