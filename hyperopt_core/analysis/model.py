"""The model of a metric that pictures show: the Gaussian process of `strategies.gp`, fitted to completed trials."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyperopt_core.maths.blas import single_thread
from hyperopt_core.maths.gp import MEAN_VARIANCE, Posterior
from hyperopt_core.maths.gp_fit import fit
from hyperopt_core.maths.transform import normalise
from hyperopt_core.strategies.candidates import embedding_of

if TYPE_CHECKING:
    from hyperopt_core.history import History

LEAST_TRIALS = 8  # completed with a value; fewer do not show a shape
_MOST_TRIALS = 300  # learnt from, evenly over the order of their values: more take seconds and look the same
_FREQUENCIES = 1024  # of a draw of the function


class Model:
    """What is believed of the metric everywhere in the space, in the metric's own units.

    Trials that were stopped early, failed or still run are not in it.

    >>> from hyperopt_core import Optimizer, Float
    >>> opt = Optimizer({"x": Float(0, 1)}, strategy="random", seed=0)
    >>> for _ in range(12):
    ...     trial = opt.ask()
    ...     opt.tell(trial, trial.params["x"] ** 2)
    >>> mean, low, high = Model.of(opt.history).predict(np.array([[0.5]]))
    >>> bool(low[0] < mean[0] < high[0]), bool(abs(mean[0] - 0.25) < 0.05)
    (True, True)
    """

    def __init__(self, history: History) -> None:
        X, y = history.X, history.y
        z = normalise(y)
        order = np.argsort(z, kind="stable")
        kept = order[np.unique(np.linspace(0, len(y) - 1, min(len(y), _MOST_TRIALS)).astype(int))]
        self.space, self._sign = history.space, history.objective.sign
        self._X, self._z = X[kept], z[kept]
        embedding = embedding_of(history.space)
        with single_thread():
            self._posterior = Posterior(embedding, fit(embedding, self._X, self._z), self._X, self._z)
        levels, first = np.unique(z[order], return_index=True)
        self._levels, self._values = levels, y[order][first]

    @classmethod
    def of(cls, history: History) -> Model | None:
        """The model, or None below 8 completed trials with a value, or where all have the same one."""
        if len(history.y) < LEAST_TRIALS or not history.space.d or np.ptp(normalise(history.y)) == 0:
            return None
        return cls(history)

    def predict(self, U: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The mean (m,) at encoded points (m, d), and the values one standard deviation below and above it.

        They stay within what was seen: the model works on transformed values, and nothing tells how those beyond the
        best and the worst would be transformed.
        """
        with single_thread():
            mean, deviation = self._posterior.predict(U)
        mean = mean[0]
        centre, one, other = (
            self._sign * np.interp(z, self._levels, self._values) for z in (mean, mean - deviation, mean + deviation)
        )
        return centre, np.minimum(one, other), np.maximum(one, other)

    def draws(self, U: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
        """Draws (count, m) of the function at encoded points (m, d), in units of the normalised values.

        By Matheron's rule (Wilson et al. 2020, eq. 13): a draw of the prior from random frequencies of the Matern 5/2
        kernel, corrected by what it misses at the trials.
        """
        theta, embedding = self._posterior.theta, self._posterior.embedding
        scale = (1.0 / theta.lengthscales)[embedding.owner]
        width = len(scale)
        # The spectral density of Matern 5/2 is a t distribution with 5 degrees of freedom.
        frequencies = rng.standard_normal((width, _FREQUENCIES)) / np.sqrt(rng.chisquare(5, _FREQUENCIES) / 5)
        phases = rng.uniform(0, 2 * np.pi, _FREQUENCIES)
        weights = rng.standard_normal((_FREQUENCIES, count)) * np.sqrt(2 * theta.signal / _FREQUENCIES)
        level = rng.standard_normal(count) * np.sqrt(MEAN_VARIANCE)

        def prior(points: np.ndarray) -> np.ndarray:
            return np.cos(embedding(points) * scale @ frequencies + phases) @ weights + level

        noise = np.sqrt(theta.noise) * rng.standard_normal((len(self._z), count))
        missed = self._z[:, None] - prior(self._X) - noise
        with single_thread():
            correction, _ = Posterior(embedding, theta, self._X, missed).predict(U)
            return prior(U).T + correction
