"""`HyperoptSearchCV`: the protocol of scikit-learn's searches over hyperparameters, with trials that are stopped early.

scikit-learn has no public base class for searches: this uses its own, and is tested with 1.5 and the newest.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.base import _fit_context, clone, is_classifier
from sklearn.metrics._scorer import _MultimetricScorer
from sklearn.model_selection import check_cv
from sklearn.model_selection._search import BaseSearchCV
from sklearn.model_selection._validation import _insert_error_scores, _warn_or_raise_about_fit_failures
from sklearn.utils import check_random_state, indexable
from sklearn.utils.validation import _check_method_params

from hyperopt_core import ConfigError, Optimizer, Sweep, Trial
from hyperopt_sklearn.folds import Epochs, Folds, Steps
from hyperopt_sklearn.results import cv_results
from hyperopt_sklearn.spaces import ParamSpace
from hyperopt_sklearn.trials import Trials
from hyperopt_sklearn.workers import Workers


class HyperoptSearchCV(BaseSearchCV):  # type: ignore[misc]
    """A search over hyperparameters by cross-validation that learns from its trials.

    Used as scikit-learn's `RandomizedSearchCV`; what that documents holds here where nothing else is said.

    param_space: a `SearchSpace`, or a mapping from parameters (``step__param`` too) to ours (`Float(1e-5, 1,
    log=True)`), W&B's mappings, lists or scipy distributions; or a list of such mappings. n_trials: how many
    configurations to try; fewer where the space is used up. strategy: see `Optimizer`.

    early_terminate: None, "asha", "median" or another scheduler. A step is a fold: a trial is compared by the mean over
    its folds so far. max_epochs: a step is an epoch instead, of the estimator's `partial_fit` on all folds, and a full
    training, the refit too, has so many. Trials that were stopped have NaN for their mean in `cv_results_`, rank last
    and are never best; `cv_results_` also has `trial_state`, `trial_steps` and `trial_reason`.

    storage, name: keep the trials as a sweep too, see `Sweep.create`. With one worker the search is a function of
    random_state; with more, what is learnt when depends on which trial ends first.

    Raises `ConfigError` for a space or options that do not fit together, and what scikit-learn raises.

    >>> from sklearn.datasets import load_iris
    >>> from sklearn.svm import SVC
    >>> from hyperopt_core import Float
    >>> search = HyperoptSearchCV(SVC(), {"C": Float(1e-2, 1e2, log=True)}, n_trials=4, random_state=0)
    >>> bool(search.fit(*load_iris(return_X_y=True)).best_score_ > 0.9)
    True
    """

    _required_parameters = ("estimator", "param_space")

    def __init__(
        self,
        estimator: Any,
        param_space: Any,
        *,
        n_trials: int = 10,
        strategy: Any = "auto",
        early_terminate: Any = None,
        max_epochs: int | None = None,
        scoring: Any = None,
        n_jobs: int | None = None,
        refit: Any = True,
        cv: Any = None,
        random_state: Any = None,
        verbose: int = 0,
        error_score: Any = np.nan,
        return_train_score: bool = False,
        storage: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(
            estimator=estimator,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.param_space = param_space
        self.n_trials = n_trials
        self.strategy = strategy
        self.early_terminate = early_terminate
        self.max_epochs = max_epochs
        self.random_state = random_state
        self.storage = storage
        self.name = name

    @_fit_context(prefer_skip_nested_validation=False)  # type: ignore[untyped-decorator, unused-ignore]
    def fit(self, X: Any, y: Any = None, **params: Any) -> HyperoptSearchCV:
        """Search, then train the best configuration on all data (where `refit` says so).

        X: (n, p), y: (n,) or (n, q); params: for the estimator's `fit`, the scorer and the splitter, as scikit-learn
        routes them; `groups` and `sample_weight` are known without routing.
        """
        scorers, metric = self._get_scorers()
        X, y = indexable(X, y)
        params = _check_method_params(X, params=params)
        routed = self._get_routed_params_for_fit(params)
        steps = self._steps(X, y, routed, scorers)
        names = scorers._scorers if isinstance(scorers, _MultimetricScorer) else None
        guide = metric if names is None or isinstance(self.refit, str) else next(iter(names))
        self._keep(self._search(steps, None if callable(self.scoring) else guide), metric)
        if self.refit:
            self._refit(steps, X, y, routed.estimator.fit)
        self.scorer_ = scorers if names is None else names
        return self

    def _steps(self, X: Any, y: Any, routed: Any, scorers: Any) -> Steps:
        cv = check_cv(self.cv, y, classifier=is_classifier(self.estimator))
        splits = list(cv.split(X, y, **routed.splitter.split))
        self.n_splits_ = cv.get_n_splits(X, y, **routed.splitter.split)
        if len(splits) != self.n_splits_ or not splits:
            raise ValueError(
                f"cv.split and cv.get_n_splits returned inconsistent results: {len(splits)} and {self.n_splits_} splits"
            )
        options = {
            "scorer": scorers,
            "fit_params": routed.estimator.fit,
            "score_params": routed.scorer.score,
            "return_train_score": self.return_train_score,
            "return_n_test_samples": True,
            "return_times": True,
            "error_score": self.error_score,
            "verbose": self.verbose,
        }
        base = clone(self.estimator)
        if self.max_epochs is None:
            return Folds(base, X, y, splits, options)
        return Epochs(base, X, y, splits, options, self.max_epochs)

    def _search(self, steps: Steps, guide: str | None) -> Trials:
        if not isinstance(self.n_trials, Integral) or self.n_trials < 1:
            raise ConfigError(f"n_trials is {self.n_trials!r}: a whole number of 1 or more is needed")
        space = ParamSpace(self.param_space)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        if isinstance(self.refit, str):
            guide = self.refit
        source = self._source(space, guide or "score", steps.count, seed)
        if self.verbose > 0:
            kind = "fold" if self.max_epochs is None else "epoch"
            print(f"Training up to {steps.count} {kind}s of each of {self.n_trials} candidates")
        try:
            with Workers(self.n_jobs) as workers:
                steps.X, steps.y = workers.share((steps.X, steps.y))
                trials = Trials(source, space, steps, self.n_trials, guide)
                trials.run(workers)
            self.trials_: list[Trial] = source.trials
        finally:
            if isinstance(source, Sweep):
                source.close()
        return trials

    def _source(self, space: ParamSpace, metric: str, max_steps: int, seed: int) -> Optimizer | Sweep:
        if self.storage is None:
            return Optimizer(
                space.space,
                self.strategy,
                self.early_terminate,
                "maximize",
                metric=metric,
                seed=seed,
                max_steps=max_steps,
                resumable=True,
            )
        hyperband = self.early_terminate == "hyperband"  # which a sweep file takes for W&B's rule of that name
        config = {
            "method": self.strategy,
            "early_terminate": {"type": "hyperband", "min_steps": 1} if hyperband else self.early_terminate,
            "metric": {"name": metric, "goal": "maximize"},
            "run_cap": self.n_trials,
            "seed": seed,
            "max_steps": max_steps,
            "resumable": True,
        }
        given = {key: value for key, value in config.items() if value is not None}
        return Sweep.create(given | space.space.to_dict(), self.storage, self.name)

    def _keep(self, trials: Trials, metric: Any) -> None:
        """The results, and which candidate is the best."""
        candidates = trials.all
        ran = [result for candidate in candidates for result in candidate.results]
        _warn_or_raise_about_fit_failures(ran, self.error_score)
        if callable(self.scoring):
            _insert_error_scores(ran, self.error_score)
        scores = ran[0]["test_scores"]
        self.multimetric_ = isinstance(scores, Mapping)
        if callable(self.scoring) and self.multimetric_:  # what it returns is not known before
            self._check_refit_for_multimetric(scores)
            metric = self.refit
        self.cv_results_ = cv_results(
            candidates,
            [trials.state(c) for c in candidates],
            [self.trials_[c.trial.number].reason for c in candidates],
            self.n_splits_,
            self._format_results,
        )
        if self.refit or not self.multimetric_:
            self.best_index_ = self._select_best_index(self.refit, metric, self.cv_results_)
            if not callable(self.refit):
                self.best_score_ = self.cv_results_[f"mean_test_{metric}"][self.best_index_]
            self.best_params_ = self.cv_results_["params"][self.best_index_]

    def _refit(self, steps: Steps, X: Any, y: Any, fit_params: Mapping[str, Any]) -> None:
        params = clone(self.best_params_, safe=False)  # they may hold estimators
        self.best_estimator_ = clone(self.estimator).set_params(**params)
        started = time.time()
        steps.refit(self.best_estimator_, X, y, fit_params)
        self.refit_time_ = time.time() - started
        if hasattr(self.best_estimator_, "feature_names_in_"):
            self.feature_names_in_ = self.best_estimator_.feature_names_in_
