"""Acquisition functions: what a point is worth, from the mean and deviation that a model predicts for it.

All are maximised, for values that are minimised. Each takes means (S, m) for S equally likely futures and one
deviation (m,), and returns values (m,) with the derivatives by mean (S, m) and by deviation (m,).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Acquisition = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]

_LOG_SQRT_2PI = 0.5 * np.log(2.0 * np.pi)


def log_improvement(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """ln h(z) and its derivative, h(z) = phi(z) + z Phi(z), without underflow (Ament et al. 2023, eq. 9).

    >>> log_improvement(np.array([0.0]))[0].round(4)
    array([-0.9189])
    """
    from scipy.special import erfcx, ndtr

    # Phi(z) / phi(z), written with the scaled error function where phi underflows
    value, slope = np.empty_like(z), np.empty_like(z)
    near = z > -1.0
    a = z[near]
    phi, Phi = np.exp(-0.5 * a * a - _LOG_SQRT_2PI), ndtr(a)
    h = phi + a * Phi
    value[near], slope[near] = np.log(h), Phi / h
    b = z[~near]
    t = np.sqrt(0.5 * np.pi) * erfcx(-b / np.sqrt(2.0))
    # 1 + b t cancels far out, where it tends to 1 / b^2
    rest = np.where(b < -1e3, 1.0 / np.maximum(b * b, 1e-300), 1.0 + b * t)
    value[~near] = -0.5 * b * b - _LOG_SQRT_2PI + np.log(rest)
    slope[~near] = t / rest
    return value, slope


def log_expected_improvement(goal: np.ndarray, noise: float = 0.0) -> Acquisition:
    """ln E[max(goal - f, 0)] with one `goal` (S,) a future; futures are averaged before the logarithm.

    A `noise` variance above 0 gives augmented expected improvement (Huang et al. 2006, eq. 12): where the model is
    surer than one more noisy observation could make it, there is little to learn.
    """

    def acquisition(mean: np.ndarray, deviation: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        z = (goal[:, None] - mean) / deviation
        log_h, slope = log_improvement(z)
        value = log_h + np.log(deviation)
        top = value.max(axis=0)
        weights = np.exp(value - top)
        total = weights.sum(axis=0)
        weights /= total
        by_mean = -weights * slope / deviation
        by_deviation = np.sum(weights * (1.0 - slope * z), axis=0) / deviation
        value = top + np.log(total / len(goal))
        if noise > 0.0:
            # 1 - s / sqrt(v + s^2) = v / (r (r + s)) without cancellation, r = sqrt(v + s^2), s^2 = noise
            s, r = np.sqrt(noise), np.sqrt(deviation**2 + noise)
            value += 2.0 * np.log(deviation) - np.log(r * (r + s))
            by_deviation += 2.0 / deviation - deviation / r * (1.0 / r + 1.0 / (r + s))
        return value, by_mean, by_deviation

    return acquisition


def confidence_bound(kappa: float) -> Acquisition:
    """kappa deviations below the mean (GP-UCB, Srinivas et al. 2010, eq. 6, for minimisation)."""

    def acquisition(mean: np.ndarray, deviation: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return (
            kappa * deviation - mean.mean(axis=0),
            np.full(mean.shape, -1.0 / len(mean)),
            np.full(deviation.shape, kappa),
        )

    return acquisition


def log_probability_above(threshold: float) -> Acquisition:
    """ln P[f > threshold]: a weight for points that a model of failures thinks poor."""
    from scipy.special import log_ndtr

    def acquisition(mean: np.ndarray, deviation: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        z = (mean[0] - threshold) / deviation
        value = log_ndtr(z)
        slope = np.exp(-0.5 * z * z - _LOG_SQRT_2PI - value)
        return value, (slope / deviation)[None], -slope * z / deviation

    return acquisition
