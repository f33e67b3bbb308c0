"""Leases that hold, and those that do not any more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hyperopt_core.errors import SweepNotFound
from hyperopt_core.storage.memory import MemoryStorage
from hyperopt_core.storage.protocol import Held, Owner
from hyperopt_core.sweep.leases import LeaseKeeper
from hyperopt_core.trial import Origin, Outcome, State, Trial

ME, ANOTHER = Owner("me"), Owner("another")
DONE = Outcome(State.COMPLETED, (1.0,))


@pytest.fixture
def storage() -> MemoryStorage:
    storage = MemoryStorage()
    storage.create_sweep("s", {}, 0)
    return storage


@pytest.fixture
def keeper(storage: MemoryStorage) -> Iterator[LeaseKeeper]:
    keeper = LeaseKeeper(storage, 1, ttl=1000, resume=False)  # beats every second: not within a test
    yield keeper
    keeper.close()


def running(storage: MemoryStorage, owner: Owner = ME) -> Trial:
    trial = storage.claim(1, owner)
    assert trial is not None
    return storage.add_trial(1, trial.number, trial.attempt, {"x": trial.number}, Origin("random"))


def take_back(storage: MemoryStorage, number: int) -> None:
    (held,) = (held for held in storage.held(1) if held.number == number)
    assert storage.reclaim(1, number, held.attempt, held.beat, resume=False)


def test_a_lease_of_ones_own_holds_and_that_shows_a_sign_of_life(storage: MemoryStorage, keeper: LeaseKeeper) -> None:
    trial = running(storage)
    keeper.hold((trial.number, trial.attempt))
    assert keeper.holds(trial.number)
    assert storage.held(1) == [Held(0, 1, 1, ME)]


def test_nobody_holds_what_another_agent_has(storage: MemoryStorage, keeper: LeaseKeeper) -> None:
    trial = running(storage, ANOTHER)
    assert not keeper.holds(trial.number)
    assert storage.held(1) == [Held(0, 1, 0, ANOTHER)], "nobody beats for others"
    assert not keeper.holds(7)


def test_a_lease_holds_no_longer_once_its_trial_is_to_end_or_has_gone(
    storage: MemoryStorage, keeper: LeaseKeeper
) -> None:
    cancelled, lost, ended, let_go = (running(storage) for _ in range(4))
    for trial in (cancelled, lost, ended, let_go):
        keeper.hold((trial.number, trial.attempt))
        assert keeper.holds(trial.number)
    storage.request_cancel(1, cancelled.number)
    take_back(storage, lost.number)
    storage.finish_trial(1, ended.number, ended.attempt, DONE)
    keeper.let_go((let_go.number, let_go.attempt))
    assert [keeper.holds(trial.number) for trial in (cancelled, lost, ended, let_go)] == [False] * 4


def test_a_trial_that_came_back_to_the_process_is_in_doubt_until_its_first_attempt_is_over(
    storage: MemoryStorage, keeper: LeaseKeeper
) -> None:
    trial = running(storage)
    keeper.hold((trial.number, trial.attempt))
    take_back(storage, trial.number)
    again = storage.claim(1, ME)
    assert again is not None
    keeper.hold((again.number, again.attempt))
    assert not keeper.holds(trial.number), "whose result comes is not known"
    keeper.let_go((trial.number, trial.attempt))
    assert keeper.holds(trial.number)


def test_a_deleted_sweep_is_said_to_be_gone(storage: MemoryStorage, keeper: LeaseKeeper) -> None:
    trial = running(storage)
    keeper.hold((trial.number, trial.attempt))
    storage.delete_sweep(1)
    with pytest.raises(SweepNotFound):
        keeper.holds(trial.number)
