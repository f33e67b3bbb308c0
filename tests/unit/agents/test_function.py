"""The evaluator of a Python function."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hyperopt_core import current_run
from hyperopt_core.agents.function import FunctionEvaluator
from hyperopt_core.agents.interrupt import Interrupt, Level
from hyperopt_core.agents.loop import make_run, work
from hyperopt_core.agents.run import Run
from hyperopt_core.trial import Decision, Outcome, State, Trial
from tests.unit.agents.source import MemorySource


def evaluate(folder: Path, objective: Callable[[Run], Any], interrupt: Interrupt | None = None) -> Outcome:
    source, interrupt = MemorySource(folder), interrupt or Interrupt()
    return FunctionEvaluator(source, interrupt, objective)(make_run(source, interrupt, source.ask()))


def last_report(run: Run) -> None:
    run.report(loss=2.0)
    run.report(loss=1.0)


@pytest.mark.parametrize(
    ("objective", "values"),
    [
        (lambda run: 0.5, (0.5,)),
        (lambda run: {"loss": 0.25, "model": "a text is no metric", "curve": np.arange(3), "n": "7"}, (0.25,)),
        (lambda run: {"loss": np.array(0.25), "ok": np.bool_(True)}, (0.25,)),
        (last_report, (1.0,)),
        (lambda run: sys.exit(run.report(loss=3.0) is Decision.STOP), (3.0,)),
    ],
)
def test_a_value_a_mapping_and_the_last_report_are_results(
    tmp_path: Path, objective: Callable[[Run], Any], values: tuple[float, ...]
) -> None:
    outcome = evaluate(tmp_path, objective)
    assert (outcome.state, outcome.values) == (State.COMPLETED, values)


def raises(run: Run) -> None:
    raise KeyError("no such column")


@pytest.mark.parametrize(
    ("objective", "reason"),
    [
        (raises, "KeyError: 'no such column'"),
        (lambda run: sys.exit(3), "the objective called sys.exit(3)"),
        (lambda run: "good", "hyperopt_core.errors.InvalidTrial: the objective returned 'good'"),
        (
            lambda run: {"loss": "low", "acc": 1.0},
            "hyperopt_core.errors.InvalidTrial: loss is 'low': a number is needed",
        ),
        (lambda run: {"loss": np.arange(3)}, "hyperopt_core.errors.InvalidTrial: loss is array([0, 1, 2])"),
        (lambda run: None, "no value of 'loss' was reported"),
    ],
)
def test_what_goes_wrong_fails_the_trial_and_says_why(
    tmp_path: Path, objective: Callable[[Run], Any], reason: str
) -> None:
    outcome = evaluate(tmp_path, objective)
    assert outcome.state is State.FAILED
    assert outcome.reason.startswith(reason)


def test_the_traceback_is_kept(tmp_path: Path) -> None:
    error = evaluate(tmp_path, raises).error
    assert error is not None
    assert 'raise KeyError("no such column")' in error


def test_the_current_run_inside_is_the_functions(tmp_path: Path) -> None:
    seen: list[bool] = []

    def objective(run: Run) -> float:
        seen.append(current_run(width=3) is run and run.params["width"] == 3)
        return 1.0

    assert evaluate(tmp_path, objective).state is State.COMPLETED
    assert seen == [True]


def test_ctrl_c_twice_gives_the_trial_back(tmp_path: Path) -> None:
    source, interrupt = MemorySource(tmp_path), Interrupt()

    def objective(run: Run) -> float:
        interrupt.escalate(Level.END)
        assert run.report(loss=1.0) is Decision.STOP
        return 1.0

    assert work(source, FunctionEvaluator(source, interrupt, objective), interrupt) == 0
    assert [outcome.state for _, outcome in source.outcomes] == [State.WAITING]


def test_a_trial_that_arrives_after_ctrl_c_is_given_back_untrained(tmp_path: Path) -> None:
    class Late(MemorySource):
        def ask(self, slot: int = 0) -> Trial:
            trial = super().ask(slot)
            interrupt.escalate()
            return trial

    source, interrupt = Late(tmp_path), Interrupt()
    assert work(source, FunctionEvaluator(source, interrupt, lambda run: pytest.fail("it was trained")), interrupt) == 0
    assert [outcome.state for _, outcome in source.outcomes] == [State.WAITING]


def test_a_result_that_was_finished_all_the_same_counts(tmp_path: Path) -> None:
    interrupt = Interrupt()

    def objective(run: Run) -> float:
        interrupt.escalate(Level.END)
        return 1.0

    assert evaluate(tmp_path, objective, interrupt).state is State.COMPLETED


def test_a_function_that_needs_no_folder_gets_none(tmp_path: Path) -> None:
    evaluate(tmp_path, lambda run: 1.0)
    assert not list(tmp_path.iterdir())
    evaluate(tmp_path, lambda run: float((run.directory / "x").write_text("1")))
    assert [path.name for path in tmp_path.iterdir()] == ["00000"]
