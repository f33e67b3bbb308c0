"""The agent loop: ask, train, finish, again. The same on a thread, in a process, on another machine."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from hyperopt_core.agents.interrupt import Interrupt, Level
from hyperopt_core.agents.protocol import Evaluator, TrialSource
from hyperopt_core.agents.run import Run
from hyperopt_core.errors import SweepEnded, SweepPaused, SweepStopped
from hyperopt_core.trial import Decision, State, Trial

_POLL = 0.2  # seconds between looks at a paused sweep, or at other agents' last trials


def work(
    source: TrialSource, evaluate: Evaluator, interrupt: Interrupt, slot: int = 0, limit: int | None = None
) -> int:
    """Run trials one after the other until there are no more, at most `limit`; returns how many ended.

    An agent stays while other agents' trials are open: one that they lose comes to those who are still there.
    """
    done = 0
    while interrupt.level is Level.NONE and (limit is None or done < limit):
        try:
            trial = source.ask(slot)
        except SweepPaused:
            interrupt.wait(_POLL)
            continue
        except SweepStopped:
            break
        except SweepEnded:
            if not source.open_count():
                break
            interrupt.wait(_POLL)
            continue
        done += run_trial(source, evaluate, interrupt, trial)
    return done


def run_trial(source: TrialSource, evaluate: Evaluator, interrupt: Interrupt, trial: Trial) -> bool:
    """Train one trial and store how it ended; False where it was given back."""
    try:
        outcome = evaluate(make_run(source, interrupt, trial))
    except BaseException:
        source.release(trial, "the agent was interrupted")
        raise
    if outcome.state is State.WAITING and not outcome.failed:
        source.release(trial, outcome.reason)
        return False
    source.finish(trial, outcome)
    return True


def make_run(source: TrialSource, interrupt: Interrupt, trial: Trial) -> Run:
    """What the trial's function or program holds."""
    return Run(
        trial.params,
        number=trial.number,
        next_step=trial.next_step,
        budget=trial.budget,
        directory=source.trial_directory(trial),
        alone=False,
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
