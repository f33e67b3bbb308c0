"""Advice on a sweep that could be run, but would be better otherwise."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from hyperopt_core.errors import ConfigError, Fault
from hyperopt_core.schedulers import make_scheduler
from hyperopt_core.space import Float, Int
from hyperopt_core.spec import SweepSpec

_DECADES = 3  # from here on a range wants a logarithmic scale
_FEW = 50  # combinations that a grid covers
_MANY = 1000  # combinations that a grid should not be asked for
_LONG = 7 * 86_400  # seconds
_MODELS = ("bayes", "cokriging", "gp")
_UP = re.compile(
    "acc|accuracy|auc|auroc|auprc|f1|score|precision|recall|map|iou|miou|dice|bleu|rouge|r2|reward|return|psnr|ssim"
)
_DOWN = re.compile("loss|logloss|error|err|mse|rmse|mae|mape|ppl|perplexity|nll|wer|cer|cost|regret|fid")
_NEGATED = re.compile("neg|negative|negated|minus")


def advise(spec: SweepSpec, seconds_per_trial: float | None = None, epochs: int | None = None) -> list[Fault]:
    """What W&B's best practice and ours say about `spec`, each with the remedy, as warnings.

    seconds_per_trial: how long a trial takes, where it is known. epochs: the reports of a full training, where
    `max_steps` does not say so.
    """
    found = [
        *_scales(spec),
        *_grid(spec, seconds_per_trial),
        *_strategy(spec),
        *_bands(spec, epochs),
        *_goal(spec),
    ]
    if spec.seed is None and spec.strategy != "grid":  # a grid has nothing random
        found.append((("seed",), "is not given: with `seed: 1` the same sweep proposes the same trials again"))
    return [Fault(path, message, "warning") for path, message in found]


Advice = tuple[tuple[str | int, ...], str]


def _scales(spec: SweepSpec) -> Iterator[Advice]:
    for name, parameter in spec.space.parameters.items():
        if not isinstance(parameter, Float | Int) or parameter.log or parameter.low <= 0:
            continue
        decades = math.log10(parameter.high) - math.log10(parameter.low)
        if decades < _DECADES - 1e-9:
            continue
        kind = "int_log_uniform_values" if isinstance(parameter, Int) else "log_uniform_values"
        if isinstance(parameter, Float) and parameter.q is not None:
            kind = f"q_{kind}"
        yield (
            ("parameters", name),
            f"spans {decades:.2g} decades on a linear scale, so that nine of ten values lie above "
            f"{parameter.high / 10:g}: write `distribution: {kind}`",
        )


def _grid(spec: SweepSpec, seconds: float | None) -> Iterator[Advice]:
    size = spec.space.size
    if size is None:
        return
    if spec.strategy != "grid":
        if 1 < size <= _FEW:
            yield ("method",), f"the space has only {size} combinations: `method: grid` shows them all"
        return
    trials = size if spec.limits.trials is None else min(size, spec.limits.trials)
    duration = trials * seconds if seconds is not None else 0.0
    if size > _MANY or duration > _LONG:
        time = f", {_words(duration)} at {seconds:.3g} s a trial one after the other" if seconds is not None else ""
        capped = f", of which run_cap reaches the first {trials:,}" if trials < size else ""
        yield (
            ("method",),
            f"the grid has {_count(size)} combinations{capped}{time}: take `method: bayes` with a `run_cap`, "
            "or give fewer values",
        )


def _strategy(spec: SweepSpec) -> Iterator[Advice]:
    columns = spec.space.columns
    if spec.strategy in _MODELS and columns and all(c.kind == "categorical" for c in columns):
        yield (
            ("method",),
            f"{spec.strategy} learns from distances between values, and unordered choices have none: "
            "give numbers as `min` and `max`, or take `method: random` or `grid`",
        )


def _bands(spec: SweepSpec, epochs: int | None) -> Iterator[Advice]:
    steps = epochs if epochs is not None else spec.max_steps
    if spec.early_terminate is None or steps is None:
        return
    try:
        bands = getattr(make_scheduler(spec.early_terminate), "bands", ())
    except ConfigError:
        return  # the loader says so
    if bands and bands[0] > steps:
        yield (
            ("early_terminate",),
            f"judges trials first at iteration {bands[0]}, and a training has {steps}: nothing would ever be stopped; "
            f"take min_iter: {max(1, steps // 9)}",
        )


def _goal(spec: SweepSpec) -> Iterator[Advice]:
    metric, goal = spec.objective.metric, spec.objective.goal
    words = re.findall(r"[a-z]+\d?|\d+", re.sub(r"([a-z])([A-Z])", r"\1 \2", metric).lower())
    up, down, negated = (any(map(sense.fullmatch, words)) for sense in (_UP, _DOWN, _NEGATED))
    if negated or up == down:
        return
    if up and goal == "minimize":
        yield ("metric", "goal"), f"minimizes {metric!r}, which sounds like more is better: write `goal: maximize`"
    if down and goal == "maximize":
        yield ("metric", "goal"), f"maximizes {metric!r}, which sounds like less is better: write `goal: minimize`"


def _words(seconds: float) -> str:
    """A duration in its largest unit."""
    for unit, size in (("years", 365.25 * 86_400), ("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"about {seconds / size:,.0f} {unit}" if seconds < 1e6 * size else f"more than a million {unit}"
    return f"{seconds:.0f} seconds"


def _count(size: int) -> str:
    return f"{size:,}" if size < 10**9 else f"about 10^{len(str(size)) - 1}"
