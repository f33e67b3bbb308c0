"""Sweeps that name no metric: their trials are completed without a value, and go on to the last one."""

from __future__ import annotations

from typing import Any

import pytest

from hyperopt_core import ConfigError, Run, State, Sweep, Trial
from hyperopt_core.config import load
from hyperopt_core.server.search import search_here
from hyperopt_core.storage import Status, open_storage
from hyperopt_core.sweep.importing import import_trials

GRID: dict[str, Any] = {"method": "grid", "parameters": {"x": {"values": [1, 2, 3, 4, 5, 6]}}}


def create(**more: Any) -> Sweep:
    return Sweep.create(GRID | more, "memory://")


def log(run: Run) -> dict[str, float]:
    run.report(loss=1.0 / run.params["x"], step=1)
    return {"acc": float(run.params["x"])}


def test_every_trial_is_completed_and_keeps_what_it_logged() -> None:
    with create() as sweep:
        assert sweep.run(log) is None
        assert [(t.state, t.value) for t in sweep.trials] == [(State.COMPLETED, None)] * 6
        assert [t.metrics for t in sweep.trials] == [{"loss": 1.0 / x, "acc": x} for x in range(1, 7)]
        assert (sweep.status, sweep.best) == (Status.FINISHED, None)
        assert "6 completed" in sweep._repr_html_()


def test_values_that_are_told_count() -> None:
    with create() as sweep:
        best = sweep.run(lambda run: None if run.params["x"] % 2 else -run.params["x"])
        assert best is not None
        assert (best.params["x"], best.value) == (6, -6.0)
        assert [t.value for t in sweep.trials] == [None, -2.0, None, -4.0, None, -6.0]


def test_failures_after_completed_trials_stop_nothing() -> None:
    def fail(run: Run) -> None:
        if run.params["x"] > 1:
            raise RuntimeError("no memory")

    with create() as sweep:
        sweep.run(fail)
        assert [t.state for t in sweep.trials] == [State.COMPLETED, *[State.FAILED] * 5]
        assert sweep.status is Status.FINISHED
    with create() as sweep:
        sweep.run(lambda run: 1 / 0)
        assert sweep.status is Status.STOPPED
        assert "the first 5 trials failed" in sweep.reason


def test_deterministic_trials_are_completed_too() -> None:
    with create(method="random", seed=1, run_cap=4, deterministic=True, parallelism=2) as sweep:
        sweep.run(log, workers=2)
        assert [t.state for t in sweep.trials] == [State.COMPLETED] * 4


def test_naming_the_metric_that_is_meant_changes_nothing_else() -> None:
    with create(run_cap=2) as sweep:
        sweep.run(log)
        assert sweep.update(load(GRID | {"run_cap": 2, "metric": {"name": "value"}})) == []
        named = load(GRID | {"run_cap": 3, "metric": {"name": "value", "target": -9.0}})
        assert sweep.update(named) == ["metric.target", "run_cap"]
        sweep.run(log)
        assert [t.state for t in sweep.trials] == [State.COMPLETED, State.COMPLETED, State.FAILED]
        with pytest.raises(ConfigError, match=r"another metric\.name"):
            sweep.update(load(GRID | {"metric": {"name": "acc"}}))


def test_completed_trials_come_into_another_sweep() -> None:
    with create() as sweep:
        found = import_trials(sweep, [(Trial(0, {"x": 2}, State.COMPLETED, metrics={"acc": 0.5}), ())], "a file")
        assert (found.count, sweep.trials[0].state, sweep.trials[0].values) == (1, State.COMPLETED, ())
    storage = open_storage("memory://")
    with Sweep.create(GRID, storage, "old") as old:
        old.run(log)
        assert (
            search_here(old, storage, {"name": "new", "ranges": {"x": {"choices": [1, 2]}}, "trials": 1})["known"] == 2
        )
    with Sweep.open("new", storage) as new:
        assert [t.values for t in new.trials] == [(), ()]
        assert {t.state for t in new.trials} == {State.COMPLETED}
    storage.close()
