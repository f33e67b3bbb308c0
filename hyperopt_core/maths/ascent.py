"""Many maximisations at once: projected L-BFGS on the unit cube, with all starts in one call of the function."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

#: points (b, d) of the starts with indices (b,) -> values (b,) and gradients (b, d)
Objective = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]

_MEMORY = 5
_ARMIJO = 1e-4
_FIRST_STEP, _LONGEST_STEP = 0.1, 0.5  # of the cube's side, in any one column


class _Pair(NamedTuple):
    """A step `s`, the fall `y` of the gradient along it (both (b, d)), and 1 / s'y (b,), 0 where not concave."""

    s: np.ndarray
    y: np.ndarray
    rho: np.ndarray


def ascend(
    objective: Objective, X: np.ndarray, free: np.ndarray, iterations: int = 30, gain: float = 1e-5
) -> tuple[np.ndarray, np.ndarray]:
    """Climb from each row of `X` (b, d) inside [0, 1]^d; only entries where `free` (b, d) is true move.

    Two-loop L-BFGS (Nocedal & Wright 2006, alg. 7.4) on the coordinates that are not held at a bound, with a
    backtracking line search along the projected path; a row stops once a step brings less than `gain`. Returns the
    points (b, d) and their values (b,), never worse than the starts.
    """
    X = X.copy()
    f, g = objective(X, np.arange(len(X)))
    pairs: list[_Pair] = []
    going = np.isfinite(f)
    for _ in range(iterations):
        held = ((X <= 0.0) & (g < 0.0)) | ((X >= 1.0) & (g > 0.0)) | ~free
        pull = np.where(held, 0.0, g)
        going &= np.max(np.abs(pull), axis=1, initial=0.0) > 1e-6
        if not going.any():
            break
        direction = np.where(held, 0.0, _newton(pull, pairs))
        downhill = np.einsum("ij,ij->i", direction, pull) <= 0.0
        direction[downhill] = pull[downhill]
        longest = np.max(np.abs(direction), axis=1, initial=0.0)
        cap = _LONGEST_STEP if pairs else _FIRST_STEP
        direction *= np.minimum(1.0, cap / np.maximum(longest, 1e-300))[:, None]
        X_new, f_new, g_new = _line_search(objective, X, f, g, pull, direction, going)
        s, y = X_new - X, np.where(held, 0.0, g - g_new)
        curvature = np.einsum("ij,ij->i", s, y)
        pairs.append(_Pair(s, y, np.where(curvature > 1e-12, 1.0 / np.maximum(curvature, 1e-12), 0.0)))
        del pairs[:-_MEMORY]
        going &= f_new > f + gain
        X, f, g = X_new, f_new, g_new
    return X, f


def _newton(g: np.ndarray, pairs: list[_Pair]) -> np.ndarray:
    """Approximate inverse curvature times `g`, one row each."""
    if not pairs:
        return g
    q, weights = g.copy(), []
    for s, y, rho in reversed(pairs):
        a = rho * np.einsum("ij,ij->i", s, q)
        q -= a[:, None] * y
        weights.append(a)
    _, y, rho = pairs[-1]
    steepness = rho * np.einsum("ij,ij->i", y, y)
    q *= np.where(steepness > 0.0, 1.0 / np.maximum(steepness, 1e-12), 0.1)[:, None]
    for (s, y, rho), a in zip(pairs, reversed(weights), strict=True):
        q += (a - rho * np.einsum("ij,ij->i", y, q))[:, None] * s
    return q


def _line_search(
    objective: Objective,
    X: np.ndarray,
    f: np.ndarray,
    g: np.ndarray,
    pull: np.ndarray,
    direction: np.ndarray,
    going: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Armijo backtracking for the rows that still go: points, values and gradients; a row without a gain stays."""
    X, f, g = X.copy(), f.copy(), g.copy()
    rows, step = np.flatnonzero(going), 1.0
    for _ in range(8):
        trial = np.clip(X[rows] + step * direction[rows], 0.0, 1.0)
        value, gradient = objective(trial, rows)
        expected = np.einsum("ij,ij->i", pull[rows], trial - X[rows])
        good = (value >= f[rows] + _ARMIJO * expected) & np.isfinite(value)
        done = rows[good]
        X[done], f[done], g[done] = trial[good], value[good], gradient[good]
        rows, step = rows[~good], 0.3 * step
        if not rows.size:
            break
    return X, f, g
