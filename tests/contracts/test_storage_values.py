"""What storages keep of values, and who sees them: part of the contract of every storage."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hyperopt_core.errors import Conflict, InvalidTrial, LeaseLost, SweepNotFound
from hyperopt_core.storage import Owner, Storage, open_storage
from hyperopt_core.trial import Measurement, Outcome, State
from tests.contracts.storages import DONE, ME, ORIGIN, OTHER, claim, current, start


class TestValues:
    def test_scalars_of_numpy_are_stored_as_python_has_them(self, storage: Storage, sweep: int) -> None:
        params: dict[str, Any] = {
            "a": np.float64(0.1),
            "b": np.int64(2**62),
            "c": np.bool_(True),
            "d": (1, 2),
            "e": np.array(3.0),
        }
        stored = start(storage, sweep, **params).params
        assert stored == {"a": 0.1, "b": 2**62, "c": True, "d": [1, 2], "e": 3.0}
        assert [type(value) for value in stored.values()] == [float, int, bool, list, float]
        metrics: dict[str, Any] = {"loss": np.float32(0.1), "n": 2**80}
        done = Outcome(State.COMPLETED, (0.5,), metrics)
        trial = storage.finish_trial(sweep, 0, 1, done)
        assert trial.metrics == {"loss": float(np.float32(0.1)), "n": 2**80}
        assert [type(value) for value in trial.metrics.values()] == [float, int]

    @pytest.mark.parametrize(
        ("value", "words"),
        [
            (object(), "params.x.*of type object"),
            (1j, "of type complex"),
            (np.zeros(2), "of type ndarray"),
            ({1: 2}, "key 1 is not a string"),
            pytest.param(10**5000, "4,200 digits", id="long"),
            (b"x", "of type bytes"),
        ],
    )
    def test_what_json_cannot_hold_is_refused_in_words(
        self, storage: Storage, sweep: int, value: Any, words: str
    ) -> None:
        claim(storage, sweep)
        with pytest.raises(InvalidTrial, match=words):
            storage.add_trial(sweep, 0, 1, {"x": value}, ORIGIN)
        assert current(storage, sweep, 0).state is State.PROPOSING

    @pytest.mark.parametrize("value", [None, "0.5", [1.0]])
    def test_a_metric_is_a_number(self, storage: Storage, sweep: int, value: Any) -> None:
        start(storage, sweep)
        with pytest.raises(InvalidTrial, match=r"metric 'loss'.*(is not a number|cannot be stored)"):
            storage.add_measurements(sweep, 0, 1, [Measurement(1, {"loss": value})])
        assert storage.changes(sweep, 0).measurements == ()

    def test_a_trial_is_completed_without_a_value(self, storage: Storage, sweep: int) -> None:
        start(storage, sweep)
        outcome = Outcome(State.COMPLETED, (), {"acc": 0.9})
        for _ in range(2):  # told again, it is the same
            trial = storage.finish_trial(sweep, 0, 1, outcome)
            assert (trial.state, trial.values, trial.value, trial.metrics) == (State.COMPLETED, (), None, {"acc": 0.9})
        assert current(storage, sweep, 0) == trial
        with pytest.raises(Conflict):
            storage.finish_trial(sweep, 0, 1, replace(outcome, values=(0.9,)))

    def test_texts_of_any_kind_are_kept(self, storage: Storage, sweep: int) -> None:
        start(storage, sweep)
        outcome = Outcome(State.FAILED, (), {}, "half \ud800", "nul \0 ✓ " + "x" * 20_000)
        for _ in range(2):
            trial = storage.finish_trial(sweep, 0, 1, outcome)
        assert (trial.reason, trial.error) == ("half \\ud800", "nul \\x00 ✓ " + "x" * 20_000)

    def test_a_storage_hands_out_copies(self, storage: Storage) -> None:
        spec: dict[str, Any] = {"a": {"b": 1}}
        sweep = storage.create_sweep("copies", spec, 0).id
        given: dict[str, Any] = {"nested": {"units": [1]}}
        trial: Any = start(storage, sweep, **given)
        record: Any = storage.get_sweep("copies")
        for mapping in (spec["a"], record.spec["a"]):
            mapping["b"] = 2
        given["nested"]["units"].append(2)
        trial.params["nested"]["units"].append(3)
        trial.origin.details["mean"] = 0.0
        assert storage.get_sweep("copies").spec == {"a": {"b": 1}}
        assert current(storage, sweep, 0).params == {"nested": {"units": [1]}}
        assert current(storage, sweep, 0).origin == ORIGIN


class TestSharing:
    def test_another_storage_at_the_same_url_sees_and_is_fenced_the_same(self, storage: Storage, sweep: int) -> None:
        if not storage.shared:
            pytest.skip("a storage of one process")
        other = open_storage(storage.secret_url)
        try:
            assert other.url == storage.url
            trial = start(storage, sweep)
            assert other.changes(sweep, 0) == storage.changes(sweep, 0)
            assert other.reclaim(sweep, trial.number, 1, 0, resume=False)
            assert claim(other, sweep, OTHER).attempt == 2
            with pytest.raises(LeaseLost):
                storage.add_measurements(sweep, trial.number, 1, [Measurement(1, {"loss": 1.0})])
            other.finish_trial(sweep, trial.number, 2, DONE)
            assert current(storage, sweep, trial.number).state is State.COMPLETED
        finally:
            other.close()

    def test_a_storage_outlasts_its_process(self, storage: Storage, sweep: int) -> None:
        if not storage.shared:
            pytest.skip("a storage of one process")
        start(storage, sweep)
        storage.finish_trial(sweep, 0, 1, DONE)
        before = storage.changes(sweep, 0)
        storage.close()
        again = open_storage(storage.secret_url)
        assert again.changes(sweep, 0) == before
        assert start(again, sweep).number == 1
        again.close()

    def test_a_storage_of_one_process_is_fresh_each_time(self, storage: Storage, sweep: int) -> None:
        if storage.shared:
            pytest.skip("a storage that others share")
        assert open_storage(storage.secret_url).list_sweeps() == []


class TestBeyondAnyDatabase:
    """Refused as what was given, not as a storage out of reach, for whose return agents wait."""

    @pytest.mark.parametrize("number", [2**31, 2**63, 10**30])
    def test_numbers(self, storage: Storage, sweep: int, number: int) -> None:
        start(storage, sweep)
        calls: list[Callable[[], object]] = [
            lambda: storage.status(number),
            lambda: storage.attempts(sweep, number),
            lambda: storage.claim(sweep, ME, number=number),
            lambda: storage.add_trial(sweep, 0, number, {}, ORIGIN),
            lambda: storage.finish_trial(sweep, 0, number, DONE),
            lambda: storage.beat(sweep, [(number, 1)]),
            lambda: storage.retry(sweep, number),
        ]
        for call in calls:
            with pytest.raises((InvalidTrial, SweepNotFound, LeaseLost)):
                call()
        assert claim(storage, sweep, OTHER).number == 1

    @pytest.mark.parametrize("word", ["half \ud800", "nul \0"])
    def test_words(self, storage: Storage, sweep: int, word: str) -> None:
        with pytest.raises(SweepNotFound):
            storage.get_sweep(word)
        with suppress(InvalidTrial):  # a storage may hold more
            storage.enqueue(sweep, {}, ORIGIN, key=word)
        with suppress(InvalidTrial):
            storage.claim(sweep, Owner(word))
        assert start(storage, sweep).attempt == 1

    def test_times_and_values(self, storage: Storage, sweep: int) -> None:
        start(storage, sweep)
        for at in (float("nan"), float("inf"), 10**400):
            with pytest.raises(InvalidTrial, match="at"):
                storage.add_measurements(sweep, 0, 1, [Measurement(1, {"loss": 1.0}, at=at)])
        with pytest.raises(InvalidTrial, match=r"values\[0\]"):
            storage.finish_trial(sweep, 0, 1, Outcome(State.COMPLETED, (10**400,)))
        assert current(storage, sweep, 0).state is State.RUNNING
