"""`HyperoptSearchCV` on real trainings: the protocol of scikit-learn's searches, and trials that are stopped early."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn
from joblib import parallel_config
from scipy.stats import loguniform
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.metrics import accuracy_score, f1_score, make_scorer
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from hyperopt_core import ASHA, Categorical, ConfigError, Float, HyperoptError, Int, SearchSpace, State, Sweep
from hyperopt_sklearn import HyperoptSearchCV

ROOT = Path(__file__).resolve().parents[2]
IRIS = load_iris(return_X_y=True)
IRIS = (StandardScaler().fit_transform(IRIS[0]), IRIS[1])
DIGITS = tuple(part[:400] for part in load_digits(return_X_y=True))
C = Float(1e-3, 1e3, log=True)


def search(estimator: Any, space: Any, **options: Any) -> HyperoptSearchCV:
    given: dict[str, Any] = {"n_trials": 6, "random_state": 0, "cv": 3, "strategy": "random"} | options
    return HyperoptSearchCV(estimator, space, **given)


# --- the protocol ----------------------------------------------------------------------------------------------------


def test_the_same_as_a_grid_search_where_nothing_is_stopped() -> None:
    grid = {"kernel": ["rbf", "poly"], "C": [0.1, 1.0, 10.0]}
    theirs = GridSearchCV(SVC(), grid, cv=3, return_train_score=True).fit(*IRIS)
    ours = search(SVC(), grid, strategy="grid", return_train_score=True).fit(*IRIS)
    assert set(theirs.cv_results_) <= set(ours.cv_results_)
    assert set(ours.cv_results_) - set(theirs.cv_results_) == {"trial_state", "trial_steps", "trial_reason"}
    order = [ours.cv_results_["params"].index(params) for params in theirs.cv_results_["params"]]
    for key, values in theirs.cv_results_.items():
        if key != "params" and "time" not in key:
            assert type(values) is type(ours.cv_results_[key]), key
            assert values.dtype == ours.cv_results_[key].dtype, key
            np.testing.assert_array_equal(values, ours.cv_results_[key][order], err_msg=key)
    assert ours.best_score_ == theirs.best_score_
    assert ours.best_score_ == cross_val_score(SVC(**ours.best_params_), *IRIS, cv=3).mean()
    assert ours.best_params_ == ours.cv_results_["params"][ours.best_index_]
    assert (ours.n_splits_, ours.n_features_in_, list(ours.classes_)) == (3, 4, [0, 1, 2])
    assert ours.refit_time_ > 0
    np.testing.assert_array_equal(ours.predict(IRIS[0]), ours.best_estimator_.predict(IRIS[0]))
    assert ours.score(*IRIS) == accuracy_score(IRIS[1], ours.predict(IRIS[0]))
    assert set(ours.cv_results_["trial_state"]) == {"completed"}


def test_several_metrics() -> None:
    scoring = {"accuracy": "accuracy", "f1": make_scorer(f1_score, average="macro")}
    fitted = search(LogisticRegression(), {"C": C}, scoring=scoring, refit="f1").fit(*IRIS)
    assert fitted.best_index_ == fitted.cv_results_["rank_test_f1"].argmin()
    assert fitted.best_score_ == fitted.cv_results_["mean_test_f1"].max()
    assert fitted.score(*IRIS) == pytest.approx(f1_score(IRIS[1], fitted.predict(IRIS[0]), average="macro"))
    assert fitted.multimetric_
    assert list(fitted.scorer_) == ["accuracy", "f1"]

    chosen = search(LogisticRegression(), {"C": C}, scoring=["accuracy"], refit=lambda results: 2).fit(*IRIS)
    assert chosen.best_index_ == 2
    assert not hasattr(chosen, "best_score_")

    def both(estimator: Any, X: Any, y: Any) -> dict[str, float]:
        hits = accuracy_score(y, estimator.predict(X))
        return {"hits": hits, "misses": 1 - hits}

    called = search(LogisticRegression(), {"C": C}, scoring=both, refit="misses").fit(*IRIS)
    assert called.best_score_ == called.cv_results_["mean_test_misses"].max()
    first_breaks = search(Depth(), {"breaks": [True, False]}, strategy="grid", scoring=both, refit="hits")
    with pytest.warns(FitFailedWarning), pytest.warns(UserWarning, match="non-finite"):
        assert not first_breaks.fit(*IRIS).best_params_["breaks"]
    unfitted = search(LogisticRegression(), {"C": C}, scoring=["accuracy", "f1_macro"], refit=False).fit(*IRIS)
    assert not hasattr(unfitted, "best_estimator_")
    with pytest.raises(ValueError, match="refit must be set to a scorer key"):
        search(LogisticRegression(), {"C": C}, scoring=["accuracy", "f1_macro"]).fit(*IRIS)


def test_it_is_a_function_of_random_state() -> None:
    def scores(random_state: Any) -> Any:
        made = search(SVC(), {"C": C, "gamma": loguniform(1e-4, 1)}, strategy="auto", early_terminate="asha")
        return made.set_params(random_state=random_state).fit(*IRIS).cv_results_["split0_test_score"]

    np.testing.assert_array_equal(scores(0), scores(0))
    np.testing.assert_array_equal(scores(np.random.RandomState(3)), scores(np.random.RandomState(3)))
    assert not np.array_equal(scores(0), scores(1))


def test_groups_and_weights_reach_what_they_are_for() -> None:
    groups, weights = np.arange(len(IRIS[1])) % 3, np.where(IRIS[1] == 0, 0.0, 1.0)
    fitted = search(LogisticRegression(), {"C": C}, cv=GroupKFold(3)).fit(*IRIS, groups=groups, sample_weight=weights)
    assert fitted.n_splits_ == 3
    assert 0 not in fitted.predict(IRIS[0])  # the class that weighs nothing


def test_metadata_is_routed() -> None:
    weights = np.where(IRIS[1] == 0, 0.0, 1.0)
    with sklearn.config_context(enable_metadata_routing=True):
        estimator = LogisticRegression().set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        fitted = search(estimator, {"C": C}, cv=GroupKFold(3), n_jobs=2)
        fitted.fit(*IRIS, sample_weight=weights, groups=np.arange(len(weights)) % 3)
        assert 0 not in fitted.predict(IRIS[0])
        assert fitted.best_score_ > 0.9  # what weighs nothing costs nothing
        with pytest.raises(TypeError, match="unexpected argument"):
            search(LogisticRegression(), {"C": C}).fit(*IRIS, unknown=weights)


def test_frames_keep_their_names() -> None:
    pandas = pytest.importorskip("pandas")
    data = load_iris(as_frame=True)
    fitted = search(make_pipeline(StandardScaler(), SVC()), {"svc__C": C}).fit(data.data, data.target)
    assert list(fitted.feature_names_in_) == list(data.data.columns)
    assert len(pandas.DataFrame(fitted.cv_results_)) == 6


def test_it_can_be_cloned_and_pickled() -> None:
    fitted = search(SVC(), {"C": [0.1, 1, 10], "gamma": loguniform(1e-3, 1)}).fit(*IRIS)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict(IRIS[0]), fitted.predict(IRIS[0]))
    assert not hasattr(clone(fitted), "best_params_")


# --- spaces ----------------------------------------------------------------------------------------------------------


def test_conditional_parameters_are_masked_where_they_have_no_part() -> None:
    space = SearchSpace({"kernel": Categorical(["linear", "poly"]), "degree": Int(2, 4, when={"kernel": ["poly"]})})
    results = search(SVC(), space, strategy="grid").fit(*IRIS).cv_results_
    assert len(results["params"]) == 4
    linear = results["param_kernel"] == "linear"
    np.testing.assert_array_equal(np.ma.getmaskarray(results["param_degree"]), linear)
    assert all(("degree" in params) == (params["kernel"] == "poly") for params in results["params"])


def test_steps_of_a_pipeline_and_what_only_some_of_them_have() -> None:
    pipeline = Pipeline([("scale", StandardScaler()), ("model", SVC())])
    space = {
        "scale": [StandardScaler(), MinMaxScaler(), "passthrough"],
        "model": [SVC(), DecisionTreeClassifier(random_state=0)],
        "model__C": Float(1e-2, 1e2, log=True, when={"model": ["SVC"]}),
        "model__max_depth": Int(1, 5, when={"model": ["DecisionTreeClassifier"]}),
    }
    fitted = search(pipeline, space, n_trials=12).fit(*IRIS)
    models = {type(params["model"]) for params in fitted.cv_results_["params"]}
    assert models == {SVC, DecisionTreeClassifier}
    for params in fitted.cv_results_["params"]:
        assert ("model__C" in params) == isinstance(params["model"], SVC)
    assert fitted.best_score_ > 0.9


def test_several_spaces() -> None:
    spaces = [{"kernel": ["rbf"], "gamma": loguniform(1e-3, 1)}, {"kernel": ["poly"], "degree": [2, 3], "C": C}]
    seen = search(SVC(), spaces, n_trials=12).fit(*IRIS).cv_results_["params"]
    assert {frozenset(params) for params in seen} == {
        frozenset({"kernel", "gamma"}),
        frozenset({"kernel", "degree", "C"}),
    }


def test_spaces_of_sweep_files() -> None:
    parameters = {
        "svc": {"parameters": {"C": {"distribution": "log_uniform_values", "min": 0.01, "max": 10}}},
        "svc__kernel": {"values": ["rbf", "linear"]},
    }
    fitted = search(make_pipeline(StandardScaler(), SVC()), parameters).fit(*IRIS)
    assert set(fitted.best_params_) == {"svc__C", "svc__kernel"}


def test_a_space_that_is_used_up_ends_the_search() -> None:
    assert len(search(SVC(), {"C": [0.1, 1.0]}, n_trials=50).fit(*IRIS).cv_results_["params"]) == 2


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"param_space": {"C": 3}}, ConfigError, "C: is 3: a mapping is needed"),
        ({"param_space": {"C": []}}, ConfigError, "C is an empty list"),
        ({"param_space": 3}, ConfigError, "param_space is 3"),
        ({"param_space": {"C ": [1]}}, ValueError, "Invalid parameter 'C '"),
        ({"n_trials": 0}, ConfigError, "n_trials is 0"),
        ({"early_terminate": "asah"}, ConfigError, "did you mean 'asha'"),
        ({"max_epochs": 3}, ConfigError, "SVC has no partial_fit"),
    ],
)
def test_wrong_options(options: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        search(SVC(), {"C": [1.0, 2.0]}).set_params(**options).fit(*IRIS)


# --- stopping --------------------------------------------------------------------------------------------------------


class Depth(ClassifierMixin, BaseEstimator):  # type: ignore[misc, unused-ignore]
    """A classifier that is right as often as `skill` says, and counts its trainings."""

    fits = 0

    def __init__(self, skill: float = 0.5, breaks: bool = False) -> None:
        self.skill, self.breaks = skill, breaks

    def fit(self, X: Any, y: Any) -> Depth:
        type(self).fits += 1
        if self.breaks:
            raise ValueError("it breaks")
        self.classes_ = np.unique(y)
        return self

    def predict(self, X: Any) -> Any:
        return np.full(len(X), self.classes_[0])

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        return self.skill


def test_a_hopeless_trial_is_stopped_after_few_folds() -> None:
    Depth.fits = 0
    skills = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
    fitted = search(Depth(), {"skill": skills}, strategy="grid", cv=9, n_trials=9, early_terminate="asha", refit=False)
    results = fitted.fit(*IRIS).cv_results_
    assert results["param_skill"][fitted.best_index_] == 0.9
    assert fitted.best_score_ == pytest.approx(0.9)
    assert Depth.fits == results["trial_steps"].sum() < 9 * 9 / 2
    stopped = results["trial_state"] == "stopped"
    assert stopped.sum() == 8
    for index in np.flatnonzero(stopped):
        steps = results["trial_steps"][index]
        assert steps < 9
        known = [results[f"split{i}_test_score"][index] for i in range(9)]
        assert known[:steps] == [results["param_skill"][index]] * steps
        assert np.isnan(known[steps:]).all()
        assert np.isnan(results["mean_test_score"][index])
        assert results["rank_test_score"][index] > 1
        assert results["mean_fit_time"][index] >= 0
        assert results["trial_reason"][index]


def test_one_trial_is_always_trained_to_its_end() -> None:
    fitted = search(Depth(), {"skill": [0.5, 0.6]}, strategy="grid", n_trials=2, early_terminate="asha").fit(*IRIS)
    assert fitted.cv_results_["trial_steps"][fitted.best_index_] == 3
    assert fitted.best_score_ == pytest.approx(0.6)


def test_early_stopping_finds_what_the_whole_search_finds() -> None:
    space = {"C": C, "gamma": loguniform(1e-5, 1)}
    whole = search(SVC(), space, n_trials=20, cv=5).fit(*DIGITS)
    early = search(SVC(), space, n_trials=20, cv=5, early_terminate=ASHA(eta=2)).fit(*DIGITS)
    assert early.best_score_ >= whole.best_score_ - 0.01
    assert early.cv_results_["trial_steps"].sum() < 0.7 * whole.cv_results_["trial_steps"].sum()


def test_a_fold_that_fails_ends_its_trial() -> None:
    Depth.fits = 0
    space = {"skill": [0.5, 0.6], "breaks": [False, True]}
    fitted = search(Depth(), space, strategy="grid")
    with pytest.warns(FitFailedWarning, match="it breaks"), pytest.warns(UserWarning, match="non-finite"):
        fitted.fit(*IRIS)
    results = fitted.cv_results_
    assert Depth.fits == 3 + 3 + 1 + 1 + 1
    assert sorted(results["trial_state"]) == ["completed", "completed", "failed", "failed"]
    assert fitted.best_params_ == {"skill": 0.6, "breaks": False}
    assert [t.state for t in fitted.trials_].count(State.FAILED) == 2
    with pytest.raises(ValueError, match="it breaks"):
        fitted.set_params(error_score="raise").fit(*IRIS)
    with pytest.raises(ValueError, match="All the 2 fits failed"):
        search(Depth(breaks=True), {"skill": [0.5, 0.6]}).fit(*IRIS)


def test_training_by_epochs_stops_what_falls_behind() -> None:
    pipeline = make_pipeline(StandardScaler(), SGDClassifier(random_state=0))
    space = {"sgdclassifier__alpha": Float(1e-5, 1e4, log=True)}
    fitted = search(pipeline, space, n_trials=12, max_epochs=9, early_terminate="asha").fit(*DIGITS)
    results = fitted.cv_results_
    assert set(results["trial_steps"]) <= {1, 3, 9}
    assert results["trial_steps"].sum() < 12 * 9 / 2
    assert results["trial_steps"][fitted.best_index_] == 9
    assert fitted.best_estimator_[-1].t_ == 1 + 9 * len(DIGITS[1])  # the refit too has taken nine epochs
    assert fitted.best_score_ > 0.85
    stopped = results["trial_state"] == "stopped"
    assert np.isnan(results["mean_test_score"][stopped]).all()
    assert not np.isnan(results["split2_test_score"]).any()  # every epoch is one of all folds


def test_an_epoch_is_one_pass_over_the_fold() -> None:
    cv = KFold(3)
    fitted = search(SGDClassifier(random_state=0), {"alpha": [1e-4]}, n_trials=1, max_epochs=4, cv=cv).fit(*DIGITS)
    X, y = DIGITS
    for split, (train, test) in enumerate(cv.split(X)):
        model = SGDClassifier(alpha=1e-4, random_state=0)
        for _ in range(4):
            model.partial_fit(X[train], y[train], classes=np.unique(y))
        assert fitted.cv_results_[f"split{split}_test_score"][0] == model.score(X[test], y[test])


def test_a_pipeline_with_a_cache_trains_by_epochs_too(tmp_path: Path) -> None:
    def pipeline(memory: str | None) -> Pipeline:
        return Pipeline([("scale", StandardScaler()), ("sgd", SGDClassifier(random_state=0))], memory=memory)

    plain, cached = (
        search(pipeline(memory), {"sgd__alpha": [1e-4, 1e-2]}, max_epochs=3).fit(*DIGITS)
        for memory in (None, str(tmp_path))
    )
    np.testing.assert_array_equal(plain.predict(DIGITS[0]), cached.predict(DIGITS[0]))


def test_a_regression_by_epochs() -> None:
    from sklearn.linear_model import SGDRegressor

    X, y = load_diabetes(return_X_y=True)
    fitted = search(SGDRegressor(random_state=0), {"alpha": [1e-4, 1e-2]}, max_epochs=3).fit(X, y)
    assert fitted.predict(X[:2]).shape == (2,)


# --- workers, storages -----------------------------------------------------------------------------------------------


def by_processes(made: HyperoptSearchCV) -> HyperoptSearchCV:
    return made.set_params(n_jobs=2).fit(*DIGITS)


def by_threads(made: HyperoptSearchCV) -> HyperoptSearchCV:
    with parallel_config(backend="threading", n_jobs=3):
        return made.fit(*DIGITS)


@pytest.mark.parametrize("fit", [by_threads, pytest.param(by_processes, marks=pytest.mark.slow)])
@pytest.mark.parametrize("max_epochs", [None, 3])
def test_several_workers_find_the_same_where_nothing_is_learnt(
    fit: Callable[[HyperoptSearchCV], HyperoptSearchCV], max_epochs: int | None
) -> None:
    made = search(SGDClassifier(random_state=0, max_iter=20, tol=None), {"alpha": C}, max_epochs=max_epochs, n_trials=8)
    alone = clone(made).fit(*DIGITS)
    together = fit(made)
    np.testing.assert_array_equal(alone.cv_results_["mean_test_score"], together.cv_results_["mean_test_score"])
    assert alone.best_params_ == together.best_params_


def test_several_workers_stop_trials() -> None:
    with parallel_config(backend="threading", n_jobs=3):
        fitted = search(Depth(), {"skill": Float(0, 1)}, cv=9, n_trials=30, early_terminate="asha").fit(*IRIS)
    results = fitted.cv_results_
    assert len(results["params"]) == 30
    assert results["trial_steps"].sum() < 30 * 9 / 2
    assert results["trial_steps"][fitted.best_index_] == 9


def test_an_error_in_a_worker_ends_the_search() -> None:
    broken = search(Depth(breaks=True), {"skill": [0.5, 0.6]}, error_score="raise")
    with parallel_config(backend="threading", n_jobs=2), pytest.raises(ValueError, match="it breaks"):
        broken.fit(*IRIS)


def test_trials_can_be_kept_as_a_sweep(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/sweeps.db"
    made = search(SVC(), {"C": C, "kernel": ["rbf", "poly"]}, n_trials=12, early_terminate="asha")
    kept, alone = clone(made).set_params(storage=url, name="svc").fit(*IRIS), made.fit(*IRIS)
    assert kept.cv_results_["params"] == alone.cv_results_["params"]
    np.testing.assert_array_equal(kept.cv_results_["trial_steps"], alone.cv_results_["trial_steps"])
    with pytest.raises(HyperoptError, match="a sweep 'svc' exists already"):
        kept.fit(*IRIS)
    with Sweep.open("svc", url) as sweep:
        assert [t.value for t in sweep.trials] == [t.value for t in kept.trials_]
        assert sweep.best is not None
        assert sweep.best.value == kept.best_score_


def test_ridge_is_searched_as_a_regression() -> None:
    X, y = load_diabetes(return_X_y=True)
    fitted = search(Ridge(), {"alpha": Float(1e-3, 1e2, log=True)}, strategy="auto", n_trials=8).fit(X, y)
    assert fitted.best_score_ >= cross_val_score(Ridge(), X, y, cv=3).mean()


@pytest.mark.slow
def test_the_example_finds_a_good_classifier() -> None:
    command = [sys.executable, "examples/digits_sklearn/search.py", "--n_trials", "12"]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    accuracy, *_, folds = process.stdout.splitlines()
    assert float(accuracy.split()[1]) > 0.95
    assert int(folds.split()[0]) < 60 / 2
