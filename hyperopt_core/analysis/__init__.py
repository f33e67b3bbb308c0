"""Questions about a sweep's trials, answered by pure functions: records in, records out."""

from hyperopt_core.analysis.best import best, history_best
from hyperopt_core.analysis.fields import Fields
from hyperopt_core.analysis.importance import Importance, importance
from hyperopt_core.analysis.replay import Replay, replay
from hyperopt_core.analysis.savings import Savings, saved_steps
from hyperopt_core.analysis.table import table, to_csv, to_json
from hyperopt_core.analysis.where import where

__all__ = [
    "Fields",
    "Importance",
    "Replay",
    "Savings",
    "best",
    "history_best",
    "importance",
    "replay",
    "saved_steps",
    "table",
    "to_csv",
    "to_json",
    "where",
]
