"""scikit-learn's own checks of estimators, on searches over each kind of estimator."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import pytest
from sklearn.base import is_regressor
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.pipeline import Pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from hyperopt_core import Float
from hyperopt_sklearn import HyperoptSearchCV

#: What scikit-learn's own searches do not pass either: the warning is the inner estimator's.
EXPECTED = {"check_supervised_y_2d": "DataConversionWarning not caught"}


def search(estimator: Any, space: Any, **options: Any) -> HyperoptSearchCV:
    return HyperoptSearchCV(estimator, space, n_trials=2, cv=2, error_score="raise", random_state=0, **options)


def expected(estimator: Any) -> dict[str, str]:
    """Checks that are to fail."""
    return EXPECTED if is_regressor(estimator) else {}


# scikit-learn >= 1.6 is told what is expected to fail; before, the tags of a search said so.
OPTIONS = (
    {"expected_failed_checks": expected}
    if "expected_failed_checks" in inspect.signature(parametrize_with_checks).parameters
    else {}
)
LOGISTIC = search(LogisticRegression(), {"C": Float(0.1, 1, log=True)}, strategy="random", early_terminate="median")
MORE = [
    search(Ridge(), {"alpha": [0.1, 1.0]}),
    search(Pipeline([("pca", PCA()), ("ridge", Ridge())]), {"ridge__alpha": Float(0.1, 1.0, log=True)}),
    search(SGDClassifier(random_state=0), {"alpha": [1e-4, 1e-3]}, max_epochs=3, early_terminate="median"),
]


@parametrize_with_checks([LOGISTIC], **OPTIONS)  # type: ignore[untyped-decorator, unused-ignore]
def test_estimator(estimator: Any, check: Any) -> None:
    run(estimator, check)


@pytest.mark.slow
@parametrize_with_checks(MORE, **OPTIONS)  # type: ignore[untyped-decorator, unused-ignore]
def test_more_estimators(estimator: Any, check: Any) -> None:
    run(estimator, check)


def run(estimator: Any, check: Any) -> None:
    """A check looks at warnings itself, where they matter."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(estimator)
