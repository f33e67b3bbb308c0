"""The run: reports, their steps, and when to stop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from hyperopt_core.agents.run import Run
from hyperopt_core.errors import InvalidTrial
from hyperopt_core.trial import Decision


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
