"""Bayesian optimisation that learns from learning curves: short trainings teach it about long ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hyperopt_core.maths.acquisition import log_expected_improvement, log_probability_above
from hyperopt_core.maths.blas import single_thread
from hyperopt_core.maths.cokriging import CoKriging, Scale, learn, log_probability_below
from hyperopt_core.maths.embedding import Embedding
from hyperopt_core.maths.gp import Hyperparameters, Posterior
from hyperopt_core.maths.ranks import spearman
from hyperopt_core.maths.search import maximise
from hyperopt_core.maths.worth import BeliefWorth, ModelWorth, Sum, Worth
from hyperopt_core.strategies import make_strategy
from hyperopt_core.strategies.candidates import embedding_of, first_new, neighbours, untried
from hyperopt_core.strategies.protocol import Point, Strategy
from hyperopt_core.trial import State

if TYPE_CHECKING:
    from hyperopt_core.history import History

_LEAST_POINTS = 8  # trials at the first rung before there is something to model
_MOST_POINTS = 500  # the model learns from at most so many
_FANTASIES = 16
_MARGIN = (-4.0, -0.5)  # log10 of the improvement that is looked for, in spreads of the values
_BELIEF = 10.0  # trials after which a user's belief counts once
SETTLED = 0.8  # rank correlation from which an order counts as settled
_LEAST_PAIRS = 6  # trials that show whether it is
_APART = 1.8  # rungs are steps at least this factor apart


class CoKrigingSearch:
    """Expected improvement at the end of a training, under a model of the values at all rungs.

    Trials that were stopped or paused count by their values at the rungs that they reached, never by their last value
    as if it were final. Where the order of trials is settled early, a point is also weighed by the probability that
    every rung lets it pass: a place where trials are stopped at once is worth nothing. A trial that trains straight to
    its end is never weighed so, and puts the early order to the test. A near-copy of a trial that was stopped or waits
    is worth little: letting that one go on would tell as much. As long as there is none, and for the first ones,
    `strategy` proposes: a name, with its `options`, or an instance.

    >>> CoKrigingSearch(acquisition="ucb").name
    'cokriging'
    """

    name = "cokriging"

    def __init__(self, strategy: str | Strategy = "gp", **options: Any) -> None:
        self._plain = make_strategy(strategy, options)

    def ask(self, history: History, number: int, rng: np.random.Generator, budget: int | None = None) -> Point:
        known = _rung_values(history)
        if known is None or np.count_nonzero(np.isfinite(known.Y[:, 0])) < _LEAST_POINTS:
            return self._plain.ask(history, number, rng)
        straight = budget is not None and budget >= known.steps[-1]
        with single_thread():
            return _propose(history, known, straight, rng)


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """What curves say: one row a trial."""

    U: np.ndarray  # (n, d) coordinates
    Y: np.ndarray  # (n, K) values at the rungs, to be minimised; NaN: not reached
    running: np.ndarray  # (n,) whether it is being trained
    steps: np.ndarray  # (K,) of the rungs
    order: np.ndarray  # (K,) rank correlation of each rung with the one before it (the first: with a third of its step)


def _rung_values(history: History) -> _Known | None:
    """The rungs are the steps at which trials were stopped or paused; None where none was."""
    trials = [t for t in history.trials if t.params and t.state not in (State.FAILED, State.PROPOSING)]
    curves = {t.number: history.trace(t.number) for t in trials}
    ends = {
        float(curves[t.number][0][-1])
        for t in trials
        if t.state in (State.STOPPED, State.PAUSED) and len(curves[t.number][0])
    }
    full = [float(curves[t.number][0][-1]) for t in trials if t.state is State.COMPLETED and len(curves[t.number][0])]
    steps = _rungs(ends, history.max_steps or max(full, default=0.0))
    if not ends:
        return None
    Y = np.full((len(trials), len(steps)), np.nan)
    early, running = np.full(len(trials), np.nan), np.zeros(len(trials), dtype=bool)
    for row, trial in enumerate(trials):
        at, values = curves[trial.number]
        if len(at):
            before = np.maximum(np.searchsorted(at, steps, side="right") - 1, 0)
            there = (steps <= at[-1]) | (trial.state is State.COMPLETED)  # a complete one is as long as it gets
            Y[row, there] = values[before[there]]
            first = max(int(np.searchsorted(at, steps[0] / 3.0, side="right")) - 1, 0)
            early[row] = values[first] if at[first] < steps[0] else np.nan
        running[row] = trial.state in (State.RUNNING, State.WAITING)
    kept = _informative(Y, running)
    order = np.array([_correlation(before, at) for before, at in zip((early, *Y.T[:-1]), Y.T, strict=True)])
    return _Known(history.points([trials[row].number for row in kept]), Y[kept], running[kept], steps, order)


def _rungs(ends: set[float], top: float) -> np.ndarray:
    steps: list[float] = []
    for step in sorted(ends):
        if (step < top or not top) and (not steps or step >= _APART * steps[-1]):
            steps.append(step)
    return np.array([*steps, top] if top else steps)


def _informative(Y: np.ndarray, running: np.ndarray) -> np.ndarray:
    """Rows that say something; at most so many: those that came furthest, and the rest evenly by first value."""
    rows = np.flatnonzero(np.isfinite(Y[:, 0]) | running)
    if len(rows) <= _MOST_POINTS:
        return rows
    depth = np.isfinite(Y[rows]).sum(axis=1)
    order = rows[np.lexsort((Y[rows, 0], -depth, ~running[rows]))]
    best, rest = order[: _MOST_POINTS // 2], order[_MOST_POINTS // 2 :]
    return np.sort(np.concatenate((best, rest[np.linspace(0, len(rest) - 1, _MOST_POINTS - len(best)).astype(int)])))


def _propose(history: History, known: _Known, straight: bool, rng: np.random.Generator) -> Point:
    space = history.space
    embedding = embedding_of(space)
    reached = np.isfinite(known.Y)
    depth = reached.sum(axis=1)
    latest = known.Y[np.flatnonzero(depth), depth[depth > 0] - 1]
    scale = Scale(latest, known.Y[reached])
    Z = np.full(known.Y.shape, np.nan)
    Z[reached] = scale.z
    # What waits at a rung could go on in the place of a new trial, but for one that no rung ends: that is to test them.
    open_ended = known.running if straight else known.running | (depth < len(known.steps))
    model = learn(embedding, known.U, Z, open_ended, known.order, _FANTASIES, rng)
    means = model.predict(known.U)[0]
    best = means.min(axis=1)
    candidates = untried(history, rng)
    tops = known.U[np.argsort(means.mean(axis=0), kind="stable")[:5]]
    candidates = np.concatenate((candidates, neighbours(tops, embedding, space, rng)))
    margin = 10.0 ** rng.uniform(*_MARGIN)
    terms: list[Worth] = [ModelWorth(model, log_expected_improvement(best - margin))]
    if not straight:
        terms += _passes(model, Z, known.order)
    terms += _beyond_the_model(history, embedding, model)
    levels = np.array([c.levels or 0 for c in space.columns])
    points, values = maximise(Sum(terms), candidates, levels, space.snap, rng)
    place = first_new(history, points)
    mean, deviation = model.predict(points[place][None])
    m, s = float(mean.mean()), float(deviation[0])
    expected, wide = scale.restore(m), (scale.restore(m + s) - scale.restore(m - s)) / 2.0
    details = {"mean": expected, "sd": wide, "acquisition": float(values[place])}
    return Point(points[place], "exploit" if m <= best.mean() else "explore", details)


def _correlation(before: np.ndarray, at: np.ndarray) -> float:
    """Of the ranks of the trials that have both values; NaN where they are too few."""
    both = np.isfinite(before) & np.isfinite(at)
    return spearman(before[both], at[both]) if both.sum() >= _LEAST_PAIRS else np.nan


def _passes(model: CoKriging, Z: np.ndarray, order: np.ndarray) -> list[Worth]:
    """The odds of being among the best third at each rung before the last, where the order of trials is settled."""
    terms: list[Worth] = []
    for rung in range(min(len(model.levels), Z.shape[1] - 1)):
        if order[rung] >= SETTLED:
            here = Z[np.isfinite(Z[:, rung]), rung]
            terms.append(ModelWorth(model.upto(rung), log_probability_below(float(np.quantile(here, 1.0 / 3.0)))))
    return terms


def _beyond_the_model(history: History, embedding: Embedding, model: CoKriging) -> list[Worth]:
    """Less worth where trials fail, more where the user believes the optimum to be."""
    terms: list[Worth] = []
    failed, theta = history.failed[-_MOST_POINTS:], model.levels[0].posterior.theta
    if len(failed) >= 2:
        X = np.concatenate((history.X[-_MOST_POINTS:], history.stopped[-_MOST_POINTS:], failed))
        success = np.repeat([1.0, -1.0], [len(X) - len(failed), len(failed)])
        rule = Hyperparameters(1.5 * theta.lengthscales, signal=1.0, noise=0.1)
        terms.append(ModelWorth(Posterior(embedding, rule, X, success), log_probability_above(0.0)))
    if history.space.has_priors:
        terms.append(BeliefWorth(history.space.log_prior, _BELIEF / len(history), embedding.numeric))
    return terms
