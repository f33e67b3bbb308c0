"""The search itself: ask for a trial, train it step by step, tell; as many trials at a time as there are workers."""

from __future__ import annotations

import math
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any

from hyperopt_core import Decision, Optimizer, Sweep, SweepEnded
from hyperopt_sklearn.folds import Candidate, Steps
from hyperopt_sklearn.spaces import ParamSpace
from hyperopt_sklearn.workers import Workers


class Trials:
    """All candidates of one search. source: where trials come from. metric: the score to maximize, or the first."""

    def __init__(
        self, source: Optimizer | Sweep, space: ParamSpace, steps: Steps, n_trials: int, metric: str | None
    ) -> None:
        self.source, self.space, self.steps, self.n_trials = source, space, steps, n_trials
        self.metric = metric
        self.candidates: dict[int, Candidate] = {}

    @property
    def all(self) -> list[Candidate]:
        """The candidates by number."""
        return [self.candidates[number] for number in sorted(self.candidates)]

    def run(self, workers: Workers) -> None:
        """Search to the end; at least one candidate is trained to its end, unless all fail."""
        running: dict[Future[Any], Candidate] = {}

        def submit(candidate: Candidate) -> None:
            running[workers.submit(self.steps.job(candidate))] = candidate

        while True:
            while len(running) < workers.count and (found := self._ask()) is not None:
                submit(found)
            if not running:
                break
            ended, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in sorted(ended, key=lambda f: running[f].trial.number):
                candidate = running.pop(future)
                if self._take(candidate, future.result()):
                    submit(candidate)
        self._complete_one()

    def state(self, candidate: Candidate) -> str:
        """What became of it: completed, stopped or failed."""
        if not math.isfinite(self.value(candidate)):
            return "failed"
        return "completed" if candidate.steps == self.steps.count else "stopped"

    def value(self, candidate: Candidate) -> float:
        """The mean of the score to maximize, over the folds so far."""
        means = candidate.means()
        return means[self.metric] if self.metric in means else next(iter(means.values()))

    def _ask(self) -> Candidate | None:
        """A candidate that begins or goes on; None where there is none for now."""
        source = self.source
        try:
            trial = source.ask() if isinstance(source, Sweep) else source.ask(len(self.candidates) < self.n_trials)
        except SweepEnded:
            return None
        candidate = self.candidates.setdefault(trial.number, Candidate(trial, self.space.params(trial.params)))
        candidate.trial = trial  # a new attempt, where it goes on
        return candidate

    def _take(self, candidate: Candidate, result: Any) -> bool:
        """Learn from a step; whether the candidate goes on."""
        self.steps.take(candidate, result)
        decision = self.source.report(candidate.trial, candidate.steps, self.value(candidate), candidate.means())
        if decision is Decision.CONTINUE and candidate.steps < self.steps.count:
            return True
        self.source.tell(candidate.trial)
        if decision is not Decision.PAUSE:
            candidate.models = None
        return False

    def _complete_one(self) -> None:
        """See the one that came furthest to its end where none did: a best score is always that of a full training."""
        by_state = {state: [c for c in self.candidates.values() if self.state(c) == state] for state in _STATES}
        if by_state["completed"] or not by_state["stopped"]:
            return
        furthest = max(by_state["stopped"], key=lambda c: (c.steps, self.value(c), -c.trial.number))
        while self.state(furthest) == "stopped":
            self.steps.take(furthest, self.steps.job(furthest)())


_STATES = ("completed", "stopped", "failed")
