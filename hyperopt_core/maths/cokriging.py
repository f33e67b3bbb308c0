"""Recursive co-kriging: what short trainings say about long ones, and how far to believe it.

A configuration's value at rung k is f_k(x) = rho_k f_{k-1}(x) + delta_k(x) with independent Gaussian processes f_1 and
delta_k (Kennedy & O'Hagan 2000, eq. 1; Le Gratiet & Garnier 2014). Each is fitted to the configurations that came so
far: many short trainings place f_1, and a few long ones say where and by how much the early order misleads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hyperopt_core.maths.acquisition import Acquisition
from hyperopt_core.maths.embedding import Embedding
from hyperopt_core.maths.gp import Linearised, Posterior
from hyperopt_core.maths.gp_fit import fit
from hyperopt_core.maths.transform import normalise

#: What a rung adds is believed to vary by at least this much, in units of the spread of values, where the order of
#: trials is not known to last. A few long trainings of one region would otherwise make the model sure that the early
#: order holds everywhere. A rank correlation of r leaves sqrt(1 - r^2) of it, and never less than the second number.
_LEAST_CHANGE = (2.0, 0.2)
_RHO_MEAN, _RHO_DEVIATION = 1.0, 0.3  # the prior of the factor between two rungs
_RHO_RANGE = (0.1, 2.5)
_LOG_SQRT_2PI = 0.5 * np.log(2.0 * np.pi)


class Scale:
    """One monotone scale for the values at all rungs: `z` (m,) of `values` (m,), in spreads from the centre.

    The centre is the median of `latest` (n,), the last value of each trial; the spread its distance to their best tenth
    in normal deviations. Early values are many and bad: they must not set the scale on which the last ones differ.

    >>> Scale(np.array([1.0, 2.0, 3.0]), np.array([2.0, 3.0])).z.round(2)
    array([0. , 1.6])
    """

    def __init__(self, latest: np.ndarray, values: np.ndarray) -> None:
        both = normalise(np.concatenate((latest, values)))
        centre, low = (float(q) for q in np.quantile(both[: latest.size], [0.5, 0.1]))
        spread = (centre - low) / 1.2816
        self.z = (both[latest.size :] - centre) / (spread if spread > 1e-9 else 1.0)
        order = np.argsort(self.z, kind="stable")
        self._z, self._values = self.z[order], values[order]

    def restore(self, z: float) -> float:
        """The value at `z`, between the values that there are."""
        return float(np.interp(z, self._z, self._values))


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """What one rung adds: a process, its unit, and the factor on the rung below."""

    posterior: Posterior
    unit: float
    rho: float


class CoKriging:
    """The function at the last of K rungs, from values at the rungs. Made by `learn`."""

    def __init__(self, levels: Sequence[Level]) -> None:
        self.levels = tuple(levels)
        weight, weights = 1.0, []  # f_K is the sum of weight * process
        for level in reversed(self.levels):
            weights.append(weight * level.unit)
            weight *= level.rho
        self._weights = weights[::-1]

    def upto(self, rung: int) -> CoKriging:
        """The function at an earlier rung, counted from 0."""
        return CoKriging(self.levels[: rung + 1])

    def predict(self, U: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Means (S, m) and standard deviations (m,) at encoded points (m, d)."""
        parts = [level.posterior.predict(U) for level in self.levels]
        return _combine(self._weights, [mean for mean, _ in parts], [deviation for _, deviation in parts])

    def linearise(self, U: np.ndarray) -> LinearisedSum:
        """Predictions at encoded points (m, d) that can also be differentiated with regard to the points."""
        return LinearisedSum(self._weights, [level.posterior.linearise(U) for level in self.levels])


class LinearisedSum:
    """Means (S, m) and deviations (m,) of a weighted sum of processes, with gradients."""

    def __init__(self, weights: Sequence[float], parts: Sequence[Linearised]) -> None:
        self._weights, self._parts = weights, parts
        self.mean, self.deviation = _combine(weights, [p.mean for p in parts], [p.deviation for p in parts])

    def gradient(self, by_mean: np.ndarray, by_deviation: np.ndarray) -> np.ndarray:
        """Gradient (m, d) of f(mean, deviation) at each point, from df/dmean (S, m) and df/ddeviation (m,)."""
        total: np.ndarray | float = 0.0
        for weight, part in zip(self._weights, self._parts, strict=True):
            pull = weight * (by_mean if len(part.mean) == len(by_mean) else by_mean.sum(axis=0, keepdims=True))
            total = total + part.gradient(pull, by_deviation * weight**2 * part.deviation / self.deviation)
        return np.asarray(total)


