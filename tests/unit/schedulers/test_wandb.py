"""W&B's early_terminate: bands, thresholds, and every decision that W&B's own engine took on stored histories."""

from __future__ import annotations

import gzip
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyperopt_core import ConfigError, Decision, Trial
from hyperopt_core.schedulers import make_scheduler
from hyperopt_core.schedulers.wandb import WandbHyperband

CASES = json.loads(gzip.decompress((Path(__file__).parents[2] / "data" / "early_terminate.json.gz").read_bytes()))


def stops(scheduler: Any, number: int, value: float) -> bool:
    return scheduler.report(Trial(number), 1, value).decision is Decision.STOP


def reports(scheduler: Any, number: int, values: list[float]) -> list[bool]:
    return [stops(scheduler, number, v) for v in values]


def test_the_decisions_are_those_of_wandb() -> None:
    assert len(CASES) >= 2000
    decided = 0
    for case in CASES:
        scheduler = make_scheduler(case["early_terminate"])
        sign = 1 if case["goal"] == "minimize" else -1
        finite = [(number, value) for number, value in case["events"] if value is not None]
        ours = "".join(str(int(stops(scheduler, number, sign * value))) for number, value in finite)
        assert ours == case["stops"], case["early_terminate"]
        decided += ours.count("1")
    assert decided > 10_000


@pytest.mark.parametrize(
    ("options", "bands"),
    [
        ({"max_iter": 27, "s": 2}, [3, 9]),
        ({"max_iter": 27, "s": 2, "eta": 2}, [6, 13]),
        ({"max_iter": 27, "s": 9}, [1, 3, 9]),
        ({"max_iter": 27, "s": 2, "min_iter": 5}, [3, 9]),
        ({"min_iter": 3}, [3, 9, 27, 81]),
        ({"min_iter": 3, "s": 2}, [3, 9, 27, 81]),
        ({"min_iter": 3, "max_iter": 9}, [3, 9, 27, 81]),
        ({"min_iter": 3, "eta": 1.5}, [3, 4, 6, 10, 15]),
        ({}, [3, 9, 27, 81]),
    ],
)
def test_bands(options: dict[str, Any], bands: list[int]) -> None:
    assert list(WandbHyperband(**options).bands[: len(bands)]) == bands


@pytest.mark.parametrize(
    ("options", "key", "says"),
    [
        ({"max_iter": 27}, "s", "max_iter needs s"),
        ({"s": 2}, "min_iter", "is missing"),
        ({"max_iter": 2, "s": 1}, "max_iter", "no trial would ever be judged"),
        ({"min_iter": 0}, "min_iter", "1 or more"),
        ({"min_iter": 2.5}, "min_iter", "a whole number"),
        ({"min_iter": float("inf")}, "min_iter", "a whole number"),
        ({"min_iter": True}, "min_iter", "a whole number"),
        ({"min_iter": 1, "eta": 1}, "eta", "above 1"),
        ({"min_iter": 1, "eta": float("nan")}, "eta", "above 1"),
        ({"min_iter": 1, "strict": "yes"}, "strict", "true or false"),
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any], key: str, says: str) -> None:
    with pytest.raises(ConfigError) as raised:
        make_scheduler({"type": "hyperband", **options})
    (fault,) = raised.value.faults
    assert fault.path == ("early_terminate", key)
    assert says in fault.message


def test_unknown_types_and_options_are_refused_with_a_suggestion() -> None:
    with pytest.raises(ConfigError, match="did you mean 'hyperband'"):
        make_scheduler({"type": "hyperbnad"})
    with pytest.raises(ConfigError, match=r"early_terminate\.min_itr: .* did you mean 'min_iter'"):
        make_scheduler({"type": "hyperband", "min_itr": 3})
    wrong: list[Any] = [{}, {"min_iter": 3}, [], 3, {"type": ["hyperband"]}]
    for nonsense in wrong:
        with pytest.raises(ConfigError):
            make_scheduler(nonsense)


