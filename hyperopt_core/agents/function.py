"""The evaluator of a Python function: what `sweep.run(objective)` calls."""

from __future__ import annotations

import numbers
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from hyperopt_core.agents.interrupt import Interrupt, Level
from hyperopt_core.agents.protocol import TrialSource
from hyperopt_core.agents.run import Run
from hyperopt_core.errors import InvalidTrial
from hyperopt_core.trial import Outcome, State, Trial

#: A training function: takes the run, returns the objective's value, a mapping of metrics, or None (the last report).
Objective = Callable[[Run], float | Mapping[str, Any] | None]


class FunctionEvaluator:
    """Calls `objective(run)` in this thread; an exception fails the trial and nothing else."""

    def __init__(self, source: TrialSource, objective: Objective, interrupt: Interrupt) -> None:
        self._source, self._objective, self._interrupt = source, objective, interrupt

    def __call__(self, run: Run) -> Outcome:
        trial = Trial(run.number)
        try:
            returned = self._objective(run)
            value, metrics = _unpack(returned)
            if self._interrupt.level >= Level.END and run.should_stop:
                return Outcome(State.WAITING, reason="the agent was interrupted")
            return self._source.settle(trial, value, metrics=metrics)
        except Exception:  # the user's code may raise anything; KeyboardInterrupt and SystemExit are not its result
            return self._source.settle(trial, error=traceback.format_exc())

    def close(self) -> None:
        """Nothing is shared."""


def _unpack(returned: Any) -> tuple[float | None, Mapping[str, float]]:
    if returned is None:
        return None, {}
    if isinstance(returned, Mapping):
        return None, {k: v for k, v in returned.items() if isinstance(v, numbers.Real) or hasattr(v, "__float__")}
    try:
        return float(returned), {}
    except (TypeError, ValueError):
        raise InvalidTrial(
            f"the objective returned {returned!r}: return its value, a mapping of metrics, or None after reports"
        ) from None
