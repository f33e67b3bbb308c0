"""What is known of a sweep: trials and measurements, and the arrays that strategies learn from.

The only place where configurations are encoded. Arrays grow with what is new and are made when first asked for.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from hyperopt_core.space import SearchSpace
from hyperopt_core.space.notebook import html_table
from hyperopt_core.spec import Objective
from hyperopt_core.trial import Measurement, State, Trial

_LISTED, _COLUMNS = 5, 12  # trials and parameters in the table for notebooks


def best_trial(trials: Iterable[Trial], objective: Objective) -> Trial | None:
    """The incumbent: the best completed trial; one that was stopped or paused only where none is completed."""
    for state in (State.COMPLETED, State.STOPPED, State.PAUSED):
        known = [t for t in trials if t.state is state and t.value is not None and math.isfinite(t.value)]
        if known:
            return min(known, key=lambda t: (objective.to_minimize(t.value), t.number))  # type: ignore[arg-type]
    return None


def lacks_metric(trials: Iterable[Trial], objective: Objective) -> bool:
    """Whether nothing tells which trial is better: nobody named a metric, and those completed are without a value.

    >>> lacks_metric([Trial(0, state=State.COMPLETED, metrics={"acc": 0.9})], Objective(required=False))
    True
    """
    if objective.required:
        return False
    known = list(trials)
    return any(t.state is State.COMPLETED for t in known) and all(t.value is None for t in known)


class History:
    """Trials by number, their learning curves, and encoded views of both.

    `X` and `y` hold the completed trials with a finite value in the order in which they ended; `y` is to be minimised.
    """

    def __init__(
        self,
        space: SearchSpace,
        objective: Objective | None = None,
        seed: int = 0,
        max_steps: int | None = None,
        max_trials: int | None = None,
    ) -> None:
        self.space, self.objective, self.seed = space, objective or Objective(), seed
        self.max_steps = max_steps  # the steps of a full training, where they are known
        self.max_trials = max_trials  # how many trials the sweep may have, where that is limited
        self._trials: dict[int, Trial] = {}
        self._curves: dict[int, list[Measurement]] = {}
        self._completed: list[int] = []
        self._open: dict[State, set[int]] = {state: set() for state in State}  # numbers that have not ended
        self._coordinates: dict[int, np.ndarray] = {}
        self._traces: dict[int, tuple[int, np.ndarray, np.ndarray]] = {}  # number -> (reports then, steps, values)
        self._keys: dict[str, int] = {}
        self._unkeyed: list[int] = []  # trials with params whose key is not made yet
        self._X = _Rows(space.d)
        self._y = _Rows(1)

    # --- writing: the optimizer alone calls these --------------------------------------------------------------------

    def put(self, trial: Trial) -> None:
        """Take in the state of a trial, new or changed."""
        number, old = trial.number, self._trials.get(trial.number)
        self._trials[number] = trial
        if trial.params and (old is None or not old.params):
            self._unkeyed.append(number)
        if old is not None and old.base_attempt != trial.base_attempt:  # it begins from scratch
            kept = [m for m in self._curves.get(number, ()) if m.attempt >= trial.base_attempt]
            self._curves[number] = kept
            self._traces.pop(number, None)
        if old is not None:
            self._open[old.state].discard(number)
        if not trial.state.ended:
            self._open[trial.state].add(number)
        is_new = old is None or old.state is not State.COMPLETED
        if trial.state is State.COMPLETED and is_new and trial.value is not None and math.isfinite(trial.value):
            self._completed.append(number)

    def measure(self, number: int, measurement: Measurement) -> bool:
        """Take in a measurement; False where it belongs to an attempt that no longer counts."""
        trial = self._trials.get(number)
        if trial is None or measurement.attempt < trial.base_attempt:
            return False
        self._curves.setdefault(number, []).append(measurement)
        return True

    # --- trials ------------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._trials)

    def __getitem__(self, number: int) -> Trial:
        return self._trials[number]

    def __contains__(self, number: object) -> bool:
        return number in self._trials

    @property
    def trials(self) -> list[Trial]:
        """All trials by number."""
        return [self._trials[n] for n in sorted(self._trials)]

    @property
    def completed(self) -> list[Trial]:
        """The trials of `X` and `y`, row by row."""
        return [self._trials[n] for n in self._completed]

    @property
    def best(self) -> Trial | None:
        """The incumbent, see `best_trial`."""
        return best_trial(self._trials.values(), self.objective)

    def to_html(self, title: str = "") -> str:
        """The best trials as an HTML table, for notebooks."""
        counts = Counter(str(t.state) for t in self._trials.values())
        said = ", ".join(f"{n} {state}" for state, n in counts.most_common()) or "no trial yet"
        order = sorted(range(len(self.y)), key=lambda i: (self.y[i], self._completed[i]))
        best = [self._trials[self._completed[i]] for i in order[:_LISTED]]
        names = list(self.space.parameters)[:_COLUMNS]
        rows = [[t.number, t.value, *map(self.space.flatten(t.params).get, names)] for t in best]
        return html_table(f"{title}: {said}" if title else said, ["trial", self.objective.metric, *names], rows)

    _repr_html_ = to_html

    def open_numbers(self, *states: State) -> list[int]:
        """The numbers of trials in one of `states`, none of them ended; ascending."""
        return sorted(set().union(*(self._open[state] for state in states)))

    def curve(self, number: int) -> tuple[Measurement, ...]:
        """What a trial reported, in the order of its reports."""
        return tuple(self._curves.get(number, ()))

    def last_step(self, number: int) -> float:
        """The largest step that a trial reported; 0 for none."""
        return max((m.step for m in self._curves.get(number, ())), default=0)

    # --- arrays ------------------------------------------------------------------------------------------------------

    @property
    def X(self) -> np.ndarray:  # noqa: N802 - the field's name
        """Coordinates (n, d) of the completed trials, NaN where a parameter is inactive. Read only."""
        self._extend()
        return self._X.view()

    @property
    def y(self) -> np.ndarray:
        """Values (n,) of the completed trials, to be minimised. Read only."""
        self._extend()
        return self._y.view()[:, 0]

    @property
    def pending(self) -> np.ndarray:
        """Coordinates (q, d) of the trials whose result is not known yet."""
        return self._stack(n for n in self.open_numbers(*_PENDING) if self._trials[n].params)

    @property
    def failed(self) -> np.ndarray:
        """Coordinates (f, d) of the trials that failed, or completed without a finite value."""
        return self._stack(t.number for t in self.trials if t.params and _is_failure(t))

    @property
    def stopped(self) -> np.ndarray:
        """Coordinates (s, d) of the trials that were stopped early."""
        return self._stack(t.number for t in self.trials if t.params and t.state is State.STOPPED)

    def points(self, numbers: Iterable[int]) -> np.ndarray:
        """Coordinates (n, d) of these trials."""
        return self._stack(numbers)

    def trace(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """A trial's learning curve: steps (r,), ascending, and values (r,) of the objective, to be minimised.

        Of several reports at one step the first counts; values that are not finite are left out. A completed trial
        ends in the value that it was told.
        """
        curve, trial = self._curves.get(number, []), self._trials[number]
        told = trial.value if trial.state is State.COMPLETED else None
        kept = self._traces.get(number)
        if kept is None or kept[0] != len(curve):
            name = self.objective.metric
            found: dict[float, float] = {}
            for m in curve:
                value = m.metrics.get(name)
                if value is not None and math.isfinite(value):
                    found.setdefault(m.step, self.objective.to_minimize(value))
            at = sorted(found)
            kept = (len(curve), np.array(at, dtype=float), np.array([found[step] for step in at]))
            self._traces[number] = kept
        _, steps, values = kept
        if told is not None and math.isfinite(told) and len(values):
            values = np.append(values[:-1], self.objective.to_minimize(told))
        return steps, values

    def has(self, params: Mapping[str, Any]) -> bool:
        """Whether a trial has had these clean `params`."""
        return self.space.key(params) in self._known_keys()

    def seen(self, u: np.ndarray) -> bool:
        """Whether the point at coordinates `u` (d,) has been a trial."""
        return self.has(self.space.decode(u))

    @property
    def distinct(self) -> int:
        """How many different points have been trials."""
        return len(self._known_keys())

    def _known_keys(self) -> dict[str, int]:
        for number in self._unkeyed:
            self._keys.setdefault(self.space.key(self._trials[number].params), number)
        self._unkeyed.clear()
        return self._keys

    def _extend(self) -> None:
        for number in self._completed[len(self._y) :]:
            value = self._trials[number].value
            assert value is not None
            self._X.append(self._encoded(number))
            self._y.append(np.array([self.objective.to_minimize(value)]))

    def _encoded(self, number: int) -> np.ndarray:
        if number not in self._coordinates:
            self._coordinates[number] = self.space.encode([self._trials[number].params])[0]
        return self._coordinates[number]

    def _stack(self, numbers: Iterable[int]) -> np.ndarray:
        rows: Sequence[np.ndarray] = [self._encoded(n) for n in numbers]
        return np.array(rows) if rows else np.empty((0, self.space.d))


def _is_failure(trial: Trial) -> bool:
    if trial.state is State.COMPLETED:
        return trial.value is None or not math.isfinite(trial.value)
    return trial.state is State.FAILED


_PENDING = tuple(state for state in State if state.pending)


class _Rows:
    """A matrix that grows at its end in amortised constant time."""

    def __init__(self, width: int) -> None:
        self._data, self._count = np.empty((16, width)), 0

    def __len__(self) -> int:
        return self._count

    def append(self, row: np.ndarray) -> None:
        if self._count == len(self._data):
            self._data = np.concatenate([self._data, np.empty_like(self._data)])
        self._data[self._count] = row
        self._count += 1

    def view(self) -> np.ndarray:
        out = self._data[: self._count]
        out.flags.writeable = False
        return out
