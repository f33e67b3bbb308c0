"""ask / report / tell in memory."""

from __future__ import annotations

import math

import pytest

from hyperopt_core import Categorical, Decision, Float, Int, Optimizer, State
from hyperopt_core.errors import BudgetSpent, ConfigError, Conflict, InvalidTrial
from hyperopt_core.trial import Changes

SPACE = {"x": Float(-1, 1), "n": Int(1, 4)}


def make(**options: object) -> Optimizer:
    return Optimizer(SPACE, **{"strategy": "random", "seed": 0, **options})  # type: ignore[arg-type]


def test_numbers_count_up_and_best_follows_the_goal() -> None:
    for goal, best in (("minimize", 0), ("maximize", 2)):
        opt = make(goal=goal)
        for value in (1.0, 2.0, 3.0):
            opt.tell(opt.ask(), value)
        assert [t.number for t in opt.trials] == [0, 1, 2]
        assert opt.best is not None
        assert opt.best.number == best


def test_tell_without_a_value_takes_the_last_report() -> None:
    opt = make()
    trial = opt.ask()
    assert opt.report(trial, value=3.0) is Decision.CONTINUE
    assert opt.report(trial, value=2.0) is Decision.CONTINUE
    opt.tell(trial)
    assert opt.trials[0].value == 2.0
    assert [m.step for m in opt.history.curve(0)] == [1, 2]


def test_a_metric_by_name_is_the_objective_and_others_are_kept() -> None:
    opt = make(metric="val_loss")
    trial = opt.ask()
    opt.report(trial, step=5, metrics={"val_loss": 0.5, "acc": 0.9})
    opt.tell(trial, metrics={"seconds": 3})
    assert opt.trials[0].metrics == {"val_loss": 0.5, "acc": 0.9, "seconds": 3.0}
    assert opt.trials[0].value == 0.5


def test_nan_stops_a_trial_and_fails_it() -> None:
    opt = make()
    trial = opt.ask()
    assert opt.report(trial, value=math.nan) is Decision.STOP
    opt.tell(trial)
    assert opt.trials[0].state is State.FAILED
    assert "nan" in opt.trials[0].reason
    assert len(opt.history.failed) == 1
    assert len(opt.history.y) == 0


def test_an_error_fails_a_trial_with_its_words() -> None:
    opt = make()
    opt.tell(opt.ask(), error=MemoryError("too big"))
    assert opt.trials[0].error == "MemoryError: too big"


def test_a_trial_that_never_reported_the_metric_says_which_it_did() -> None:
    opt = make(metric="val_loss")
    opt.tell(opt.ask(), metrics={"valid_loss": 1.0})
    assert "did you mean 'valid_loss'" in opt.trials[0].reason


def test_the_same_tell_twice_is_fine_and_another_a_conflict() -> None:
    opt = make()
    trial = opt.ask()
    opt.tell(trial, 1.0)
    opt.tell(trial, 1.0)
    with pytest.raises(Conflict, match="trial 0"):
        opt.tell(trial, 2.0)
    assert opt.trials[0].value == 1.0


@pytest.mark.parametrize("value", ["1", None, [1], 10**400])
def test_what_is_no_number_is_refused(value: object) -> None:
    opt = make()
    trial = opt.ask()
    if value == "1":  # text that spells a number is one
        opt.tell(trial, value)  # type: ignore[arg-type]
        return
    with pytest.raises(InvalidTrial):
        opt.report(trial, value=value)  # type: ignore[arg-type]


def test_unknown_and_ended_trials_are_refused() -> None:
    opt = make()
    with pytest.raises(InvalidTrial, match="no trial 7"):
        opt.tell(7, 1.0)
    trial = opt.ask()
    opt.tell(trial, 1.0)
    with pytest.raises(InvalidTrial, match="completed"):
        opt.report(trial, value=1.0)


def test_enqueued_and_initial_points_come_first() -> None:
    opt = make(initial=[{"x": 0.5, "n": 2}])
    opt.enqueue({"x": -0.5, "n": 3})
    assert opt.ask().params == {"x": -0.5, "n": 3}
    assert opt.ask().params == {"x": 0.5, "n": 2}  # the enqueued one took no given point away
    assert opt.ask().origin.strategy == "random"
    assert make(initial=[{"x": 0.5, "n": 2}]).ask().params == {"x": 0.5, "n": 2}


def test_pending_points_are_seen_by_the_history() -> None:
    opt = make()
    asked = [opt.ask() for _ in range(3)]
    assert opt.history.pending.shape == (3, 2)
    opt.tell(asked[1], 1.0)
    assert opt.history.pending.shape == (2, 2)
    assert opt.history.X.shape == (1, 2)


def test_a_restart_from_scratch_forgets_the_curve_and_a_resumed_attempt_keeps_it() -> None:
    from dataclasses import replace

    from hyperopt_core.trial import Measurement

    opt = make()
    trial = opt.ask()
    opt.report(trial, value=3.0)
    resumed = replace(trial, attempt=2)
    opt.apply(Changes(10, (resumed,), ((0, Measurement(2, {"value": 2.0}, 2)),)))
    assert [m.step for m in opt.history.curve(0)] == [1, 2]
    opt.apply(Changes(11, (replace(trial, attempt=3, base_attempt=3),), ((0, Measurement(1, {"value": 9.0}, 2)),)))
    assert opt.history.curve(0) == ()


