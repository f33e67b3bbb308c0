"""What schedulers would have saved, on sweeps that have run: real trainings, and curves of every odd sort."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier

from hyperopt_core import ASHA, Float, Optimizer, Run, Sweep
from hyperopt_core.analysis import Replay, replay
from hyperopt_core.errors import ConfigError, InvalidTrial
from hyperopt_core.history import History

EPOCHS, TRIALS = 9, 12
X, Y = (part[:300] for part in load_digits(return_X_y=True))
CONFIG = {
    "method": "random",
    "metric": {"name": "accuracy", "goal": "maximize"},
    "parameters": {"alpha": {"distribution": "log_uniform_values", "min": 1e-6, "max": 1e4}},
    "run_cap": TRIALS,
    "max_steps": EPOCHS,
    "seed": 1,
}


def train(run: Run) -> None:
    model = SGDClassifier(alpha=run.params["alpha"], random_state=0)
    for epoch in run.epochs(EPOCHS):
        model.partial_fit(X[:200], Y[:200], classes=np.unique(Y))
        hits = model.score(X[200:], Y[200:])
        run.report(accuracy=hits, errors=1 - hits, step=epoch)


def run_sweep(**options: Any) -> History:
    with Sweep.create({**CONFIG, **options}, storage="memory://") as sweep:
        sweep.run(train)
        return sweep.history


@pytest.fixture(scope="module")
def whole() -> History:
    """A real sweep that trained every trial to its end."""
    return run_sweep()


@pytest.mark.parametrize("resumable", [True, False])
@pytest.mark.parametrize("scheduler", ["asha", "median", "successive_halving"])
def test_a_replay_foretells_what_a_sweep_with_the_scheduler_does(
    whole: History, scheduler: str, resumable: bool
) -> None:
    (foretold,) = replay(whole, [scheduler], resumable=resumable)
    early_terminate = {"type": scheduler, "min_steps": 1}
    opt = Optimizer.from_config(CONFIG | {"early_terminate": early_terminate, "resumable": resumable})
    trained = _run_again(opt, whole)
    assert foretold.trained == trained
    assert foretold.recorded == TRIALS * EPOCHS
    assert opt.best is not None
    assert whole.best is not None
    assert foretold.regret == pytest.approx(whole.best.value - opt.best.value)  # type: ignore[operator]
    assert foretold.best == whole.best.value
    assert foretold.best_kept == (opt.trials[whole.best.number].state == "completed")


def _run_again(opt: Optimizer, whole: History) -> float:
    """Train as the recorded curves say, without any simulator; returns the steps that it took."""
    trained = 0
    while True:
        try:
            trial = opt.ask(new=len(opt.trials) < TRIALS)
        except Exception:
            return trained
        curve = {m.step: m.metrics["accuracy"] for m in whole.curve(trial.number)}
        assert trial.params == whole[trial.number].params
        for step in range(int(trial.next_step), EPOCHS + 1):
            trained += 1
            if opt.report(trial, step=step, value=curve[step]) != "continue":
                break
        opt.tell(trial)


def test_never_stopping_saves_nothing_and_asha_most(whole: History) -> None:
    never, asha, four = replay(whole, ["never", "asha", {"type": "asha", "eta": 4}], resumable=True)
    assert (never.saved, never.ended_early, never.best_kept, never.regret) == (0.0, 0, True, 0.0)
    assert 0.5 < asha.saved < four.saved
    assert asha.ended_early > TRIALS / 2
    assert (asha.beyond, asha.trials, four.scheduler) == (0, TRIALS, "asha(eta=4)")
    assert [one.scheduler for one in replay(whole)][:2] == ["auto", "asha"]
    assert replay(whole, [ASHA()])[0].scheduler == "asha"
    busy = replay(whole, ["asha"], resumable=True, workers=4)[0]
    assert busy.trained >= asha.trained  # decisions that are taken before all results are in


def test_another_metric_and_its_direction(whole: History) -> None:
    own, other = (replay(whole, ["asha"], metric=metric)[0] for metric in ("accuracy", "errors"))
    assert (own.trained, own.best_kept) == (other.trained, other.best_kept)
    wrong_way = replay(whole, ["asha"], metric="errors", goal="maximize")[0]
    assert wrong_way.trained != own.trained
    with pytest.raises(ConfigError, match="no trial reported 'error'; did you mean 'errors'"):
        replay(whole, metric="error")
    with pytest.raises(ConfigError, match="did you mean 'asha'"):
        replay(whole, ["asah"])


def test_trials_that_were_cut_are_said_and_never_the_best() -> None:
    cut = run_sweep(early_terminate={"type": "asha"}, resumable=True)
    never, asha = replay(cut, ["never", "asha"], resumable=True)
    completed = [t for t in cut.trials if t.state == "completed"]
    assert never.trained == never.recorded < TRIALS * EPOCHS
    assert never.beyond == TRIALS - len(completed)
    assert (never.best_kept, never.regret) == (True, 0.0)
    assert asha.beyond < never.beyond


# --- curves of every sort --------------------------------------------------------------------------------------------


def history(*curves: dict[float, float], ends: Callable[[Optimizer, int], None] = Optimizer.tell) -> History:
    """Trials with the given reports."""
    opt = Optimizer({"x": Float(0, 1)}, strategy="random", seed=0)
    for curve in curves:
        trial = opt.ask()
        for step, value in curve.items():
            opt.report(trial, step=step, value=value)
        ends(opt, trial.number)
    return opt.history


def only(found: list[Replay]) -> Replay:
    (one,) = found
    return one


def test_steps_may_have_gaps_and_be_anything() -> None:
    recorded = history(*[{100.0: i + 3.0, 250.5: i + 2.0, 1000.0: float(i)} for i in range(9)])
    one = only(replay(recorded, [{"type": "median", "min_trials": 2, "interval": 100}]))
    assert one.recorded == 9000
    assert 1000 * 2 < one.trained < 9000
    assert one.best_kept
    asha = only(replay(recorded, [{"type": "asha", "min_steps": 100}], resumable=True))
    assert asha.trained == 6 * 100 + 3 * 1000  # nobody reports at 300, so who goes there comes to the end
    short = only(replay(recorded, ["never"], max_steps=300))
    assert (short.recorded, short.trained) == (9 * 250.5, 9 * 250.5)


def test_failures_and_values_told_at_the_end() -> None:
    opt = Optimizer({"x": Float(0, 1)}, strategy="random", seed=0)
    for number in range(6):
        trial = opt.ask()
        for step in (1, 2, 3):
            opt.report(trial, step=step, value=float(number or 10))
        if number == 0:
            opt.tell(trial, error="crashed")
        else:
            opt.tell(trial, value=-1.0 if number == 5 else None)
    one = only(replay(opt.history, ["never"]))
    assert (one.trials, one.recorded, one.trained, one.ended_early) == (6, 18, 18, 0)
    asha = only(replay(opt.history, ["asha"]))
    assert asha.best_kept is False  # its last value, told at the end, was no report
    assert asha.regret == 1.0 - -1.0


def test_without_curves_there_is_nothing_to_say() -> None:
    with pytest.raises(InvalidTrial, match="reported value at more than one step"):
        replay(history({1: 0.5}, {1: 0.25}))
    with pytest.raises(InvalidTrial, match="reported value at more than one step"):
        replay(Optimizer({"x": Float(0, 1)}).history)


def test_where_nothing_was_completed_there_is_no_best() -> None:
    recorded = history(
        {1: 0.5, 2: 0.4}, {1: 0.4, 2: 0.3}, ends=lambda opt, number: opt.tell(number, error="out of memory")
    )
    one = only(replay(recorded, ["asha"]))
    assert one.best_kept is None
    assert math.isnan(one.regret)
