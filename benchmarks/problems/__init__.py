"""The problems by family. Each is a function without arguments that makes it."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.problems import functions, mixed, trainings, trees
from benchmarks.problems.problem import Params, Problem

__all__ = ["FAMILIES", "PROBLEMS", "Params", "Problem", "family_of"]

_MEMBERS: dict[str, tuple[Callable[[], Problem], ...]] = {
    "functions": (
        functions.branin,
        functions.griewank4_noisy,
        functions.rastrigin5,
        functions.hartmann6,
        functions.rosenbrock8,
        functions.ellipsoid12,
        functions.ackley20,
    ),
    "mixed": (mixed.noisy_mixed, mixed.stepped_mixed),
    "trainings": (trainings.forest_cancer, trainings.kernel_diabetes, trainings.network_wine),
    "conditional": (
        trees.tree,
        trees.tree_nested,
        trees.tree_noisy,
        trainings.svm_digits,
        trainings.pipeline_digits,
        trainings.pipeline_diabetes,
    ),
}
FAMILIES: dict[str, tuple[str, ...]] = {family: tuple(f.__name__ for f in made) for family, made in _MEMBERS.items()}
PROBLEMS: dict[str, Callable[[], Problem]] = {f.__name__: f for made in _MEMBERS.values() for f in made}


def family_of(problem: str) -> str:
    """The family that a problem belongs to."""
    return next(family for family, members in FAMILIES.items() if problem in members)
