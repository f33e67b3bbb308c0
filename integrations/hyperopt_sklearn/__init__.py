"""scikit-learn: a search over hyperparameters that learns from its trials and stops hopeless ones after a few folds."""

from __future__ import annotations

from hyperopt_core.errors import MissingExtra

try:
    import sklearn  # noqa: F401
except ModuleNotFoundError as missing:
    if missing.name != "sklearn":
        raise
    raise MissingExtra("scikit-learn", "sklearn", "hyperopt_sklearn") from None

from hyperopt_sklearn.search import HyperoptSearchCV

__all__ = ["HyperoptSearchCV"]
