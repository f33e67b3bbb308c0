"""Memory and SQLite side by side: the same calls, the same answers, the same log; and a model of what must hold."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hyperopt_core.errors import HyperoptError
from hyperopt_core.storage import Owner, Status, Storage
from hyperopt_core.storage.memory import MemoryStorage
from hyperopt_core.storage.plain import dumps, loads, plain
from hyperopt_core.storage.sql.sqlite import SqliteDatabase
from hyperopt_core.storage.sql.storage import SqlStorage
from hyperopt_core.trial import Measurement, Origin, Outcome, State

numbers = st.integers(0, 5)
attempts = st.integers(0, 3)
texts = st.text(max_size=5)
floats = st.floats(width=32) | st.floats()
metrics = st.dictionaries(texts, floats | st.integers(), max_size=2)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=8
)
params = st.dictionaries(texts, values, max_size=2)
origins = st.builds(Origin, st.sampled_from(["random", "user"]), texts, st.dictionaries(texts, floats, max_size=1))
owners = st.sampled_from([Owner("a", "host", 1, "1:2", "boot"), Owner("b"), Owner("ü", "h", 2**20)])
keys = st.none() | st.sampled_from(["k0", "k1", "k2"])
outcomes = st.builds(
    Outcome,
    st.sampled_from([state for state in State if state.ended or state in (State.PAUSED, State.WAITING)]),
    st.lists(st.sampled_from([0.0, 1.5, math.nan, math.inf]), max_size=2).map(tuple),
    metrics,
    st.sampled_from(["", "why"]),
    st.none() | texts,
    st.booleans(),
    st.booleans(),
    st.none() | st.integers(-9, 255),
)
measurements = st.lists(
    st.builds(Measurement, st.sampled_from([1, 2, 2.5, 7]), metrics, st.just(1), st.floats(0, 1e9)), max_size=3
)


def same(first: Any, second: Any) -> bool:
    """Equal, types of numbers and NaN included."""
    return repr(first) == repr(second)


class Clock:
    """A clock that moves by itself, and alike for both storages."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class StorageMachine(RuleBasedStateMachine):
    """Drives both storages; a rule that raises must raise the same in both."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.clock = Clock()
        database = SqliteDatabase(str(self.folder / "sweeps.db"))
        self.storages: list[Any] = [MemoryStorage(clock=self.clock), SqlStorage(database, clock=self.clock)]
        self.since = 0
        self.replayed: dict[int, str] = {}
        self.measured: list[str] = []
        self.ended: dict[tuple[int, int], str] = {}

    @initialize(spec=params, seed=st.integers())
    def create(self, spec: dict[str, Any], seed: int) -> None:
        self.sweep = self.both(lambda s: s.create_sweep("sweep", spec, seed)).id

    def both(self, call: Callable[[Storage], Any]) -> Any:
        """The answer of both storages, or None where both raise the same."""
        self.clock.now += 1
        answers: list[Any] = []
        errors: list[str] = []
        for storage in self.storages:
            try:
                answers.append(call(storage))
            except HyperoptError as error:
                errors.append(f"{type(error).__name__}: {error}")
        if errors:
            assert not answers, f"one answered {answers}, the other raised {errors}"
            assert errors[0] == errors[1]
            return None
        assert same(*answers)
        return answers[0]

    @rule(owner=owners, cap=st.none() | st.integers(0, 6))
    def claim(self, owner: Owner, cap: int | None) -> None:
        self.both(lambda s: s.claim(self.sweep, owner, cap=cap))

    @rule(owner=owners, number=numbers, budget=st.none() | st.integers(1, 81))
    def claim_paused(self, owner: Owner, number: int, budget: int | None) -> None:
        self.both(lambda s: s.claim(self.sweep, owner, number=number, budget=budget))

    @rule(number=numbers, attempt=attempts, params=params, origin=origins, budget=st.none() | numbers, key=keys)
    def add_trial(self, number: int, attempt: int, params: Any, origin: Origin, budget: int | None, key: Any) -> None:
        self.both(lambda s: s.add_trial(self.sweep, number, attempt, params, origin, budget=budget, key=key))

    @rule(params=params, origin=origins, key=keys)
    def enqueue(self, params: Any, origin: Origin, key: str | None) -> None:
        self.both(lambda s: s.enqueue(self.sweep, params, origin, key=key))

    @rule(owner=owners, params=params, origin=origins)
    def start(self, owner: Owner, params: Any, origin: Origin) -> None:
        """Claim and propose at once: single random calls seldom get that far."""
        trial = self.both(lambda s: s.claim(self.sweep, owner))
        if trial.state is State.PROPOSING:
            self.both(lambda s: s.add_trial(self.sweep, trial.number, trial.attempt, params, origin))

    @rule(number=numbers, attempt=attempts, measurements=measurements, durable=st.booleans())
    def report(self, number: int, attempt: int, measurements: list[Measurement], durable: bool) -> None:
        self.both(lambda s: s.add_measurements(self.sweep, number, attempt, measurements, durable=durable))

    @rule(number=numbers, attempt=attempts, outcome=outcomes)
    def finish(self, number: int, attempt: int, outcome: Outcome) -> None:
        self.both(lambda s: s.finish_trial(self.sweep, number, attempt, outcome))

    @precondition(lambda self: self.storages[0].held(self.sweep))
    @rule(data=st.data(), outcome=outcomes, again=st.booleans())
    def finish_held(self, data: st.DataObject, outcome: Outcome, again: bool) -> None:
        held = data.draw(st.sampled_from(self.storages[0].held(self.sweep)))
        for _ in range(1 + again):
            self.both(lambda s: s.finish_trial(self.sweep, held.number, held.attempt, outcome))

    @precondition(lambda self: self.storages[0].held(self.sweep))
    @rule(data=st.data(), resume=st.booleans(), reason=texts, late=st.integers(0, 1))
    def reclaim(self, data: st.DataObject, resume: bool, reason: str, late: int) -> None:
        held = data.draw(st.sampled_from(self.storages[0].held(self.sweep)))
        number, attempt, beat = held.number, held.attempt, held.beat - late
        self.both(lambda s: s.reclaim(self.sweep, number, attempt, beat, resume=resume, reason=reason))

    @rule(number=numbers, reason=texts)
    def request_cancel(self, number: int, reason: str) -> None:
        self.both(lambda s: s.request_cancel(self.sweep, number, reason))

    @rule(number=numbers)
    def retry(self, number: int) -> None:
        self.both(lambda s: s.retry(self.sweep, number))

    @rule(leases=st.lists(st.tuples(numbers, attempts), max_size=3))
    def beat(self, leases: list[tuple[int, int]]) -> None:
        self.both(lambda s: s.beat(self.sweep, leases))

    @rule(status=st.sampled_from(Status), reason=texts, expected=st.lists(st.sampled_from(Status), max_size=2))
    def set_status(self, status: Status, reason: str, expected: list[Status]) -> None:
        self.both(lambda s: s.set_status(self.sweep, status, reason, expected))

    @rule(limit=st.integers(1, 9))
    def update_spec(self, limit: int) -> None:
        self.both(lambda s: s.update_spec(self.sweep, {"max_trials": limit}))

    @rule()
    def reopen(self) -> None:
        self.storages[1].close()

    @rule()
    def follow(self) -> None:
        """A reader that asks for what is new and one that reads everything know the same."""
        news = self.both(lambda s: s.changes(self.sweep, self.since))
        everything = self.both(lambda s: s.changes(self.sweep, 0))
        self.since = news.seq
        self.replayed |= {trial.number: trial.state for trial in news.trials}
        self.measured += map(repr, news.measurements)
        assert self.replayed == {trial.number: trial.state for trial in everything.trials}
        assert self.measured == [repr(measurement) for measurement in everything.measurements]

    @invariant()
    def the_log_is_in_order_and_results_stand(self) -> None:
        changes = self.both(lambda s: s.changes(self.sweep, 0))
        assert sorted(trial.number for trial in changes.trials) == list(range(len(changes.trials)))
        seqs = [trial.seq for trial in changes.trials]
        assert seqs == sorted(set(seqs))
        assert changes.seq >= max(seqs, default=0)
        held = {lease.number for lease in self.both(lambda s: s.held(self.sweep))}
        assert held == {t.number for t in changes.trials if t.state in (State.PROPOSING, State.RUNNING)}
        for trial in changes.trials:
            result = repr((trial.state, trial.values, trial.metrics, trial.error))
            if trial.state in (State.COMPLETED, State.STOPPED):  # nothing leads out of these
                assert self.ended.setdefault((trial.number, trial.attempt), result) == result
            self.both(lambda s, number=trial.number: s.attempts(self.sweep, number))  # type: ignore[misc]

    def teardown(self) -> None:
        for storage in self.storages:
            storage.close()
        shutil.rmtree(self.folder)


StorageMachine.TestCase.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
TestStorageMachine = StorageMachine.TestCase


@given(values)
def test_values_read_back_exactly(value: Any) -> None:
    stored = plain(value)
    assert same(stored, value)
    assert same(loads(dumps(stored)), value)


@given(st.integers(1 - 2**14_000, 2**14_000 - 1))
@settings(max_examples=20)
def test_integers_of_any_size_read_back(value: int) -> None:
    assert loads(dumps(plain(value))) == value


@given(params, floats)
@settings(max_examples=15)
def test_a_trial_reads_back_exactly(params: dict[str, Any], number: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        storage = SqlStorage(SqliteDatabase(str(Path(folder, "sweeps.db"))))
        sweep = storage.create_sweep("sweep", params, 0)
        assert same(storage.get_sweep("sweep").spec, params)
        storage.claim(sweep.id, Owner("me"))
        storage.add_trial(sweep.id, 0, 1, params, Origin("user"))
        storage.add_measurements(sweep.id, 0, 1, [Measurement(1, {"loss": number})])
        storage.finish_trial(sweep.id, 0, 1, Outcome(State.COMPLETED, (number,), {"loss": number}))
        changes = storage.changes(sweep.id, 0)
        assert same(changes.trials[0].params, params)
        assert same(changes.trials[0].values, (number,))
        assert same(changes.trials[0].metrics, {"loss": number})
        assert same(changes.measurements[0][1].metrics, {"loss": number})
        storage.close()
