"""Search spaces: parameters, conditions, constraints, and their coordinates in the unit cube."""

from hyperopt_core.space.conditions import Condition, canonical, same
from hyperopt_core.space.constraints import Constraint
from hyperopt_core.space.distributions import Beta, LogNormal, Normal
from hyperopt_core.space.grid import Grid
from hyperopt_core.space.parameters import Categorical, Constant, Float, Int, Parameter
from hyperopt_core.space.space import Column, SearchSpace

__all__ = [
    "Beta",
    "Categorical",
    "Column",
    "Condition",
    "Constant",
    "Constraint",
    "Float",
    "Grid",
    "Int",
    "LogNormal",
    "Normal",
    "Parameter",
    "SearchSpace",
    "canonical",
    "same",
]
