"""What early stopping saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hyperopt_core.trial import Measurement, State, Trial

if TYPE_CHECKING:
    from hyperopt_core.history import History


@dataclass(frozen=True, slots=True)
class Savings:
    """Steps trained, and steps that full trainings of the trials stopped early would have taken on top."""

    trained: float  # steps in the sweep so far, over all trials
    saved: float
    stopped: int  # trials stopped early
    full: float | None  # steps of a full training; None where that is not known

    @property
    def share(self) -> float:
        """The part of all steps that was saved, 0..1."""
        total = self.trained + self.saved
        return self.saved / total if total else 0.0


def saved_steps(
    trials: Iterable[Trial], curves: Mapping[int, Sequence[Measurement]], full: float | None = None
) -> Savings:
    """How many steps early stopping saved against training every trial to its end.

    curves: trial number -> what it reported. full: the steps of a full training, in the unit of the reports; by default
    the largest step of a completed trial, and where none is completed nothing counts as saved.

    >>> trials = [Trial(0, state=State.COMPLETED), Trial(1, state=State.STOPPED)]
    >>> saved_steps(trials, {0: [Measurement(27, {})], 1: [Measurement(3, {})]})
    Savings(trained=30, saved=24, stopped=1, full=27)
    """
    rows = list(trials)
    last = {t.number: max((m.step for m in curves.get(t.number, ())), default=0) for t in rows}
    if full is None:
        full = max((last[t.number] for t in rows if t.state is State.COMPLETED), default=0) or None
    stopped = [last[t.number] for t in rows if t.state is State.STOPPED]
    saved = 0 if full is None else sum(max(full - step, 0) for step in stopped)
    return Savings(sum(last.values()), saved, len(stopped), full)


@dataclass(frozen=True, slots=True)
class Rung:
    """A step at which trials ended, or wait to go on."""

    step: float
    stopped: int  # trials that a scheduler stopped or paused there
    others: int  # that completed, failed or were cancelled there
    trained: float  # steps of all of them
    saved: float  # steps that full trainings of the stopped ones would have taken on top


def rungs(history: History) -> list[Rung]:
    """The steps at which trials ended, ascending; a trial without a report ended at step 0.

    The steps of a full training are those of `History.max_steps`, else the most that a completed trial has.

    >>> from hyperopt_core import Float, Optimizer
    >>> opt = Optimizer({"x": Float(0, 1)}, strategy="random", early_terminate="median", max_steps=9, seed=0)
    >>> for _ in range(9):
    ...     trial = opt.ask()
    ...     for step in range(1, 10):
    ...         if opt.report(trial, step=step, value=trial.params["x"]) != "continue":
    ...             break
    ...     opt.tell(trial)
    >>> sum(rung.stopped + rung.others for rung in rungs(opt.history))
    9
    """
    ended = [t for t in history.trials if t.state.ended or t.state is State.PAUSED]
    last = {t.number: history.last_step(t.number) for t in ended}
    full = history.max_steps or max((last[t.number] for t in ended if t.state is State.COMPLETED), default=0)
    found = []
    for step in sorted(set(last.values())):
        here = [t for t in ended if last[t.number] == step]
        stopped = sum(t.state in (State.STOPPED, State.PAUSED) for t in here)
        found.append(Rung(step, stopped, len(here) - stopped, step * len(here), max(full - step, 0) * stopped))
    return found