def learn(
    embedding: Embedding,
    U: np.ndarray,
    Z: np.ndarray,
    open_ended: np.ndarray,
    order: np.ndarray,
    draws: int,
    rng: np.random.Generator,
) -> CoKriging:
    """The model of values `Z` (n, K) at encoded points `U` (n, d), NaN where a rung was not reached.

    A row that has a value at a rung has one at all before it, and at least one row has one at the first. Where
    `open_ended` (n,) is true, the outcomes at rungs not reached yet are drawn `draws` times and integrated over, as if
    all would let it pass: what is found out by letting it go on need not be found out again. `order` (K,) is the rank
    correlation of each rung with the one before it, NaN where it is not known: then that of the last rung that has one
    is taken. Rungs that nobody has reached are left out.
    """
    levels: list[Level] = []
    lasts = 0.0  # how far the order of trials lasts
    for k in range(Z.shape[1]):
        known = np.isfinite(Z[:, k])
        if not known.any():
            break
        rho = _factor(Z[known, k - 1], Z[known, k]) if k else 0.0
        target = Z[known, k] - rho * Z[known, k - 1] if k else Z[known, 0]
        lasts = lasts if np.isnan(order[k]) else max(float(order[k]), 0.0)
        unit = max(float(target.std()), _least_change(lasts)) if k else 1.0
        posterior = _posterior(embedding, U[known], target / unit, U[~known & open_ended], draws, rng)
        levels.append(Level(posterior, unit, rho))
    return CoKriging(levels)


def log_probability_below(threshold: float) -> Acquisition:
    """ln P[f < threshold], averaged over futures before the logarithm: whether a rung lets a trial pass."""
    from scipy.special import log_ndtr

    def acquisition(mean: np.ndarray, deviation: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        z = (threshold - mean) / deviation
        each = log_ndtr(z)
        top = each.max(axis=0)
        weights = np.exp(each - top)
        total = weights.sum(axis=0)
        by_z = weights / total * np.exp(-0.5 * z * z - _LOG_SQRT_2PI - each)
        return top + np.log(total / len(mean)), -by_z / deviation, -(by_z * z).sum(axis=0) / deviation

    return acquisition


def _posterior(
    embedding: Embedding, U: np.ndarray, y: np.ndarray, awaited: np.ndarray, draws: int, rng: np.random.Generator
) -> Posterior:
    theta = fit(embedding, U, y)
    posterior = Posterior(embedding, theta, U, y)
    if not len(awaited):
        return posterior
    mean, factor = posterior.joint(awaited)
    drawn = mean[0][:, None] + factor @ rng.standard_normal((len(awaited), draws))
    both = np.concatenate((np.repeat(y[:, None], draws, axis=1), drawn))
    return Posterior(embedding, theta, np.concatenate((U, awaited)), both)


def _combine(
    weights: Sequence[float], means: Sequence[np.ndarray], deviations: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    mean = sum(w * m for w, m in zip(weights, means, strict=True))
    variance = sum((w * s) ** 2 for w, s in zip(weights, deviations, strict=True))
    return np.asarray(mean), np.sqrt(np.asarray(variance))


def _least_change(correlation: float) -> float:
    most, least = _LEAST_CHANGE
    return float(max(most * np.sqrt(1.0 - min(correlation, 1.0) ** 2), least))


def _factor(below: np.ndarray, above: np.ndarray) -> float:
    """The factor between rungs under its prior, where each pair scatters by one spread of values."""
    x, y = below - below.mean(), above - above.mean()
    precision = 1.0 / _RHO_DEVIATION**2
    return float(np.clip((x @ y + _RHO_MEAN * precision) / (x @ x + precision), *_RHO_RANGE))
