"""Hyperparameter optimisation that you own: sweeps, Bayesian optimisation, early stopping; embeddable and offline."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hyperopt_core.agents.current import current_run
    from hyperopt_core.agents.run import Run
    from hyperopt_core.errors import (
        BudgetSpent,
        ConfigError,
        HyperoptError,
        SpaceExhausted,
        SweepEnded,
    )
    from hyperopt_core.optimizer import Optimizer
    from hyperopt_core.schedulers.asha import ASHA
    from hyperopt_core.schedulers.hyperband import Hyperband
    from hyperopt_core.space import Beta, Categorical, Constant, Float, Int, LogNormal, Normal, SearchSpace
    from hyperopt_core.sweep import Sweep
    from hyperopt_core.trial import Decision, State, Trial

__version__ = "0.1.0"

_HOMES = {
    "ASHA": "schedulers.asha",
    "Beta": "space",
    "BudgetSpent": "errors",
    "Categorical": "space",
    "ConfigError": "errors",
    "Constant": "space",
    "Decision": "trial",
    "Float": "space",
    "Hyperband": "schedulers.hyperband",
    "HyperoptError": "errors",
    "Int": "space",
    "LogNormal": "space",
    "Normal": "space",
    "Optimizer": "optimizer",
    "Run": "agents.run",
    "SearchSpace": "space",
    "SpaceExhausted": "errors",
    "State": "trial",
    "Sweep": "sweep",
    "SweepEnded": "errors",
    "Trial": "trial",
    "current_run": "agents.current",
}

__all__ = [
    "ASHA",
    "Beta",
    "BudgetSpent",
    "Categorical",
    "ConfigError",
    "Constant",
    "Decision",
    "Float",
    "Hyperband",
    "HyperoptError",
    "Int",
    "LogNormal",
    "Normal",
    "Optimizer",
    "Run",
    "SearchSpace",
    "SpaceExhausted",
    "State",
    "Sweep",
    "SweepEnded",
    "Trial",
    "current_run",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
