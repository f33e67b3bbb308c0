"""Sweeps whose points depend on no results: agents that do not read what the others did."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from hyperopt_core import Categorical, Float, SearchSpace, State, Sweep
from hyperopt_core.errors import BudgetSpent, LeaseLost, SweepPaused, SweepStopped
from hyperopt_core.optimizer import Optimizer
from hyperopt_core.spec import Limits, Objective, SweepSpec
from hyperopt_core.storage import open_storage
from hyperopt_core.storage.protocol import Status, Storage
from hyperopt_core.trial import Trial

SPACE = SearchSpace({"x": Float(0, 1)})
Agents = Callable[..., tuple[Sweep, Sweep]]
SPEC = SweepSpec(SPACE, Objective("loss"), strategy="random", seed=0, limits=Limits(trials=6))


class Counted:
    """A storage, and how often each of its methods was called."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        self.calls[name] += 1
        return getattr(self._storage, name)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    storage = open_storage("memory://" if request.param == "memory" else f"sqlite:///{tmp_path}/sweeps.db")
    yield storage
    storage.close()


@pytest.fixture
def agents(store: Storage) -> Iterator[Agents]:
    """Two processes' worth of one sweep."""
    opened: list[Sweep] = []

    def make(**options: Any) -> tuple[Sweep, Sweep]:
        opened.append(Sweep.create(replace(SPEC, **options), store, "s"))
        opened.append(Sweep.open("s", store))
        assert all(sweep._allocator.blind for sweep in opened)
        return opened[0], opened[1]

    yield make
    for sweep in opened:
        sweep.close()


def drain(*sweeps: Sweep) -> list[Trial]:
    """What they are given in turn until each says that the budget is spent; the value is the number."""
    given, refusals = list[Trial](), 0
    for sweep in cycle(sweeps):
        try:
            trial = sweep.ask()
        except BudgetSpent:
            refusals += 1
            if refusals == len(sweeps):
                break
            continue
        sweep.tell(trial, float(trial.number))
        given.append(trial)
    return given


@pytest.mark.parametrize(
    ("options", "blind"),
    [
        ({}, True),
        ({"strategy": "sobol"}, True),
        ({"strategy": "tpe"}, False),
        ({"strategy": "auto"}, False),
        ({"early_terminate": "median"}, False),
        ({"early_terminate": "auto", "max_steps": 9}, False),
        ({"objective": Objective("loss", target=0.1)}, False),
        ({"space": SearchSpace({"x": Categorical([1, 2, 3])})}, False),
        ({"initial": ({"x": 0.5},)}, False),
        ({"deterministic": True, "parallelism": 2}, False),
        ({"limits": Limits(), "retries": 2, "resumable": True}, True),
    ],
)
def test_only_what_depends_on_no_result_goes_without(store: Storage, options: dict[str, Any], blind: bool) -> None:
    with Sweep.create(replace(SPEC, **options), store, "s") as sweep:
        assert sweep._allocator.blind is blind


def test_the_log_is_read_at_the_end_alone(store: Storage) -> None:
    counted = Counted(store)
    with Sweep.create(replace(SPEC, limits=Limits(trials=20)), counted, "s") as sweep:
        for number in range(20):
            sweep.tell(sweep.ask(), float(number))
        assert counted.calls["changes"] == 0
        with pytest.raises(BudgetSpent):
            sweep.ask()
        assert counted.calls["changes"] > 0
        assert [t.value for t in sweep.trials] == [float(number) for number in range(20)]


def test_proposals_are_those_of_one_process(agents: Agents) -> None:
    given = drain(*agents())
    alone = Optimizer.from_spec(SPEC)
    assert [t.params for t in given] == [alone.ask().params for _ in range(6)]


def test_the_budget_is_met_exactly_by_agents_in_turn(agents: Agents) -> None:
    one, other = agents()
    given = drain(one, other)
    assert [t.number for t in given] == list(range(6))
    assert [(t.state, t.value) for t in other.trials] == [(State.COMPLETED, float(n)) for n in range(6)]
    assert one.status is Status.FINISHED


