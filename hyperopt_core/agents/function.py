"""The evaluator of a Python function: what `sweep.run(objective)` calls."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from typing import Any

from hyperopt_core.agents.current import running
from hyperopt_core.agents.failures import named
from hyperopt_core.agents.interrupt import Interrupt
from hyperopt_core.agents.protocol import TrialSource
from hyperopt_core.agents.run import Run
from hyperopt_core.errors import InvalidTrial
from hyperopt_core.trial import Outcome, Trial, as_float

#: A training function: takes the run, returns the objective's value, a mapping of metrics, or None (the last report).
Objective = Callable[[Run], float | Mapping[str, Any] | None]


class FunctionEvaluator:
    """Calls `objective(run)` in this thread; an exception fails the trial and nothing else."""

    def __init__(self, source: TrialSource, interrupt: Interrupt, objective: Objective) -> None:
        self._source, self._interrupt, self._objective = source, interrupt, objective

    def __call__(self, run: Run) -> Outcome:
        return self._interrupt.cut_short(run, self._train(run))

    def _train(self, run: Run) -> Outcome:
        trial = Trial(run.number)
        try:
            with running(run):
                value, metrics = _unpack(self._objective(run), self._source.spec.objective.metric)
            return self._source.settle(trial, value, metrics={**run.summary, **metrics})
        except Exception:  # the user's code may raise anything; KeyboardInterrupt is not its result
            return self._source.settle(trial, error=named(_told_in_one_line(traceback.format_exc())))
        except SystemExit as leaving:  # argparse, or a program's main(), called as a function
            if leaving.code in (None, 0):
                return self._source.settle(trial, metrics=run.summary)
            return self._source.settle(trial, error=f"the objective called sys.exit({leaving.code!r})")

    def close(self) -> None:
        """Nothing is shared."""


def _told_in_one_line(trace: str) -> str:
    """A traceback with its last line first: the first line is what tables show."""
    return f"{trace.strip().splitlines()[-1]}\n\n{trace}"


def _unpack(returned: Any, metric: str) -> tuple[float | None, Mapping[str, float]]:
    """The objective's value and the metrics in what a training function returned. Raises `InvalidTrial`."""
    if returned is None:
        return None, {}
    if not isinstance(returned, Mapping):
        try:
            return float(returned), {}
        except (TypeError, ValueError, OverflowError):
            raise InvalidTrial(
                f"the objective returned {returned!r}: return its value, a mapping of metrics, or None after reports"
            ) from None
    if metric in returned:
        as_float(returned[metric], metric)
    known = {str(name): _number(value) for name, value in returned.items()}
    return None, {name: value for name, value in known.items() if value is not None}


def _number(value: Any) -> float | None:
    """A metric as a float; None for the rest of what training functions return: texts, arrays, models."""
    if isinstance(value, str | bytes):
        return None
    try:
        return float(value)
    except Exception:  # somebody else's `__float__`
        return None
