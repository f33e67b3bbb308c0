"""What the page is told of a sweep: rows, axes, and only what changed."""

from __future__ import annotations

import json
import math

import pytest

from hyperopt_core import Categorical, Float, Int, SearchSpace
from hyperopt_core.errors import InvalidTrial, SweepNotFound
from hyperopt_core.server import view
from hyperopt_core.server.mirror import Mirror, SweepMirror
from hyperopt_core.space import Constant, Normal
from hyperopt_core.spec import Objective, SweepSpec
from hyperopt_core.storage import open_storage
from hyperopt_core.trial import Measurement, Outcome, State, Trial
from tests import sweeps


def test_axes_are_the_parameters_that_vary() -> None:
    space = SearchSpace(
        {
            "lr": Float(1e-4, 1e-1, log=True),
            "batch": Categorical([64, 16]),
            "layers": Int(1, 8),
            "mu": Normal(0, 1),
            "epochs": Constant(3),
            "one": Categorical(["only"]),
        }
    )
    found = {axis["name"]: axis for axis in view.axes(space)}
    assert list(found) == ["lr", "batch", "layers", "mu"]
    assert found["lr"] == {"name": "lr", "kind": "number", "low": 1e-4, "high": 1e-1, "log": True}
    assert (found["batch"]["labels"], found["batch"]["ordered"]) == (["64", "16"], True)
    assert found["layers"]["whole"] == 1
    assert found["mu"]["low"] is None


def test_a_sweep_without_a_metric_says_so() -> None:
    storage = open_storage("memory://")
    spec = SweepSpec(sweeps.SPACE, Objective(required=False), strategy="random")
    record = storage.create_sweep("s", spec.to_dict(), 1)
    assert (view.header(record, spec)["required"], "metric" in view.header(record, spec)["config"]) == (False, False)
    trial = Trial(0, {}, State.COMPLETED, metrics={"acc": 0.9})
    assert [view.overview(record, spec, [trial])[key] for key in ("metric", "best")] == [None, None]
    told = Trial(1, {}, State.COMPLETED, values=(0.5,))
    assert view.overview(record, spec, [trial, told])["metric"] == "value"
    assert view.overview(record, spec, [])["metric"] == "value"
    storage.close()


def test_rows_hold_choices_by_index_and_nothing_that_json_lacks() -> None:
    space = SearchSpace(
        {"a": Categorical([None, [1, 2], "x"]), "b": Float(0, 1, when={"a": ["x"]}), "c": Categorical([True, False])}
    )
    rows = view.Rows(space)
    trial = Trial(0, {"a": None, "c": False}, State.FAILED, metrics={"m": math.inf}, error="one\ntwo\n")
    row = rows(trial)
    assert row["params"] == [0, None, 1]
    assert (row["metrics"], row["error"]) == ({"m": None}, "two")
    assert rows(Trial(1, {"a": [1, 2], "c": True}))["params"] == [1, None, 0]
    json.dumps(row, allow_nan=False)


def test_a_mirror_tells_only_what_changed() -> None:
    storage = open_storage("memory://")
    record = sweeps.make_sweep(storage, "digits", trials=9)
    mirror = SweepMirror(storage, record)
    sweeps.fill(storage, record, 4)
    first = mirror.since(0)
    assert [row["number"] for row in first["rows"]] == [0, 1, 2, 3]
    assert not mirror.changed(first["seq"])
    assert mirror.since(first["seq"])["rows"] == []

    trial = sweeps.begin(storage, record, {"lr": 0.01, "optimizer": "adam", "layers": 2})
    storage.add_measurements(record.id, trial.number, 1, [Measurement(1, {"val_acc": math.nan, "other": 1.0})])
    assert mirror.changed(first["seq"])
    second = mirror.since(first["seq"])
    assert [row["number"] for row in second["rows"]] == [4]
    assert second["points"] == [(4, 1, 1, None)]
    assert [(held["number"], held["host"]) for held in second["held"]] == [(4, "host")]
    assert len(mirror.since(0)["rows"]) == 5
    assert mirror.curves()["curves"]["0"][0] == [1, 2, 3]


def test_curves_of_an_attempt_from_scratch_replace_the_earlier_ones() -> None:
    storage = open_storage("memory://")
    record = sweeps.make_sweep(storage, "digits")
    mirror = SweepMirror(storage, record)
    trial = sweeps.begin(storage, record, {"lr": 0.01, "optimizer": "adam", "layers": 2})
    storage.add_measurements(record.id, 0, 1, [Measurement(1, {"val_acc": 0.1}), Measurement(2, {"val_acc": 0.2})])
    mirror.since(0)
    storage.finish_trial(record.id, 0, trial.attempt, Outcome(State.WAITING))
    again = storage.claim(record.id, sweeps.OWNER)
    assert again is not None
    storage.add_measurements(record.id, 0, again.attempt, [Measurement(1, {"val_acc": 0.5})])
    assert mirror.curves()["curves"] == {"0": [[1], [0.5]]}


def test_the_list_holds_every_sweep_and_the_whole_of_a_trial_is_asked_for() -> None:
    storage = open_storage("memory://")
    record = sweeps.make_sweep(storage, "digits", trials=20)
    sweeps.fill(storage, record, 10)
    mirror = Mirror(storage)
    (line,) = mirror.overviews()
    assert (line["counts"], line["total"]) == ({"completed": 8, "stopped": 1, "failed": 1}, 20)
    values = [t.value for t in storage.changes(record.id, 0).trials if t.state is State.COMPLETED]
    assert line["best"]["value"] == max(value for value in values if value is not None)
    assert mirror.named("digits").detail(1)["error"].startswith("Traceback")
    with pytest.raises(InvalidTrial, match="no trial 99"):
        mirror.sweep(record.id).detail(99)
    with pytest.raises(SweepNotFound):
        mirror.sweep(99)


def test_raised_limits_reach_the_page() -> None:
    storage = open_storage("memory://")
    record = sweeps.make_sweep(storage, "digits", trials=5)
    mirror = Mirror(storage)
    assert mirror.sweep(record.id).since(0)["total"] == 5
    storage.update_spec(record.id, {**record.spec, "run_cap": 50})
    assert mirror.sweep(record.id).since(0)["total"] == 50
