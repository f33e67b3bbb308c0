"""The Matern 5/2 kernel as a function of squared distances."""

from __future__ import annotations

import numpy as np


def squared_distances(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """Squared Euclidean distances (n, m) between the rows of `A` (n, D) and `B` (m, D)."""
    r2: np.ndarray = A @ B.T
    r2 *= -2.0
    r2 += np.einsum("ij,ij->i", A, A)[:, None]
    r2 += np.einsum("ij,ij->i", B, B)
    np.maximum(r2, 0.0, out=r2)
    return r2


def matern52(r2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Kernel values k and slopes -2 dk/d(r2) at squared distances `r2`, which is overwritten.

    k = (1 + s + s^2 / 3) exp(-s) with s = sqrt(5 r2) (Rasmussen & Williams 2006, eq. 4.17), and
    -2 dk/d(r2) = 5/3 (1 + s) exp(-s), finite at 0.

    >>> matern52(np.zeros(1))
    (array([1.]), array([1.66666667]))
    """
    r2 *= 5.0
    s = np.sqrt(r2)
    decay = np.exp(-s)
    s += 1.0
    slope = s * decay
    r2 /= 3.0
    r2 += s
    r2 *= decay
    slope *= 5.0 / 3.0
    return r2, slope