def test_the_budget_is_met_exactly_by_agents_at_once(agents: Agents) -> None:
    one, other = agents(limits=Limits(trials=30))
    threads = [
        threading.Thread(target=sweep.run, args=(lambda run: run.params["x"], 2), daemon=True) for sweep in (one, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    assert [(t.number, t.state, t.attempt) for t in one.trials] == [(n, State.COMPLETED, 1) for n in range(30)]
    assert all(t.value == t.params["x"] for t in one.trials)
    assert one.status is Status.FINISHED


def test_a_raised_budget_is_seen_when_the_old_one_ends(agents: Agents) -> None:
    one, other = agents()
    assert other.update(replace(SPEC, limits=Limits(trials=9))) == ["run_cap"]
    assert len(drain(one)) == 9


def test_what_waits_is_given_out_before_new_trials_and_beyond_the_budget(agents: Agents) -> None:
    one, other = agents()
    first = one.ask()
    other.enqueue({"x": 0.25})
    assert one.ask().params == {"x": 0.25}
    one.tell(first, error="no luck")
    other.retry(first.number)
    again = one.ask()
    assert (again.number, again.attempt) == (first.number, 2)
    one.tell(again, 1.0)
    assert len(drain(one, other)) == 4
    other.enqueue({"x": 0.75})
    assert [t.params for t in drain(one)] == [{"x": 0.75}]


def test_a_failed_trial_is_tried_again_as_often_as_it_may(agents: Agents) -> None:
    one, other = agents(retries=2)
    for sweep, attempt in ((one, 1), (other, 2), (one, 3)):
        trial = sweep.ask()
        assert (trial.number, trial.attempt) == (0, attempt)
        sweep.tell(trial, error="no luck")
    assert (other.trials[0].state, other.trials[0].failures) == (State.FAILED, 3)


@pytest.mark.parametrize(
    ("control", "error"), [("pause", SweepPaused), ("stop", SweepStopped), ("cancel", SweepStopped)]
)
def test_what_people_want_is_seen_at_the_next_ask(agents: Agents, control: str, error: type[Exception]) -> None:
    one, other = agents()
    one.tell(one.ask(), 1.0)
    getattr(other, control)()
    with pytest.raises(error):
        one.ask()
    other.resume()
    assert one.ask().number == 1


def test_a_cancelled_trial_has_no_result_though_its_agent_reads_nothing(agents: Agents) -> None:
    one, other = agents()
    trial = one.ask()
    other.cancel_trial(trial.number, "too slow")
    one.tell(trial, 1.0)
    assert [(t.state, t.reason) for t in other.trials] == [(State.CANCELLED, "too slow")]


def test_a_trial_that_another_agent_took_over_is_told_by_that_one_alone(agents: Agents, store: Storage) -> None:
    one, other = agents()
    trial = one.ask()
    (held,) = store.held(1)
    assert store.reclaim(1, 0, 1, held.beat, resume=False)
    again = other.ask()
    assert (again.number, again.attempt) == (0, 2)
    with pytest.raises(LeaseLost):
        one.tell(trial, 1.0)
    other.tell(again, 2.0)
    assert one.trials[0].value == 2.0


def test_a_trial_can_be_told_by_another_process_than_the_one_that_asked(agents: Agents) -> None:
    one, other = agents()
    other.tell(one.ask(), 1.0)
    assert [(t.state, t.value) for t in one.trials] == [(State.COMPLETED, 1.0)]


def test_the_value_that_another_process_reported_counts(agents: Agents) -> None:
    one, other = agents()
    trial = one.ask()
    other.report(trial, value=0.5, step=3)
    one.tell(trial)
    assert [(t.state, t.value) for t in one.trials] == [(State.COMPLETED, 0.5)]
