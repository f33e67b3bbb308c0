"""Functions of 2 to 20 real parameters: curved, rotated, ill-conditioned, multimodal, noisy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.problems.problem import Params, Problem
from hyperopt_core import Float

_HARTMANN_A = np.array(
    [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
)
_HARTMANN_P = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)


def branin() -> Problem:
    """Three equal valleys in 2 dimensions."""

    def truth(p: Params) -> float:
        x, y = p["x"], p["y"]
        bend = y - 5.1 / (4 * np.pi**2) * x**2 + 5 / np.pi * x - 6
        return float(bend**2 + 10 * (1 - 1 / (8 * np.pi)) * np.cos(x) + 10)

    return Problem({"x": Float(-5, 10), "y": Float(0, 15)}, truth)


def griewank4_noisy() -> Problem:
    """Ripples on a bowl in 4 dimensions, told with noise of a twentieth of the spread."""
    shift, _ = _frame(4, seed=4)

    def value(x: np.ndarray) -> float:
        z = 10 * (x - shift)
        return float(z @ z / 40 - np.prod(np.cos(z / np.sqrt(np.arange(1, 5)))) + 1)

    return _cube(4, value, noise=0.2)


def hartmann6() -> Problem:
    """Six minima in 6 dimensions."""

    def value(x: np.ndarray) -> float:
        return float(-np.array([1.0, 1.2, 3.0, 3.2]) @ np.exp(-(_HARTMANN_A * (x - _HARTMANN_P) ** 2).sum(axis=1)))

    return _cube(6, value)


def rastrigin5() -> Problem:
    """Hundreds of local minima in 5 dimensions, axes turned."""
    shift, turn = _frame(5, seed=5)

    def value(x: np.ndarray) -> float:
        z = 4 * turn @ (x - shift)
        return float(np.sum(z**2 - 5 * np.cos(2 * np.pi * z) + 5))

    return _cube(5, value)


def rosenbrock8() -> Problem:
    """A curved valley in 8 dimensions."""

    def value(x: np.ndarray) -> float:
        z = 4 * x - 2
        return float(np.sum(100 * (z[1:] - z[:-1] ** 2) ** 2 + (1 - z[:-1]) ** 2))

    return _cube(8, value)


def ellipsoid12() -> Problem:
    """A bowl in 12 dimensions whose axes are turned and whose curvatures differ by a factor of 1,000."""
    shift, turn = _frame(12, seed=12)
    curvature = np.logspace(0, 3, 12)

    def value(x: np.ndarray) -> float:
        return float(curvature @ (turn @ (x - shift)) ** 2)

    return _cube(12, value)


def ackley20() -> Problem:
    """A narrow funnel in a rugged plain, 20 dimensions."""
    shift, _ = _frame(20, seed=20)

    def value(x: np.ndarray) -> float:
        z = 10 * (x - shift)
        near = 20 * np.exp(-0.2 * np.sqrt(np.mean(z**2)))
        return float(20 - near - np.exp(np.mean(np.cos(2 * np.pi * z))) + np.e)

    return _cube(20, value)


def _cube(d: int, value: Callable[[np.ndarray], float], noise: float = 0.0) -> Problem:
    """A function of x (d,) in the unit cube."""
    names = [f"x{i}" for i in range(d)]
    truth = lambda p: value(np.array([p[name] for name in names]))  # noqa: E731
    return Problem({name: Float(0, 1) for name in names}, truth, noise=noise)


def _frame(d: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the optimum lies (d,), off the centre, and a rotation (d, d)."""
    rng = np.random.default_rng(seed)
    return rng.uniform(0.2, 0.8, d), np.linalg.qr(rng.normal(size=(d, d)))[0]
