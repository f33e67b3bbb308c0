"""The run: reports, their steps, and when to stop."""

from __future__ import annotations

import gc
import multiprocessing
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hyperopt_core import Float, Optimizer
from hyperopt_core.agents.run import Run
from hyperopt_core.errors import InvalidTrial
from hyperopt_core.trial import Decision, State


class Recorder:
    """Takes reports and answers as told."""

    def __init__(self, answer: Decision = Decision.CONTINUE) -> None:
        self.answer = answer
        self.seen: list[tuple[float | None, float | None, Mapping[str, float]]] = []

    def __call__(self, step: float | None, value: float | None, metrics: Mapping[str, float]) -> Decision:
        self.seen.append((step, value, metrics))
        return self.answer


def test_steps_are_counted_where_none_is_given() -> None:
    recorder = Recorder()
    run = Run({}, next_step=4, _report=recorder)
    run.report(0.5)
    run.report(0.4, step=7)
    run.report({"loss": 0.3, "step": 2.0}, acc=np.float32(0.5))
    assert recorder.seen == [(4, 0.5, {}), (7, 0.4, {}), (8, None, {"loss": 0.3, "step": 2.0, "acc": 0.5})]
    assert type(recorder.seen[2][2]["acc"]) is float


@pytest.mark.parametrize(
    ("given", "words"),
    [({"loss": "low"}, "loss is 'low'"), ({"loss": None}, "loss is None"), ({"loss": 10**400}, "a number is needed")],
)
def test_what_is_no_number_is_refused_alone_too(given: Any, words: str) -> None:
    with pytest.raises(InvalidTrial, match=words):
        Run({}).report(given)


def test_a_refused_report_takes_no_step() -> None:
    recorder = Recorder()
    run = Run({}, _report=recorder)
    with pytest.raises(InvalidTrial):
        run.report(loss="low")  # type: ignore[arg-type]
    run.report(loss=1.0)
    assert recorder.seen == [(1, None, {"loss": 1.0})]


def test_a_decision_to_end_stands() -> None:
    recorder = Recorder(Decision.STOP)
    run = Run({}, _report=recorder)
    assert run.report(1.0) is Decision.STOP
    recorder.answer = Decision.CONTINUE
    assert run.report(1.0) is Decision.STOP
    assert run.should_stop


def test_whoever_asks_whether_to_stop_has_been_told() -> None:
    reasons = [""]
    run = Run({}, _stop_reason=lambda: reasons[0])
    assert not run.should_stop
    reasons[0] = "cancelled"
    assert (run.stop_reason, run.decision) == ("cancelled", Decision.CONTINUE)
    assert run.should_stop
    assert run.decision is Decision.STOP


def test_epochs_begin_where_a_trial_goes_on_and_end_where_it_is_told_to() -> None:
    recorder = Recorder()
    run = Run({}, next_step=3, _report=recorder)
    for epoch in run.epochs(9):
        recorder.answer = Decision.PAUSE if epoch == 5 else Decision.CONTINUE
        run.report(1 / epoch)
    assert [step for step, *_ in recorder.seen] == [3, 4, 5]
    assert list(run.epochs(9)) == []


def optimizer() -> Optimizer:
    ladder = {"type": "asha", "min_steps": 1, "eta": 2}
    return Optimizer({"x": Float(0, 1)}, "random", ladder, metric="loss", max_steps=2, resumable=True, seed=0)


def test_the_run_of_an_optimizers_trial(tmp_path: Path) -> None:
    opt = optimizer()
    for _ in range(2):
        trial = opt.ask()
        run = Run.of(opt, trial, tmp_path / str(trial.number))
        assert (run.params, run.number, run.budget, run.alone) == (trial.params, trial.number, 1, False)
        assert run.report(loss=trial.number) is Decision.PAUSE
        run.checkpoint_dir.joinpath("epoch").write_text("1")
        opt.tell(trial)
    again = Run.of(opt, opt.ask(), tmp_path / "0")
    assert (again.number, again.next_step, again.budget) == (0, 2, 2)
    assert again.checkpoint_dir.joinpath("epoch").read_text() == "1"
    assert [again.report(loss=0.5) for _ in again.epochs(9)] == [Decision.CONTINUE] * 8
    opt.tell(again.number)
    assert opt.trials[0].state is State.COMPLETED


def test_files_of_an_optimizers_trial_lie_in_a_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    opt = optimizer()
    runs = [Run.of(opt, opt.ask()) for _ in range(2)]
    assert list(tmp_path.iterdir()) == []
    assert [run.directory.as_posix() for run in runs] == ["trials/00000", "trials/00001"]


def train_elsewhere(run: Run) -> None:
    while run.report(loss=run.params["x"]) is Decision.CONTINUE:
        pass


def test_in_another_process_it_reports_through_this_one(tmp_path: Path) -> None:
    opt = optimizer()
    run = Run.of(opt, opt.ask(), tmp_path)
    child = multiprocessing.get_context("spawn").Process(target=train_elsewhere, args=(run,))
    child.start()
    child.join()
    assert child.exitcode == 0
    assert run.decision is Decision.PAUSE
    assert [m.metrics for m in opt.history.curve(0)] == [{"loss": run.params["x"]}]


def test_nobody_joins_a_run_that_is_gone(tmp_path: Path) -> None:
    opt = optimizer()
    run = Run.of(opt, opt.ask(), tmp_path)
    sent = pickle.dumps(run)
    assert pickle.loads(sent).report(loss=1.0) is Decision.PAUSE
    del run
    gc.collect()
    with pytest.raises(SystemExit, match="no trial of this agent"):
        pickle.loads(sent)


def test_a_run_alone_is_a_plain_value() -> None:
    assert pickle.loads(pickle.dumps(Run({"x": 1}))) == Run({"x": 1})
