"""The agent loop: ask, train, finish, again. The same on a thread, in a process, on another machine."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from hyperopt_core.agents.gpus import device_of
from hyperopt_core.agents.interrupt import Interrupt, Level
from hyperopt_core.agents.limit import Limit
from hyperopt_core.agents.protocol import Evaluator, TrialSource
from hyperopt_core.agents.run import Run
from hyperopt_core.errors import StorageError, StorageLost, SweepEnded, SweepPaused, SweepStopped, TooEarly
from hyperopt_core.trial import Decision, State, Trial

_FIRST_POLL, _POLL = 0.01, 0.2  # seconds between looks at a paused sweep, or at other agents' last trials
_LONGEST_POLL = 5.0  # and at a storage that is out of reach
_PATIENCE = 600.0  # seconds for which an agent waits for such a storage
_PREEMPTIONS = 5  # failures of a trial that may be its machine's

log = logging.getLogger(__name__)


def work(
    source: TrialSource,
    evaluate: Evaluator,
    interrupt: Interrupt,
    slot: int = 0,
    limit: Limit | None = None,
    gpus: tuple[str, ...] = (),
) -> int:
    """Run trials one after the other until there are no more, or `limit` is reached; returns how many ended.

    gpus: the ids of those that each of them may use.
    """
    done = 0
    while interrupt.level is Level.NONE and (limit is None or limit.take(slot)):
        ended = False
        try:
            trial = _ask(source, interrupt, slot)
            if trial is None:
                break
            if interrupt.level is not Level.NONE:  # since it was asked for
                source.release(trial, "the agent was interrupted")
                break
            ended = run_trial(source, evaluate, interrupt, trial, gpus)
        finally:
            if limit is not None:
                limit.settle(slot, ended=ended)
        done += ended
    return done


def _ask(source: TrialSource, interrupt: Interrupt, slot: int) -> Trial | None:
    """The next trial, waited for where need be; None where there are no more.

    An agent stays while other agents' trials are open: one that they lose comes to those who are still there. It waits
    for a storage that is out of reach, too.
    """
    pause, away, reached = _FIRST_POLL, _POLL, time.monotonic()
    while interrupt.level is Level.NONE:
        try:
            try:
                return source.ask(slot)
            except SweepEnded as end:
                if isinstance(end, SweepStopped) or not source.open_count():
                    return None
        except TooEarly:
            continue  # `ask` has waited already
        except SweepPaused:
            pass
        except StorageLost:
            raise
        except StorageError as fault:
            if time.monotonic() - reached > _PATIENCE:
                raise
            log.warning("no new trial until the storage is there again: %s", fault)
            interrupt.wait(away)
            away = min(2 * away, _LONGEST_POLL)
            continue
        away, reached = _POLL, time.monotonic()
        interrupt.wait(pause)
        pause = min(1.1 * pause, _POLL)  # the end is seen soon after it has come, however long that took
    return None


def run_trial(
    source: TrialSource, evaluate: Evaluator, interrupt: Interrupt, trial: Trial, gpus: tuple[str, ...] = ()
) -> bool:
    """Train one trial and store how it ended; False where it was given back."""
    run = make_run(source, interrupt, trial, gpus)
    try:
        outcome = evaluate(run)
    except BaseException:
        source.release(trial, "the agent was interrupted")
        raise
    if outcome.state is State.WAITING and not outcome.failed:
        source.release(trial, outcome.reason)
        return False
    if run.preemptible and outcome.state is State.FAILED and outcome.error and trial.failures < _PREEMPTIONS:
        outcome = replace(outcome, state=State.WAITING, values=(), resume=source.spec.resumable)
    source.finish(trial, outcome)
    return True


def make_run(source: TrialSource, interrupt: Interrupt, trial: Trial, gpus: tuple[str, ...] = ()) -> Run:
    """What the trial's function or program holds."""
    return Run(
        trial.params,
        number=trial.number,
        next_step=trial.next_step,
        budget=trial.budget,
        device=device_of(gpus),
        gpus=gpus,
        alone=False,
        _directory=partial(source.trial_directory, trial),
        _report=partial(_report, source, interrupt, trial),
        _stop_reason=partial(_stop_reason, source, interrupt, trial),
    )


def _report(
    source: TrialSource,
    interrupt: Interrupt,
    trial: Trial,
    step: float | None,
    value: float | None,
    metrics: Mapping[str, float],
) -> Decision:
    decision = source.report(trial, step, value, metrics)
    return Decision.STOP if interrupt.level >= Level.END else decision


def _stop_reason(source: TrialSource, interrupt: Interrupt, trial: Trial) -> str:
    return "the agent was interrupted" if interrupt.level >= Level.END else source.stop_reason(trial)