def test_a_wandb_mapping_serves_as_a_space() -> None:
    opt = Optimizer({"lr": {"min": 1e-4, "max": 1e-1, "distribution": "log_uniform_values"}}, strategy="random", seed=3)
    assert 1e-4 <= opt.ask().params["lr"] <= 1e-1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"strategy": "bayse"}, "did you mean 'bayes'"),
        ({"goal": "minimise"}, "did you mean 'minimize'"),
        ({"strategy": "grid"}, "x has a continuous range"),
        ({"early_terminate": "hyperbnd"}, "hyperband"),
        ({"initial": [{"x": 3.0, "n": 1}]}, r"outside \[-1, 1\]"),
    ],
)
def test_what_does_not_fit_together_is_said_at_once(options: dict[str, object], words: str) -> None:
    with pytest.raises((ConfigError, InvalidTrial), match=words):
        make(**options)


def test_a_seed_is_drawn_where_none_is_given_and_repeats_the_run() -> None:
    first = make(seed=None)
    again = make(seed=first.seed)
    assert first.ask().params == again.ask().params
    assert make(seed=None).seed != first.seed


def test_wandb_early_terminate_stops_and_tell_marks_it_stopped() -> None:
    opt = make(early_terminate={"type": "hyperband", "min_iter": 2, "eta": 2})
    for value in (1.0, 2.0, 3.0, 9.0):
        trial = opt.ask()
        for step in (1, 2, 3):
            if opt.report(trial, step=step, value=value) is not Decision.CONTINUE:
                break
        opt.tell(trial)
    assert opt.trials[0].state is State.COMPLETED
    assert opt.trials[3].state is State.STOPPED
    assert len(opt.history.curve(3)) == 2
    assert opt.best is not None
    assert opt.best.number == 0


def test_choices_of_any_json_kind() -> None:
    opt = Optimizer({"c": Categorical([None, True, 1.5, "a", [1, 2], {"k": 1}])}, strategy="grid", seed=0)
    assert [opt.ask().params["c"] for _ in range(6)] == [None, True, 1.5, "a", [1, 2], {"k": 1}]


def test_changing_what_was_handed_out_changes_nothing() -> None:
    opt = Optimizer({"x": Float(0, 1), "c": Categorical([[1, 2]])}, strategy="random", seed=0)
    trial = opt.ask()
    trial.params["x"] = 55  # type: ignore[index]
    trial.params["c"].append(3)
    opt.tell(trial, 1.0)
    assert opt.best is not None
    opt.best.params["x"] = 66  # type: ignore[index]
    assert opt.best.params["x"] <= 1
    assert opt.best.params["c"] == [1, 2]


def test_telling_nan_twice_is_telling_the_same_twice() -> None:
    opt = make()
    trial = opt.ask()
    opt.tell(trial, math.nan)
    opt.tell(trial, math.nan)
    assert opt.trials[0].state is State.FAILED


@pytest.mark.parametrize("step", [-1, math.nan, math.inf, 10**400, "x", None])
def test_steps(step: object) -> None:
    opt = make()
    trial = opt.ask()
    if step is None:
        opt.report(trial, value=1.0)
        assert opt.history.curve(0)[0].step == 1
        return
    with pytest.raises(InvalidTrial, match="step"):
        opt.report(trial, step=step, value=1.0)  # type: ignore[arg-type]


def test_run_cap_of_a_configuration_ends_asking() -> None:
    opt = Optimizer.from_config({"method": "random", "run_cap": 2, "parameters": {"x": {"min": 0.0, "max": 1.0}}})
    opt.ask()
    opt.ask()
    with pytest.raises(BudgetSpent, match="2 trials"):
        opt.ask()


def test_threads_share_an_optimizer() -> None:
    from concurrent.futures import ThreadPoolExecutor

    opt = make()

    def loop() -> None:
        for _ in range(100):
            opt.tell(opt.ask(), 1.0)

    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(loop) for _ in range(4)]:
            future.result()
    assert [t.number for t in opt.trials] == list(range(400))


def test_without_a_metric_a_trial_is_completed_without_a_value() -> None:
    opt = Optimizer.from_config({"method": "random", "seed": 0, "parameters": {"x": {"min": 0.0, "max": 1.0}}})
    for metrics in ({}, {"acc": 0.9}):
        opt.tell(opt.ask(), metrics=metrics)
    assert [(t.state, t.values, t.metrics) for t in opt.trials] == [
        (State.COMPLETED, (), {}),
        (State.COMPLETED, (), {"acc": 0.9}),
    ]
    opt.tell(0)
    with pytest.raises(Conflict):
        opt.tell(0, 0.5)
    assert (opt.best, len(opt.history.y)) == (None, 0)
    opt.tell(opt.ask(), 0.5)
    opt.tell(opt.ask(), error="no memory")
    opt.tell(opt.ask(), math.nan)
    assert [t.state for t in opt.trials[2:]] == [State.COMPLETED, State.FAILED, State.FAILED]
    assert opt.best is not None
    assert opt.best.number == 2
    assert opt.history.y.tolist() == [0.5]
