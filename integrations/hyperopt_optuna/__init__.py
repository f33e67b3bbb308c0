"""Optuna's studies: their trials for a sweep to learn from, and a sweep as a study for Optuna's dashboard.

Both go through Optuna itself, so that whatever version is installed finds its own format.
"""

from __future__ import annotations

from hyperopt_core.errors import MissingExtra

try:
    import optuna  # noqa: F401 - the check that it is there
except ModuleNotFoundError as error:
    raise MissingExtra("optuna", "optuna", "hyperopt_optuna") from error

from hyperopt_optuna.reading import Study, read_study
from hyperopt_optuna.writing import write_study

__all__ = ["Study", "read_study", "write_study"]