def test_an_instance_is_given_back() -> None:
    scheduler = WandbHyperband(2)
    assert make_scheduler(scheduler) is scheduler


def test_the_first_at_a_band_goes_on_and_ties_survive() -> None:
    scheduler = WandbHyperband(1, eta=3)
    assert [stops(scheduler, number, 0.5) for number in range(6)] == [False] * 6
    assert stops(scheduler, 7, 0.6)


def test_a_trial_that_passed_is_stopped_once_others_are_better() -> None:
    scheduler = WandbHyperband(2, eta=3)
    assert reports(scheduler, 0, [9, 5, 5]) == [False, False, False]
    for number in (1, 2, 3):
        reports(scheduler, number, [9, number])
    assert stops(scheduler, 0, 0.0)  # strict: its value at the band counts, not the new one


def test_not_strict_judges_the_best_value_so_far() -> None:
    scheduler = WandbHyperband(2, eta=3, strict=False)
    reports(scheduler, 0, [9, 5])
    for number in (1, 2, 3):
        reports(scheduler, number, [9, number])
    assert stops(scheduler, 0, 4.0)
    assert not stops(scheduler, 0, 0.5)


def test_a_trial_that_begins_again_leaves_no_values_behind() -> None:
    scheduler, fresh = WandbHyperband(1, eta=3), WandbHyperband(1, eta=3)
    first = Trial(0)
    scheduler.started(first)
    scheduler.report(first, 1, 0.0)
    again = replace(first, attempt=2, base_attempt=2)
    scheduler.started(again)
    for one in (scheduler, fresh):
        # The best two of three go on; were the 0.0 still there, the third would be third of four.
        assert [stops(one, n, v) for n, v in ((1, 3.0), (2, 2.0), (3, 2.5))] == [False, False, False]


def test_a_trial_that_goes_on_keeps_its_iteration() -> None:
    scheduler = WandbHyperband(3, eta=2)
    reports(scheduler, 0, [1, 1, 1])
    reports(scheduler, 1, [5, 5])
    scheduler.started(replace(Trial(1), attempt=2))
    assert stops(scheduler, 2, 1) is False
    assert stops(scheduler, 1, 5) is False  # threshold of two trials: the second
    reports(scheduler, 3, [1, 1, 1])
    reports(scheduler, 4, [1, 1, 1])
    assert stops(scheduler, 1, 5)


def test_the_reason_names_rank_iteration_and_how_many_go_on() -> None:
    scheduler = WandbHyperband(1, eta=3)
    for number in range(3):
        stops(scheduler, number, float(number))
    verdict = scheduler.report(Trial(3), 1, 9.0)
    assert verdict.reason == "rank 4 of 4 trials at iteration 1, where the best 2 go on"


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(-3, 3)), max_size=60), st.sampled_from([2, 3, 4]), st.booleans()
)
def test_increments_equal_the_definition(events: list[tuple[int, int]], eta: int, strict: bool) -> None:
    scheduler = WandbHyperband(1, eta=eta, strict=strict)
    curves: dict[int, list[int]] = {}
    for number, value in events:
        curve = curves.setdefault(number, [])
        curve.append(value)
        band = max(b for b in scheduler.bands if b <= len(curve))
        there = sorted(c[band - 1] for c in curves.values() if len(c) >= band)
        judged = curve[band - 1] if strict else min(curve)
        assert stops(scheduler, number, value) == (judged > there[int(1 / eta * len(there))])


def test_a_report_is_quick_at_ten_thousand_trials() -> None:
    scheduler = WandbHyperband(1)
    trials = [Trial(n) for n in range(10_000)]
    for trial in trials[:-500]:
        for step in (1, 2, 3):
            scheduler.report(trial, step, float(trial.number * 7919 % 10_007))
    start = time.perf_counter()
    for trial in trials[-500:]:
        for step in (1, 2, 3):
            scheduler.report(trial, step, float(trial.number * 7919 % 10_007))
    assert (time.perf_counter() - start) / 1500 < 50e-6 * 4  # about 3 us; the machine may be busy
