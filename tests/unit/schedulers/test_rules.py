"""ASHA in both forms, and the rules that only ever stop: each with its arithmetic, reasons and refusals."""

from __future__ import annotations

from typing import Any

import pytest

from hyperopt_core import ASHA, Decision, Float, Optimizer, State
from hyperopt_core.config import load
from hyperopt_core.errors import ConfigError
from hyperopt_core.schedulers import make_scheduler
from hyperopt_core.schedulers.auto import Auto
from hyperopt_core.trial import Trial

CONTINUE, PAUSE, STOP = Decision.CONTINUE, Decision.PAUSE, Decision.STOP


def decisions(scheduler: Any, curves: list[list[float]]) -> list[list[Decision]]:
    """Trials one after the other, each until it is told to end."""
    out = []
    for number, values in enumerate(curves):
        trial, said = Trial(number), []
        scheduler.started(trial)
        for step, value in enumerate(values, start=1):
            said.append(scheduler.report(trial, step, value).decision)
            if said[-1] is not CONTINUE:
                break
        out.append(said)
    return out


def make(early_terminate: Any, **options: Any) -> Optimizer:
    given: dict[str, Any] = {"max_steps": 9, "resumable": True, "seed": 0} | options
    return Optimizer({"x": Float(0, 1)}, strategy="random", early_terminate=early_terminate, **given)


class TestASHA:
    def test_stopping_keeps_the_best_third_of_those_seen_so_far_and_the_first_always(self) -> None:
        asha = make_scheduler("asha", max_steps=9)
        said = decisions(asha, [[value] * 9 for value in (5.0, 6.0, 4.0, 3.0, 3.5, 3.2, 9.0)])
        assert [s[-1] for s in said] == [CONTINUE, STOP, CONTINUE, CONTINUE, STOP, STOP, STOP]
        assert [len(s) for s in said] == [9, 1, 9, 9, 1, 3, 1]

    def test_promotion_takes_the_highest_rung_first_and_each_trial_once(self) -> None:
        opt = make("asha")
        jobs = []
        for _ in range(13):
            trial = opt.ask()
            jobs.append((trial.number, trial.next_step, trial.budget))
            for step in range(int(trial.next_step), 10):
                if opt.report(trial, step=step, value=trial.number + 1 / step) is not CONTINUE:
                    break
            opt.tell(trial)
        first = [(0, 1, 1), (1, 1, 1), (2, 1, 1), (0, 2, 3), (3, 1, 1), (4, 1, 1), (5, 1, 1), (1, 2, 3)]
        assert jobs == [*first, (6, 1, 1), (7, 1, 1), (8, 1, 1), (2, 2, 3), (0, 4, 9)]
        assert opt.trials[0].state is State.COMPLETED
        assert "best 1/3" in opt.trials[8].reason

    def test_options_come_from_the_optimizer_where_they_are_not_given(self) -> None:
        assert make("asha", max_steps=52).scheduler.rungs == (1, 3, 9, 27, 52)  # type: ignore[attr-defined]
        assert make(ASHA(min_steps=3), max_steps=52).scheduler.rungs == (3, 9, 27, 52)  # type: ignore[attr-defined]
        assert make(ASHA(max_steps=4, eta=2), max_steps=52).scheduler.rungs == (1, 2, 4)  # type: ignore[attr-defined]
        assert make(ASHA(resumable=False)).ask().budget is None
        assert make("asha", max_steps=None).ask().budget is None

    def test_a_trial_that_begins_again_is_judged_again(self) -> None:
        asha = make_scheduler("asha", max_steps=9)
        decisions(asha, [[1.0], [2.0]])
        again = Trial(1, attempt=2, base_attempt=2)
        asha.started(again)
        assert asha.report(again, 1, 3.0).decision is STOP
        assert asha.report(again, 1, 0.5).decision is CONTINUE  # what came first counts


