"""Search for the best classifier of scikit-learn's handwritten digits: which kind, and its hyperparameters.

    python search.py

Trials that fall behind are stopped after a few of the five folds. A program like this needs no sweep file.
"""

from __future__ import annotations

import argparse

from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC

from hyperopt_core import Float, Int
from hyperopt_sklearn import HyperoptSearchCV

SPACE = {
    "scale": [StandardScaler(), MinMaxScaler(), "passthrough"],
    "model": [SVC(), RandomForestClassifier(random_state=0)],
    "model__C": Float(1e-2, 1e3, log=True, when={"model": ["SVC"]}),
    "model__gamma": Float(1e-5, 1, log=True, when={"model": ["SVC"]}),
    "model__n_estimators": Int(10, 100, log=True, when={"model": ["RandomForestClassifier"]}),
    "model__max_features": Float(0.05, 0.5, when={"model": ["RandomForestClassifier"]}),
}


def main() -> None:
    """Search, and say what was found and what was saved."""
    parser = argparse.ArgumentParser(description="Search for a classifier of handwritten digits.")
    parser.add_argument("--n_trials", type=int, default=30)
    parser.add_argument("--n_jobs", type=int, default=None)
    args = parser.parse_args()

    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    search = HyperoptSearchCV(
        Pipeline([("scale", StandardScaler()), ("model", SVC())]),
        SPACE,
        n_trials=args.n_trials,
        early_terminate="asha",
        n_jobs=args.n_jobs,
        random_state=0,
    )
    search.fit(X_train, y_train)

    print(f"accuracy: {search.best_score_:.4f} by cross-validation, {search.score(X_test, y_test):.4f} on the test set")
    for name, value in search.best_params_.items():
        print(f"  {name}: {value}")
    steps = search.cv_results_["trial_steps"]
    print(f"{steps.sum()} of {len(steps) * search.n_splits_} folds were trained")


if __name__ == "__main__":
    main()
