"""What one step of a trial is: a fold, or an epoch on all folds; each as a job for a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from inspect import signature
from typing import Any, Protocol

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.model_selection._validation import _fit_and_score
from sklearn.pipeline import Pipeline

from hyperopt_core import ConfigError, Trial

Result = dict[str, Any]  # of a fold: test_scores, fit_time, ...


@dataclass
class Candidate:
    """A trial and what is known of it."""

    trial: Trial
    params: dict[str, Any]
    results: list[Result] = field(default_factory=list)  # fold by fold
    steps: int = 0
    models: Sequence[Any] | None = None  # of each fold, where training goes on by epochs

    def means(self) -> dict[str, float]:
        """Metric -> the mean over its folds of the test score; "score" where there is only one."""
        scores = [r["test_scores"] for r in self.results]
        names = next((s for s in scores if isinstance(s, Mapping)), ("score",))
        # Where a fold failed, a number may stand for all of its scores.
        return {n: float(np.mean([s[n] if isinstance(s, Mapping) else s for s in scores])) for n in names}


class Steps(Protocol):
    """How trials are trained."""

    count: int  # steps of a full training
    X: Any
    y: Any

    def job(self, candidate: Candidate) -> Callable[[], Any]:
        """The next step of a candidate, to be run anywhere."""

    def take(self, candidate: Candidate, result: Any) -> None:
        """Keep what a job gave."""

    def refit(self, model: Any, X: Any, y: Any, fit_params: Mapping[str, Any]) -> None:
        """Train a model on all data as trials were on theirs."""


class Folds:
    """A step is a fold, on which the estimator is fitted and scored."""

    def __init__(self, base: Any, X: Any, y: Any, splits: Sequence[Any], options: Mapping[str, Any]) -> None:
        self.base, self.X, self.y, self.splits, self.options = base, X, y, splits, options
        self.count = len(splits)

    def job(self, candidate: Candidate) -> Callable[[], Any]:
        train, test = self.splits[candidate.steps]
        progress = (candidate.steps, self.count)
        job = partial(_fit_and_score, clone(self.base), self.X, self.y, train=train, test=test, split_progress=progress)
        return partial(job, parameters=candidate.params, **self.options)

    def take(self, candidate: Candidate, result: Any) -> None:
        candidate.results.append(result)
        candidate.steps += 1

    def refit(self, model: Any, X: Any, y: Any, fit_params: Mapping[str, Any]) -> None:
        model.fit(X, **fit_params) if y is None else model.fit(X, y, **fit_params)


class Epochs:
    """A step is an epoch of `partial_fit` on every fold, and the mean over all folds is what is compared."""

    def __init__(
        self, base: Any, X: Any, y: Any, splits: Sequence[Any], options: Mapping[str, Any], max_epochs: int
    ) -> None:
        if not hasattr(_last(base), "partial_fit"):
            raise ConfigError(f"max_epochs is {max_epochs}, but {type(_last(base)).__name__} has no partial_fit")
        self.base, self.X, self.y, self.splits, self.options = base, X, y, splits, options
        self.count = max_epochs
        self._classes = np.unique(y) if y is not None and is_classifier(base) else None

    def job(self, candidate: Candidate) -> Callable[[], Any]:
        models = candidate.models
        if models is None:  # it begins
            candidate.steps, candidate.results = 0, []
            params = [clone(candidate.params, safe=False) for _ in self.splits]
            models = [clone(self.base).set_params(**own) for own in params]
        return partial(_epoch, models, self.X, self.y, self.splits, candidate.params, self._classes, self.options)

    def take(self, candidate: Candidate, result: Any) -> None:
        models, folds = result
        for before, now in zip(candidate.results, folds, strict=False):
            now["fit_time"] += before["fit_time"]
            now["score_time"] += before["score_time"]
        candidate.steps += 1
        candidate.results = folds
        candidate.models = None if candidate.steps == self.count else models

    def refit(self, model: Any, X: Any, y: Any, fit_params: Mapping[str, Any]) -> None:
        with _trained_by_epochs(model, self._classes):
            for _ in range(self.count):
                model.fit(X, y, **fit_params)


def _epoch(
    models: Sequence[Any],
    X: Any,
    y: Any,
    splits: Sequence[Any],
    params: Mapping[str, Any],
    classes: Any,
    options: Mapping[str, Any],
) -> tuple[Sequence[Any], list[Result]]:
    """Train each fold's model an epoch further; ends at the first fold that fails."""
    results: list[Result] = []
    for model, (train, test) in zip(models, splits, strict=True):
        with _trained_by_epochs(model, classes):
            results.append(_fit_and_score(model, X, y, train=train, test=test, parameters={}, **options))
        if results[-1]["fit_error"] is not None:
            break
    return models, results


@contextmanager
def _trained_by_epochs(model: Any, classes: Any) -> Iterator[None]:
    """Within it `fit` is an epoch of `partial_fit`, so that scikit-learn's own code fits, times, scores and reports."""
    model.fit = partial(_partial_fit, model, classes)
    try:
        yield
    finally:
        del model.fit


def _partial_fit(model: Any, classes: Any, X: Any, y: Any = None, **fit_params: Any) -> Any:
    """An epoch; the steps of a pipeline before its last are fitted once, on the first."""
    last = _last(model)
    if isinstance(model, Pipeline):
        fit_params = {name.removeprefix(f"{model.steps[-1][0]}__"): value for name, value in fit_params.items()}
        if len(model) > 1:
            before = model[:-1]
            began = hasattr(model, "_epochs_began")
            X = before.transform(X) if began else before.fit_transform(X, y)
            model.steps[:-1] = before.steps  # which a cache may have replaced
            model._epochs_began = True
    if classes is not None and "classes" in signature(last.partial_fit).parameters:
        fit_params = {"classes": classes, **fit_params}
    last.partial_fit(X, y, **fit_params)
    return model


def _last(model: Any) -> Any:
    return model.steps[-1][1] if isinstance(model, Pipeline) else model
