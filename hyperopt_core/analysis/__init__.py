"""Questions about a sweep's trials, answered by pure functions: records in, records out."""

from hyperopt_core.analysis.best import best, history_best
from hyperopt_core.analysis.calibration import Coverage, Prediction, coverage, predictions
from hyperopt_core.analysis.fields import Fields
from hyperopt_core.analysis.front import front
from hyperopt_core.analysis.importance import Importance, importance
from hyperopt_core.analysis.interactions import Interaction, interactions
from hyperopt_core.analysis.model import Model
from hyperopt_core.analysis.replay import Replay, replay
from hyperopt_core.analysis.savings import Rung, Savings, rungs, saved_steps
from hyperopt_core.analysis.surface import Surface, surface
from hyperopt_core.analysis.table import table, to_csv, to_json
from hyperopt_core.analysis.timeline import Lane, Span, timeline
from hyperopt_core.analysis.where import where

__all__ = [
    "Coverage",
    "Fields",
    "Importance",
    "Interaction",
    "Lane",
    "Model",
    "Prediction",
    "Replay",
    "Rung",
    "Savings",
    "Span",
    "Surface",
    "best",
    "coverage",
    "front",
    "history_best",
    "importance",
    "interactions",
    "predictions",
    "replay",
    "rungs",
    "saved_steps",
    "surface",
    "table",
    "timeline",
    "to_csv",
    "to_json",
    "where",
]
