"""Many writers and a reader that polls: whoever has seen revision k never finds a smaller one later."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from hyperopt_core.errors import InvalidTrial, LeaseLost
from hyperopt_core.storage import Owner, Status, Storage, open_storage
from hyperopt_core.trial import Changes, Measurement, Origin, Outcome, State, Trial
from tests.addresses import address

ENDS = (State.COMPLETED, State.FAILED, State.WAITING, State.PAUSED)


def write(storage: Storage, sweep: int, seed: int, rounds: int) -> list[tuple[int, Measurement]]:
    """Live through trials in all ways that there are; the measurements that were taken."""
    rng, owner, measured = random.Random(seed), Owner(f"writer-{seed}"), []
    for turn in range(rounds):
        trial = storage.claim(sweep, owner)
        assert trial is not None
        lease = (trial.number, trial.attempt)
        key = str(rng.randrange(2 * rounds))
        try:
            if trial.state is State.PROPOSING:
                storage.add_trial(sweep, *lease, {"x": turn}, Origin("random"), key=key)
            for step in range(rng.randrange(3)):
                new = Measurement(step + 1, {"loss": rng.random()}, trial.attempt, float(turn))
                storage.add_measurements(sweep, *lease, [new])
                measured.append((trial.number, new))
            storage.beat(sweep, [lease])
            if rng.random() < 0.2:
                storage.request_cancel(sweep, rng.randrange(trial.number + 1))
            storage.finish_trial(sweep, *lease, Outcome(rng.choice(ENDS), reason=owner.id))
        except InvalidTrial:  # the point is another trial's: the transaction was undone
            storage.finish_trial(sweep, *lease, Outcome(State.CANCELLED))
        except LeaseLost:
            raise AssertionError("nobody takes trials over here") from None
        if rng.random() < 0.2:
            storage.set_status(sweep, rng.choice([Status.RUNNING, Status.PAUSED]))
            storage.update_spec(sweep, {"turn": turn})
        if rng.random() < 0.3:
            storage.enqueue(sweep, {"x": -turn}, Origin("user"))
    return measured


class Reader:
    """Follows the log, as the optimizer of every agent does."""

    def __init__(self, storage: Storage, sweep: int) -> None:
        self._storage, self._sweep = storage, sweep
        self.seq, self.looks = 0, 0
        self.trials: dict[int, Trial] = {}
        self.measurements: list[tuple[int, Measurement]] = []

    def look(self) -> None:
        new: Changes = self._storage.changes(self._sweep, self.seq)
        assert new.seq >= self.seq, "the log grows"
        assert all(self.seq < trial.seq <= new.seq for trial in new.trials)
        self.looks += new.seq > self.seq
        self.seq = new.seq
        self.trials |= {trial.number: trial for trial in new.trials}
        self.measurements += new.measurements


@pytest.fixture(params=["postgresql", "sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with address(request.param, tmp_path) as found:
        yield found


@pytest.mark.parametrize(
    ("writers", "rounds"), [(4, 10), pytest.param(16, 60, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_a_reader_that_polls_misses_nothing(url: str, writers: int, rounds: int) -> None:
    with ExitStack() as stack:

        def opened() -> Storage:
            return stack.enter_context(closing(open_storage(url)))

        own = opened()
        sweep = own.create_sweep("s", {}, 0).id
        reader, measured = Reader(opened(), sweep), list[tuple[int, Measurement]]()
        errors: list[BaseException] = []

        def work(storage: Storage, seed: int) -> None:
            try:
                measured.extend(write(storage, sweep, seed, rounds))
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=work, args=(opened(), seed), daemon=True) for seed in range(writers)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            reader.look()
        reader.look()
        assert errors == []
        everything = own.changes(sweep, 0)
        assert reader.looks > rounds, "it read while they wrote"
        assert reader.seq == everything.seq
        assert reader.trials == {trial.number: trial for trial in everything.trials}
        assert Counter(map(repr, reader.measurements)) == Counter(map(repr, measured)), "each once"
        assert reader.measurements == list(everything.measurements)
        assert sorted(reader.trials) == list(range(len(reader.trials)))
        assert len({trial.seq for trial in everything.trials}) == len(everything.trials)
