"""Many maximisations at once: projected L-BFGS on the unit cube, with all starts in one call of the function."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

#: points (b, d) of the starts with indices (b,) -> values (b,) and gradients (b, d)
Objective = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]

_MEMORY = 6
_ARMIJO = 1e-4


def ascend(
    objective: Objective, X: np.ndarray, free: np.ndarray, iterations: int = 30, gain: float = 1e-6
) -> tuple[np.ndarray, np.ndarray]:
    """Climb from each row of `X` (B, d) inside [0, 1]^d; only entries where `free` (B, d) is true move.

    Two-loop L-BFGS (Nocedal & Wright 2006, alg. 7.4) on the coordinates that are not held at a bound, with a
    backtracking line search along the projected path; a row stops once a step brings less than `gain`. Returns the
    points (B, d) and their values (B,), never worse than the starts.
    """
    X = X.copy()
    f, g = objective(X, np.arange(len(X)))
    g = np.where(free, g, 0.0)
    S: list[np.ndarray] = []
    Y: list[np.ndarray] = []
    going = np.isfinite(f)
    for _ in range(iterations):
        held = ((X <= 0.0) & (g < 0.0)) | ((X >= 1.0) & (g > 0.0)) | ~free
        pg = np.where(held, 0.0, g)
        going &= np.max(np.abs(pg), axis=1, initial=0.0) > 1e-6
        if not going.any():
            break
        direction = np.where(held, 0.0, _two_loop(pg, S, Y, held))
        slope = np.einsum("ij,ij->i", direction, pg)
        uphill = slope > 0.0
        direction = np.where(uphill[:, None], direction, pg)
        # The first step, without curvature, moves at most a tenth of the cube.
        longest = np.max(np.abs(direction), axis=1, initial=0.0)
        cap = 0.1 if not S else 0.5
        scale = np.where(longest > cap, cap / np.maximum(longest, 1e-300), 1.0)
        X_new, f_new, g_new, moved = _search(objective, X, f, pg, direction * scale[:, None], going)
        g_new = np.where(free, g_new, 0.0)
        going &= moved & (f_new > f + gain)
        S.append(X_new - X)
        Y.append(g - g_new)
        if len(S) > _MEMORY:
            del S[0], Y[0]
        X, f, g = X_new, f_new, g_new
    return X, f


def _two_loop(g: np.ndarray, S: list[np.ndarray], Y: list[np.ndarray], held: np.ndarray) -> np.ndarray:
    """Approximate inverse curvature times `g`, one row each; pairs of no positive curvature do nothing."""
    q = g.copy()
    stack = []
    for s, y in zip(reversed(S), reversed(Y), strict=True):
        s, y = np.where(held, 0.0, s), np.where(held, 0.0, y)
        sy = np.einsum("ij,ij->i", s, y)
        rho = np.where(sy > 1e-12, 1.0 / np.maximum(sy, 1e-12), 0.0)
        a = rho * np.einsum("ij,ij->i", s, q)
        q -= a[:, None] * y
        stack.append((s, y, sy, rho, a))
    if stack:
        _, y, sy, rho, _ = stack[0]
        yy = np.einsum("ij,ij->i", y, y)
        q *= np.where(rho > 0.0, sy / np.maximum(yy, 1e-12), 0.1)[:, None]
    for s, y, _, rho, a in reversed(stack):
        b = rho * np.einsum("ij,ij->i", y, q)
        q += (a - b)[:, None] * s
    return q


def _search(
    objective: Objective, X: np.ndarray, f: np.ndarray, g: np.ndarray, direction: np.ndarray, going: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Armijo backtracking for all rows that still go; returns points, values, gradients and which rows moved."""
    X_out, f_out, g_out = X.copy(), f.copy(), g.copy()
    moved = np.zeros(len(X), dtype=bool)
    step = np.ones(len(X))
    todo = going.copy()
    for _ in range(8):
        rows = np.flatnonzero(todo)
        if not rows.size:
            break
        trial = np.clip(X[rows] + step[rows, None] * direction[rows], 0.0, 1.0)
        value, gradient = objective(trial, rows)
        gain = np.einsum("ij,ij->i", g[rows], trial - X[rows])
        good = (value >= f[rows] + _ARMIJO * gain) & np.isfinite(value)
        accepted = rows[good]
        X_out[accepted], f_out[accepted], g_out[accepted] = trial[good], value[good], gradient[good]
        moved[accepted] = True
        todo[accepted] = False
        step[rows[~good]] *= 0.3
    return X_out, f_out, g_out, moved
