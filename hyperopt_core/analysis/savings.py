"""What early stopping saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hyperopt_core.trial import Measurement, State, Trial


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
