"""Scores of stored runs, comparable between problems, with intervals from a bootstrap over runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from benchmarks.data import Row

Scores = dict[str, dict[str, np.ndarray]]  # optimizer -> problem -> (runs, trials)

REFERENCE = ("random", 25)  # score 0 is the median of this optimizer's incumbents after so many trials
_DRAWS = 1000


def scores(rows: Sequence[Row]) -> Scores:
    """(R - incumbent) / (R - B), clipped to [-1, 1], after each trial of each run.

    R is the median incumbent of random search after 25 trials, B the best incumbent of any stored run. Problems that
    random search did not run have no score.
    """
    found: Scores = {}
    for problem in sorted({row["problem"] for row in rows}):
        mine = [row for row in rows if row["problem"] == problem]
        curves = [incumbent_curve(row) for row in mine]
        name, after = REFERENCE
        known = [curve[:after][-1] for row, curve in zip(mine, curves, strict=True) if row["optimizer"] == name]
        if not known:
            continue
        reference, best = float(np.median(known)), min(float(curve.min()) for curve in curves)
        for optimizer in {row["optimizer"] for row in mine}:
            runs = np.array([c for row, c in zip(mine, curves, strict=True) if row["optimizer"] == optimizer])
            scaled = (reference - runs) / max(reference - best, 1e-12)
            found.setdefault(optimizer, {})[problem] = np.clip(scaled, -1.0, 1.0)
    return found


def incumbent_curve(row: Row) -> np.ndarray:
    """True values (trials,) of the incumbent after each trial.

    >>> incumbent_curve({"trials": 4, "incumbents": [[1, 0.5], [3, 0.25]]}).tolist()
    [0.5, 0.5, 0.25, 0.25]
    """
    first, values = zip(*row["incumbents"], strict=True)
    return np.repeat(np.array(values), np.diff([*first, row["trials"] + 1]))


def mean_with_interval(runs: Iterable[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean over problems, and the ends of its 95% interval; `runs` holds an array (runs, trials) for each problem.

    The runs of each problem are drawn with replacement, problems stay: the interval says how far other seeds would
    move the mean on these problems, not what other problems would give.
    """
    rng = np.random.default_rng(0)
    groups = list(runs)
    draws = np.zeros((_DRAWS, groups[0].shape[1]))
    for group in groups:
        counts = rng.multinomial(len(group), np.full(len(group), 1 / len(group)), size=_DRAWS)
        draws += counts @ group / len(group) / len(groups)
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    return np.mean([group.mean(axis=0) for group in groups], axis=0), low, high


def mean_ranks(found: Scores, names: Sequence[str]) -> dict[str, float]:
    """Each optimizer's rank (1 is best) by its mean score at the end, mean over the problems that all of them ran."""
    common = sorted(set.intersection(*(set(found[name]) for name in names)))
    final = np.array([[found[name][problem][:, -1].mean() for problem in common] for name in names])
    above = (final[None, :, :] > final[:, None, :]).sum(axis=1)
    equal = (final[None, :, :] == final[:, None, :]).sum(axis=1)
    return dict(zip(names, (above + (equal + 1) / 2).mean(axis=1).tolist(), strict=True))
