"""Bayesian optimisation with a Gaussian process: few trials to a good point, on mixed, conditional and noisy spaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyperopt_core.errors import ConfigError, suggest
from hyperopt_core.maths.acquisition import (
    Acquisition,
    confidence_bound,
    log_expected_improvement,
    log_probability_above,
)
from hyperopt_core.maths.blas import single_thread
from hyperopt_core.maths.design import spread_out
from hyperopt_core.maths.embedding import Embedding
from hyperopt_core.maths.gp import Hyperparameters, Posterior
from hyperopt_core.maths.gp_fit import LENGTHSCALES, fit
from hyperopt_core.maths.search import maximise
from hyperopt_core.maths.transform import normalise
from hyperopt_core.maths.worth import BeliefWorth, InsideWorth, ModelWorth, Sum, Worth
from hyperopt_core.strategies.candidates import embedding_of, first_new, neighbours, untried
from hyperopt_core.strategies.protocol import Point

if TYPE_CHECKING:
    from hyperopt_core.history import History

ACQUISITIONS = ("logei", "ei", "ucb", "ts")

_MOST_STARTS = 10
_FIT_POINTS = 300  # hyperparameters are fitted to at most so many trials
_MODEL_POINTS = 1000  # predictions are made from at most so many
_FANTASIES = 32
_KAPPA = 1.8
_MARGIN = (-4.0, -0.5)  # log10 of the improvement that is looked for, in standard deviations of the values
_EDGE = 0.1  # the part of a range that counts as its end
_INSIDE = 30.0  # trials after which the end of a range costs a factor e of the acquisition
_BELIEF = 10.0  # trials after which a user's belief counts once


class GaussianProcess:
    """Proposes the point of highest acquisition under a Gaussian process of all completed trials.

    acquisition: "logei" (the default: expected improvement on the best predicted value less a margin that is drawn anew
    for each trial, and augmented for noise, so that neither a basin nor a plateau holds the search for long), "ei" (as
    in textbooks), "ucb" (a lower confidence bound), "ts" (Thompson sampling). starts: how many trials spread over the
    space before the model takes over; None for one more than there are parameters, at most 10.

    Trials that are pending count through draws of their outcomes, failed ones through a model of where trials fail,
    and trials that were stopped early as no better than the average. Raises `ConfigError` for an unknown acquisition.

    >>> GaussianProcess(acquisition="ucb").name
    'gp'
    """

    name = "gp"

    def __init__(self, acquisition: str = "logei", *, starts: int | None = None) -> None:
        if acquisition not in ACQUISITIONS:
            known = ", ".join(ACQUISITIONS)
            raise ConfigError(f"acquisition is {acquisition!r}: one of {known}{suggest(acquisition, ACQUISITIONS)}")
        if starts is not None and starts < 1:
            raise ConfigError(f"starts is {starts}: at least 1 trial is needed before there is anything to model")
        self.acquisition, self.starts = acquisition, starts

    def ask(self, history: History, number: int, rng: np.random.Generator, budget: int | None = None) -> Point:
        """The point for trial `number`. Raises `SpaceExhausted` where every point of the space has been a trial."""
        space = history.space
        embedding = embedding_of(space)
        candidates = untried(history, rng)
        starts = self.starts or min(space.d + 1, _MOST_STARTS)
        with single_thread():
            if len(history.y) + len(history.failed) < starts or len(history.y) < 2:
                taken = np.concatenate((history.X, history.pending, history.failed, history.stopped))
                # Where the user believes in a region, it counts more than even cover.
                return _start(candidates[: 8 if space.has_priors else None], taken, embedding, starts)
            return self._propose(history, embedding, candidates, rng)

    def _propose(
        self, history: History, embedding: Embedding, candidates: np.ndarray, rng: np.random.Generator
    ) -> Point:
        space = history.space
        y = normalise(history.y)
        chosen = _informative(y, _FIT_POINTS)
        theta = fit(embedding, history.X[chosen], y[chosen])
        kept = _informative(y, _MODEL_POINTS)
        X, y = history.X[kept], y[kept]
        posterior = _with_unknown(Posterior(embedding, theta, X, y), X, y, history, rng)
        best = posterior.predict(np.concatenate((X, history.pending)))[0].min(axis=1)
        nearby = neighbours(X[np.argsort(y, kind="stable")[:5]], embedding, space, rng)
        candidates = np.concatenate((candidates, nearby))
        if self.acquisition == "ts":
            points, values = _thompson(posterior, candidates, rng)
        else:
            acquisition = ModelWorth(posterior, self._acquisition(best, theta.noise, rng))
            worth = Sum([acquisition, *_beyond_the_model(history, embedding, theta)])
            levels = np.array([c.levels or 0 for c in space.columns])
            points, values = maximise(worth, candidates, levels, space.snap, rng)
        place = first_new(history, points)
        u, (mean, deviation) = points[place], posterior.predict(points[place : place + 1])
        reason = "exploit" if mean.mean() <= best.mean() else "explore"
        return Point(u, reason, _details(history.y[kept], y, float(mean.mean()), float(deviation[0]), values[place]))

    def _acquisition(self, best: np.ndarray, noise: float, rng: np.random.Generator) -> Acquisition:
        if self.acquisition == "ucb":
            return confidence_bound(_KAPPA)
        if self.acquisition == "ei":
            return log_expected_improvement(best)
        return log_expected_improvement(best - 10.0 ** rng.uniform(*_MARGIN), noise)


# --- points to consider -----------------------------------------------------------------------------------------------


def _start(candidates: np.ndarray, taken: np.ndarray, embedding: Embedding, starts: int) -> Point:
    """A point far from those `taken`; the first is the one nearest the middle."""
    if len(taken):
        place = spread_out(candidates, taken, embedding)[0]
    else:
        place = np.argmin(np.nansum((candidates[:, embedding.numeric] - 0.5) ** 2, axis=1))
    return Point(candidates[place], f"start {len(taken) + 1} of {max(starts, len(taken) + 1)}")


# --- model ------------------------------------------------------------------------------------------------------------


def _informative(y: np.ndarray, limit: int) -> np.ndarray:
    """Indices of at most `limit` values: the best half, and the rest evenly over the order of values."""
    if len(y) <= limit:
        return np.arange(len(y))
    order = np.argsort(y, kind="stable")
    best, rest = order[: limit // 2], order[limit // 2 :]
    spread = rest[np.linspace(0, len(rest) - 1, limit - len(best)).astype(int)]
    return np.sort(np.concatenate((best, spread)))


def _with_unknown(
    posterior: Posterior, X: np.ndarray, y: np.ndarray, history: History, rng: np.random.Generator
) -> Posterior:
    """The posterior that also knows pending and stopped trials.

    Outcomes of pending trials are drawn jointly and integrated over, so that points near them are worth less. A stopped
    trial was no better than the others: it takes the average, or what is predicted where that is worse.
    """
    pending, stopped = history.pending, history.stopped
    if not len(pending) and not len(stopped):
        return posterior
    draws = np.zeros((0, _FANTASIES if len(pending) else 1))
    if len(pending):
        mean, factor = posterior.joint(pending)
        draws = mean[0][:, None] + factor @ rng.standard_normal((len(pending), _FANTASIES))
    worse = np.maximum(posterior.predict(stopped)[0][0], 0.0) if len(stopped) else np.zeros(0)
    known = np.concatenate((y, worse))[:, None].repeat(draws.shape[1], axis=1)
    points = np.concatenate((X, stopped, pending))
    return Posterior(posterior.embedding, posterior.theta, points, np.concatenate((known, draws)))


def _beyond_the_model(history: History, embedding: Embedding, theta: Hyperparameters) -> list[Worth]:
    """Less worth at the ends of ranges and where trials fail, more where the user believes the optimum to be.

    Each category has corners of its own, of which a model that knows little is least sure, and the search would go
    through them one after the other. People choose ranges that hold the optimum inside; the cost fades with the trials.
    """
    terms: list[Worth] = []
    if embedding.choice.size:
        margin = np.where(embedding.categories == 0, _EDGE, 0.0)
        terms.append(InsideWorth(margin, 1.0 - margin, _EDGE, _INSIDE / len(history.y)))
    failed = history.failed[-_MODEL_POINTS // 2 :]
    if len(failed) >= 2:
        X = np.concatenate((history.X[-_MODEL_POINTS // 2 :], failed))
        success = np.repeat([1.0, -1.0], [len(X) - len(failed), len(failed)])
        wider = Hyperparameters(np.minimum(1.5 * theta.lengthscales, LENGTHSCALES[1]), signal=1.0, noise=0.1)
        terms.append(ModelWorth(Posterior(embedding, wider, X, success), log_probability_above(0.0)))
    if history.space.has_priors:
        terms.append(BeliefWorth(history.space.log_prior, _BELIEF / len(history.y), embedding.numeric))
    return terms


def _thompson(posterior: Posterior, candidates: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Candidates by the value of one joint draw of the function, best first."""
    mean, factor = posterior.joint(candidates)
    draw = mean[rng.integers(len(mean))] + factor @ rng.standard_normal(len(candidates))
    order = np.argsort(draw, kind="stable")
    return candidates[order], -draw[order]


def _details(values: np.ndarray, y: np.ndarray, mean: float, deviation: float, worth: float) -> dict[str, float]:
    """What was predicted, in the units of `values` (n,) whose normalised form is `y` (n,)."""
    order = np.argsort(y, kind="stable")
    low, middle, high = np.interp([mean - deviation, mean, mean + deviation], y[order], values[order])
    return {"mean": float(middle), "sd": float(high / 2 - low / 2), "acquisition": float(worth)}
