"""`cv_results_`: as scikit-learn lays it out, where some candidates have not been trained to their end."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from hyperopt_sklearn.folds import Candidate, Result

_TIMES = ("fit_time", "score_time")


def cv_results(
    candidates: Sequence[Candidate],
    states: Sequence[str],
    reasons: Sequence[str],
    n_splits: int,
    laid_out: Callable[..., dict[str, Any]],
) -> dict[str, Any]:
    """The results of all candidates; the mean scores of those that were stopped are NaN, so that they rank last.

    laid_out: scikit-learn's own layout, of candidates by folds.
    """
    blank = _blank(next(r for c in candidates for r in c.results))
    stopped = [state == "stopped" for state in states]
    rows = [
        [blank] * n_splits if is_stopped else [*c.results, *[blank] * (n_splits - len(c.results))]
        for c, is_stopped in zip(candidates, stopped, strict=True)
    ]
    more = {
        "trial_state": list(states),
        "trial_steps": [c.steps for c in candidates],
        "trial_reason": list(reasons),
    }
    with warnings.catch_warnings():
        if all(state != "failed" for state in states):
            warnings.filterwarnings("ignore", message="One or more of the (test|train) scores are non-finite")
        out = laid_out([c.params for c in candidates], n_splits, [r for row in rows for r in row], more)
    for index, candidate in enumerate(candidates):
        if len(candidate.results) < n_splits or stopped[index]:
            _fill_in(out, index, candidate)
    return out


def _blank(result: Result) -> Result:
    """A fold on which a candidate was not trained, with the keys of one on which it was."""
    out = dict.fromkeys(result) | dict.fromkeys(_TIMES, np.nan)
    for key in ("test_scores", "train_scores"):
        if key in result:
            scores = result[key]
            out[key] = dict.fromkeys(scores, np.nan) if isinstance(scores, Mapping) else np.nan
    return out


def _fill_in(out: dict[str, Any], index: int, candidate: Candidate) -> None:
    """What is known of a candidate that was not trained to its end: its folds one by one, and its times."""
    for key in _TIMES:
        times = [result[key] for result in candidate.results]
        out[f"mean_{key}"][index], out[f"std_{key}"][index] = np.mean(times), np.std(times)
    for split, result in enumerate(candidate.results):
        for kind in ("test", "train"):
            scores = result.get(f"{kind}_scores", {})
            for name, score in (scores if isinstance(scores, Mapping) else {"score": scores}).items():
                out[f"split{split}_{kind}_{name}"][index] = score
