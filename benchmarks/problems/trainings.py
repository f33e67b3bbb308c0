"""Trainings of scikit-learn on the data it ships, each a few hundredths of a second; noise and ties are real."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.problems.problem import Params, Problem
from hyperopt_core import Categorical, Float, Int
from hyperopt_core.space.parameters import Parameter

Fold = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]  # X and y to fit to, X and y to test on


# --- conditional -----------------------------------------------------------------------------------------------------


def svm_digits() -> Problem:
    """Error of a support vector machine on handwritten digits; which parameters there are depends on the kernel."""
    from sklearn import svm

    parameters: dict[str, Parameter] = {
        "kernel": Categorical(["linear", "rbf", "poly", "sigmoid"]),
        "C": Float(1e-3, 1e3, log=True),
        "gamma": Float(1e-6, 1.0, log=True, when={"kernel": ["rbf", "poly", "sigmoid"]}),
        "degree": Int(2, 5, when={"kernel": ["poly"]}),
        "coef0": Float(-2, 2, when={"kernel": ["poly", "sigmoid"]}),
    }
    return Problem(parameters, _error("load_digits", 400, lambda p: svm.SVC(**p, max_iter=2000), small=True))


def pipeline_digits() -> Problem:
    """Error of a pipeline on handwritten digits: whether to reduce the pixels, and which of four classifiers."""
    from sklearn import decomposition, linear_model, naive_bayes, neighbors, pipeline, svm

    classifiers: dict[str, Callable[..., Any]] = {
        "svm": svm.SVC,
        "nearest": neighbors.KNeighborsClassifier,
        "ridge": linear_model.RidgeClassifier,
        "bayes": naive_bayes.GaussianNB,
    }
    when = {name: {"model": [name]} for name in classifiers}
    parameters: dict[str, Parameter] = {
        "reduce": Categorical(["none", "pca"]),
        "components": Int(2, 60, log=True, when={"reduce": ["pca"]}),
        "model": Categorical(list(classifiers)),
        "svm.C": Float(1e-3, 1e3, log=True, when=when["svm"]),
        "svm.gamma": Float(1e-6, 1.0, log=True, when=when["svm"]),
        "nearest.n_neighbors": Int(1, 50, log=True, when=when["nearest"]),
        "nearest.weights": Categorical(["uniform", "distance"], when=when["nearest"]),
        "nearest.p": Float(1, 3, when=when["nearest"]),
        "ridge.alpha": Float(1e-3, 1e5, log=True, when=when["ridge"]),
        "bayes.var_smoothing": Float(1e-9, 1.0, log=True, when=when["bayes"]),
    }

    def make(p: Params) -> Any:
        classifier = classifiers[p["model"]](**_own(p, p["model"]))
        if p["reduce"] == "none":
            return classifier
        return pipeline.make_pipeline(decomposition.PCA(p["components"], random_state=0), classifier)

    return Problem(parameters, _error("load_digits", 400, make, small=True))


def pipeline_diabetes() -> Problem:
    """Unexplained variance of one of four regressions on the diabetes data."""
    from sklearn import ensemble, neighbors, svm
    from sklearn.kernel_ridge import KernelRidge

    regressions: dict[str, Callable[..., Any]] = {
        "kernel": lambda **p: KernelRidge(kernel="rbf", **p),
        "svm": svm.SVR,
        "nearest": neighbors.KNeighborsRegressor,
        "boosting": lambda **p: ensemble.GradientBoostingRegressor(random_state=0, **p),
    }
    when = {name: {"model": [name]} for name in regressions}
    parameters: dict[str, Parameter] = {
        "model": Categorical(list(regressions)),
        "kernel.alpha": Float(1e-6, 1e2, log=True, when=when["kernel"]),
        "kernel.gamma": Float(1e-3, 1e3, log=True, when=when["kernel"]),
        "svm.C": Float(1e-2, 1e5, log=True, when=when["svm"]),
        "svm.gamma": Float(1e-3, 1e3, log=True, when=when["svm"]),
        "svm.epsilon": Float(1e-2, 1e2, log=True, when=when["svm"]),
        "nearest.n_neighbors": Int(1, 100, log=True, when=when["nearest"]),
        "nearest.weights": Categorical(["uniform", "distance"], when=when["nearest"]),
        "boosting.n_estimators": Int(3, 25, log=True, when=when["boosting"]),
        "boosting.learning_rate": Float(1e-3, 1.0, log=True, when=when["boosting"]),
        "boosting.max_depth": Int(1, 5, when=when["boosting"]),
        "boosting.subsample": Float(0.3, 1, when=when["boosting"]),
    }
    make = lambda p: regressions[p["model"]](**_own(p, p["model"]))  # noqa: E731
    return Problem(parameters, _error("load_diabetes", 442, make))


# --- without conditions ----------------------------------------------------------------------------------------------


def forest_cancer() -> Problem:
    """Error of extremely randomised trees on the breast cancer data: integers, few distinct values."""
    from sklearn import ensemble

    parameters: dict[str, Parameter] = {
        "n_estimators": Int(2, 12, log=True),
        "max_features": Float(0.05, 1),
        "min_samples_leaf": Int(1, 20, log=True),
        "max_depth": Int(2, 20),
        "criterion": Categorical(["gini", "entropy"]),
        "bootstrap": Categorical([False, True]),
    }
    make = lambda p: ensemble.ExtraTreesClassifier(**p, random_state=0)  # noqa: E731
    return Problem(parameters, _error("load_breast_cancer", 569, make, small=True))


def kernel_diabetes() -> Problem:
    """Unexplained variance of a kernel ridge regression on the diabetes data, its columns scaled and chosen."""
    from sklearn import feature_selection, kernel_ridge, pipeline, preprocessing

    scalers: dict[str, Callable[[], Any]] = {
        "standard": preprocessing.StandardScaler,
        "range": preprocessing.MinMaxScaler,
        "robust": preprocessing.RobustScaler,
    }
    parameters: dict[str, Parameter] = {
        "kernel": Categorical(["rbf", "laplacian", "sigmoid"]),
        "alpha": Float(1e-6, 1e3, log=True),
        "gamma": Float(1e-5, 1e2, log=True),
        "scaler": Categorical(list(scalers)),
        "columns": Int(1, 10),
    }

    def make(p: Params) -> Any:
        choose = feature_selection.SelectKBest(feature_selection.f_regression, k=p["columns"])
        regression = kernel_ridge.KernelRidge(kernel=p["kernel"], alpha=p["alpha"], gamma=p["gamma"])
        return pipeline.make_pipeline(choose, scalers[p["scaler"]](), regression)

    return Problem(parameters, _error("load_diabetes", 442, make))


def network_wine() -> Problem:
    """Log loss of a small network after eight epochs on the wine data."""
    from sklearn import metrics, neural_network, preprocessing

    folds = _folds("load_wine", 178)
    parameters: dict[str, Parameter] = {
        "hidden": Int(2, 64, log=True),
        "activation": Categorical(["relu", "tanh", "logistic"]),
        "solver": Categorical(["adam", "sgd"]),
        "learning_rate_init": Float(1e-5, 1.0, log=True),
        "alpha": Float(1e-6, 10.0, log=True),
        "batch_size": Int(8, 64, log=True),
    }

    def truth(p: Params) -> float:
        options = {name: value for name, value in p.items() if name != "hidden"}
        losses = []
        for X, y, X_test, y_test in folds[:2]:
            scaler = preprocessing.StandardScaler().fit(X)
            model = neural_network.MLPClassifier((p["hidden"],), max_iter=8, random_state=0, **options)
            try:
                shown = model.fit(scaler.transform(X), y).predict_proba(scaler.transform(X_test))
                losses.append(metrics.log_loss(y_test, shown, labels=[0, 1, 2]))
            except ValueError:  # the weights overflowed
                losses.append(10.0)
        return float(min(np.mean(losses), 10.0))

    return Problem(parameters, _quiet(truth))


def _folds(load: str, rows: int) -> list[Fold]:
    from sklearn import datasets, model_selection

    X, y = getattr(datasets, load)(return_X_y=True)
    X, y = X[:rows], y[:rows]
    split = model_selection.KFold(3, shuffle=True, random_state=0).split(X)
    return [(X[fit], y[fit], X[test], y[test]) for fit, test in split]


def _error(load: str, rows: int, make: Callable[[Params], Any], small: bool = False) -> Callable[[Params], float]:
    """One less the mean score (accuracy, or R squared, at least -1) of three folds.

    small: fit to one fold and test on the other two, which tells configurations apart where the task is easy.
    """
    folds = [(X, y, X_fit, y_fit) for X_fit, y_fit, X, y in _folds(load, rows)] if small else _folds(load, rows)

    def truth(p: Params) -> float:
        found = [make(p).fit(X, y).score(X_test, y_test) for X, y, X_test, y_test in folds]
        return round(1.0 - max(float(np.mean(found)), -1.0), 9)

    return _quiet(truth)


def _quiet(truth: Callable[[Params], float]) -> Callable[[Params], float]:
    """Without the warnings that odd hyperparameters cause: they are no fault here."""

    def quiet(p: Params) -> float:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return truth(p)

    return quiet


def _own(p: Params, part: str) -> Params:
    """The parameters of a part, without its name."""
    return {name.split(".")[1]: value for name, value in p.items() if name.startswith(part + ".")}
