"""Virtual time: what many workers do to schedulers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from hyperopt_core import Float, Optimizer, State
from hyperopt_core.analysis.simulate import simulate
from hyperopt_core.trial import Trial

SPACE = {"x": Float(0, 1), "cost": Float(0.5, 2, log=True)}


def curve(params: Mapping[str, Any], step: float) -> float:
    return float(params["x"] + 1 / step)


def make(scheduler: str | None, **options: Any) -> Optimizer:
    given: dict[str, Any] = {"strategy": "random", "seed": 0, "max_steps": 27, "resumable": True} | options
    return Optimizer(SPACE, early_terminate=scheduler, **given)


@pytest.mark.parametrize(("workers", "steps"), [(8, 2_000), (64, 4_000), (1000, 24_000)])
@pytest.mark.parametrize("scheduler", ["asha", "hyperband", "auto"])
def test_many_workers_are_kept_busy_and_no_trial_goes_up_twice(scheduler: str, workers: int, steps: int) -> None:
    opt = make(scheduler)
    begun: Counter[tuple[int, int | None]] = Counter()
    ask = opt.ask

    def counted(new: bool = True) -> Trial:
        trial = ask(new)
        begun[trial.number, trial.budget] += 1
        return trial

    opt.ask = counted  # type: ignore[method-assign]
    result = simulate(opt, curve, max_steps=27, steps=steps, workers=workers, seconds_per_step=lambda p: p["cost"])
    assert 0.95 < result.utilisation <= 1 + 1e-9
    assert max(begun.values()) == 1
    assert result.steps == steps


def test_early_stopping_finds_as_good_a_trial_sooner() -> None:
    full = simulate(make(None), curve, max_steps=27, steps=27 * 40)
    for scheduler in ("asha", "hyperband", "successive_halving", "auto"):
        for resumable in (True, False):
            early = simulate(make(scheduler, resumable=resumable), curve, max_steps=27, steps=27 * 40)
            assert early.incumbents[-1][2] <= full.incumbents[-1][2]
            assert early.steps_to(full.incumbents[-1][2]) < full.steps_to(full.incumbents[-1][2]) / 1.5


def test_failures_and_a_cap_on_trials_end_it() -> None:
    opt = make("hyperband")
    result = simulate(
        opt, curve, max_steps=27, trials=40, workers=4, fails=lambda trial, step: trial.number % 4 == 0 and step == 3
    )
    assert len(opt.trials) <= 40
    assert sum(t.state is State.FAILED for t in opt.trials) > 0
    assert any(t.state is State.COMPLETED for t in opt.trials)
    assert not any(t.state is State.RUNNING for t in opt.trials)
    assert result.best_at(0) == float("inf")
    assert result.best_at(result.steps) == result.incumbents[-1][2]


def test_the_same_run_twice_is_the_same() -> None:
    first, second = (simulate(make("asha"), curve, max_steps=27, steps=500, workers=5) for _ in range(2))
    assert first == second


def test_something_has_to_end_it() -> None:
    with pytest.raises(ValueError, match="steps"):
        simulate(make("asha"), curve, max_steps=27)


def test_reports_with_gaps_and_curves_that_end() -> None:
    opt = make("never", resumable=False)
    at = (2.5, 10.0, 27.0)

    def reports(params: Mapping[str, Any], step: float) -> float | None:
        known = at[: 1 + int(3 * params["x"])]
        return next((s for s in known if s > step), None)

    result = simulate(opt, curve, max_steps=27, trials=20, workers=2, reports=reports)
    assert [[m.step for m in opt.history.curve(t.number)] for t in opt.trials] == [
        list(at[: 1 + int(3 * t.params["x"])]) for t in opt.trials
    ]
    assert all(t.state is State.COMPLETED for t in opt.trials)
    assert result.steps == sum(opt.history.last_step(t.number) for t in opt.trials)