class TestRules:
    def test_the_median_of_running_averages(self) -> None:
        others = [[4.0, 2.0], [5.0, 3.0], [6.0, 4.0]]  # averages at step 2: 3, 4, 5
        options = {"type": "median", "min_steps": 2, "min_trials": 3}
        for best, expected in ((4.0, CONTINUE), (4.1, STOP)):
            assert decisions(make_scheduler(options), [*others, [best + 3, best]])[-1][-1] is expected
        assert decisions(make_scheduler(options), [*others[:2], [9.0, 9.0]])[-1][-1] is CONTINUE
        assert decisions(make_scheduler(options), [*others, [1.0, 9.0]])[-1][-1] is CONTINUE  # its best counts

    def test_the_percentile_of_best_values(self) -> None:
        others = [[float(v)] for v in (1, 2, 3, 4, 5)]
        options = {"type": "percentile", "percent": 25, "min_trials": 5}
        for value, expected in ((2.0, CONTINUE), (2.1, STOP)):
            assert decisions(make_scheduler(options), [*others, [value]])[-1] == [expected]

    def test_steps_that_are_seconds_are_compared_in_intervals(self) -> None:
        median = make_scheduler({"type": "median", "interval": 60, "min_trials": 3})
        for number, at in enumerate((61.5, 70.2, 119.0)):
            median.started(Trial(number))
            assert median.report(Trial(number), at, 1.0).decision is CONTINUE
        assert median.report(Trial(3), 65.0, 2.0).decision is STOP
        assert median.report(Trial(4), 130.0, 2.0).decision is CONTINUE

    def test_patience_counts_steps_since_the_best_value(self) -> None:
        patience = make_scheduler({"type": "patience", "patience": 3, "min_delta": 0.1})
        said = decisions(patience, [[1.0, 0.8, 0.75, 0.74, 0.73, 0.1]])
        assert said == [[CONTINUE, CONTINUE, CONTINUE, CONTINUE, STOP]]
        assert patience.report(Trial(1), 1, 5.0).reason == ""

    @pytest.mark.parametrize(("goal", "good", "bad"), [("minimize", 2.0, 2.5), ("maximize", 2.5, 2.0)])
    def test_a_threshold_is_in_the_users_unit(self, goal: str, good: float, bad: float) -> None:
        opt = make({"type": "threshold", "worse_than": 2.2, "min_steps": 2}, goal=goal)
        trial = opt.ask()
        said = [opt.report(trial, value=value) for value in (bad, good, bad)]
        assert said == [CONTINUE, CONTINUE, STOP]
        opt.tell(trial)
        assert opt.trials[0].reason == "worse than 2.2 at step 3"

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"type": "median", "interval": 0}, "interval: is 0: a whole number of 1 or more"),
            ({"type": "percentile", "percent": 100}, "percent: is 100: a number above 0 and below 100"),
            ({"type": "patience", "min_delta": -1}, "min_delta: is -1: 0 or a gain above it"),
            ({"type": "threshold"}, "worse_than: is missing"),
            ({"type": "threshold", "worse_than": "x"}, "worse_than: is 'x': a number is needed"),
            ({"type": "asha", "min_step": 3}, "min_step: is no option of asha; did you mean 'min_steps'"),
            ({"type": "patience", "patience": 1.5}, "patience: is 1.5: a whole number"),
        ],
    )
    def test_what_does_not_fit_is_said(self, given: dict[str, Any], message: str) -> None:
        with pytest.raises(ConfigError, match=rf"early_terminate\.{message}"):
            make_scheduler(given)


class TestAuto:
    def test_full_trainings_begin_once_short_ones_have_had_their_share(self) -> None:
        opt = make("auto", max_steps=20)
        straight = []
        for _ in range(200):
            trial = opt.ask()
            straight.append("straight" in trial.origin.details and trial.attempt == 1)
            for step in range(int(trial.next_step), 21):
                # the order turns round between step 1 and 3: nothing is settled early
                value = trial.params["x"] if step < 2 else 1 - trial.params["x"]
                if opt.report(trial, step=step, value=value) is not CONTINUE:
                    break
            opt.tell(trial)
        assert not any(straight[:20])
        assert sum(straight[-50:]) >= 3
        assert all(t.state is State.COMPLETED for t in opt.trials if "straight" in t.origin.details)

    def test_full_trainings_say_at_last_whether_the_early_order_holds(self) -> None:
        def share(turns_at: int) -> float:
            opt = make("auto", max_steps=20)
            spent = {True: 0, False: 0}
            for _ in range(1200):
                trial = opt.ask()
                for step in range(int(trial.next_step), 21):
                    value = trial.params["x"] if step < turns_at else 1 - trial.params["x"]
                    spent["straight" in trial.origin.details] += 1
                    if opt.report(trial, step=step, value=value) is not CONTINUE:
                        break
                opt.tell(trial)
            return spent[True] / sum(spent.values())

        assert share(turns_at=99) < 0.25
        assert share(turns_at=15) > 0.4

    def test_rungs_follow_the_length_of_a_training(self) -> None:
        assert [Auto(max_steps=n).rungs for n in (3, 20, 27, 100)] == [
            (1, 3),
            (1, 3, 9, 20),
            (2, 6, 18, 27),
            (5, 15, 45, 100),
        ]


def test_a_name_in_python_and_in_a_sweep_file() -> None:
    """`hyperband` alone is W&B's rule in a sweep file; what Python code named comes back as it was meant."""
    opt = make("hyperband", max_steps=9)
    assert opt.scheduler.name == "hyperband"
    back = Optimizer.from_spec(load(opt.spec.to_dict()))
    assert back.scheduler.name == "hyperband"
    assert back.scheduler.plans == opt.scheduler.plans  # type: ignore[attr-defined]
    written = {"parameters": {"x": {"min": 0.0, "max": 1.0}}, "metric": "loss", "max_steps": 9}
    for early, name in (
        ({"type": "hyperband", "min_iter": 3}, "wandb"),
        ({"type": "hyperband", "min_steps": 1}, "hyperband"),
        ("asha", "asha"),
        ({"type": "median", "min_steps": 3}, "median"),
    ):
        assert Optimizer.from_config(written | {"early_terminate": early}).scheduler.name == name
