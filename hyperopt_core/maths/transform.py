"""Monotone transforms of observed values towards a normal distribution, which a Gaussian process needs most of all."""

from __future__ import annotations

import numpy as np

FIRST = 20  # values that show the space as a whole
MIN_FOR_POWER = 8  # fewer values do not tell a shape


def normalise(y: np.ndarray) -> np.ndarray:
    """Values (n,) to be minimised, oldest first -> (n,) with mean 0 and spread 1 in the same order.

    In turn: values on the bad side are cut at the third quartile + 1.5 interquartile ranges (Tukey's fence; one
    diverged training must not flatten the rest), a Yeo-Johnson power is fitted, and the result is z-scored. The fence
    never stands below that of the first values: when most trials have gathered in one basin, the others stay visible.
    Any finite input is fine: a constant gives zeros, 1e300 is an outlier.
    """
    y = np.asarray(y, dtype=float)
    n = y.size
    if n == 0:
        return y
    # A sixteenth keeps differences finite. The quantiles are values themselves: of four, one outlier is none of them.
    t = y * 0.0625
    q1, centre, q3 = (float(q) for q in np.quantile(t, [0.25, 0.5, 0.75], method="lower"))
    t = t - centre
    spread = q3 - q1
    if spread <= 1e-12 * abs(centre):
        spread = float(np.ptp(np.quantile(t, [0.0, 0.9])) or np.ptp(t))
    if spread <= 1e-14 * abs(centre) + 1e-290:
        return np.zeros(n)
    first1, first3 = (float(q) for q in np.quantile(t[:FIRST], [0.25, 0.75], method="lower"))
    fence = max(q3 - centre + 1.5 * spread, first3 + 1.5 * (first3 - first1))
    t = np.clip(t, -1e6 * spread, fence) / spread
    if n >= MIN_FOR_POWER:
        t = yeo_johnson(t, _power(t))
    deviation = t.std()
    return (t - t.mean()) / deviation if deviation > 1e-12 else np.zeros(n)


def yeo_johnson(t: np.ndarray, power: float) -> np.ndarray:
    """Yeo-Johnson transform of `t` (n,) (Yeo & Johnson 2000, eq. 2.1): the identity at power 1, logarithmic at 0.

    >>> yeo_johnson(np.array([-1.0, 0.0, 1.0]), 1.0)
    array([-1.,  0.,  1.])
    """
    up, down = np.log1p(np.maximum(t, 0.0)), np.log1p(np.maximum(-t, 0.0))
    right = up if abs(power) < 1e-8 else np.expm1(power * up) / power
    left = down if abs(2.0 - power) < 1e-8 else np.expm1((2.0 - power) * down) / (2.0 - power)
    return np.asarray(right - left)


def _power(t: np.ndarray) -> float:
    """The power in [-2, 2] of largest Gaussian likelihood under the prior N(1, 1), on a grid refined twice."""
    slopes = float(np.sum(np.sign(t) * np.log1p(np.abs(t))))

    def score(power: float) -> float:
        variance = yeo_johnson(t, power).var()
        if variance <= 1e-12:
            return -np.inf
        return float(-0.5 * t.size * np.log(variance) + (power - 1.0) * slopes - 0.5 * (power - 1.0) ** 2)

    best, step = 0.0, 0.5
    grid = np.linspace(-2.0, 2.0, 9)
    for _ in range(3):
        best = float(grid[np.argmax([score(power) for power in grid])])
        step /= 4.0
        grid = np.clip(best + step * np.arange(-3, 4), -2.0, 2.0)
    return best
