"""A sweep over each storage: budget, controls, leases, retries, restarts."""

from __future__ import annotations

import gc
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hyperopt_core import Categorical, Decision, Float, Int, Run, SearchSpace, State, Sweep
from hyperopt_core.errors import (
    BudgetSpent,
    ConfigError,
    InvalidTrial,
    LeaseLost,
    StorageError,
    SweepExists,
    SweepNotFound,
    SweepPaused,
)
from hyperopt_core.spec import Limits, Objective, SweepSpec
from hyperopt_core.storage import open_storage
from hyperopt_core.storage.protocol import Status, Storage
from hyperopt_core.trial import Outcome

SPACE = SearchSpace({"x": Float(-1, 1), "n": Int(1, 4)})
Make = Callable[..., Sweep]


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    storage = open_storage("memory://" if request.param == "memory" else f"sqlite:///{tmp_path}/sweeps.db")
    yield storage
    storage.close()


@pytest.fixture
def make(store: Storage) -> Iterator[Make]:
    made: list[Sweep] = []

    def create(lease: float = 60.0, **options: Any) -> Sweep:
        spec = SweepSpec(options.pop("space", SPACE), **{"strategy": "random", "seed": 0, **options})
        made.append(Sweep.create(spec, store, f"s{len(made)}", lease=lease))
        return made[-1]

    yield create
    for sweep in made:
        sweep.close()


def value(run: Run) -> float:
    return float(run.params["x"]) ** 2


def test_run_spends_the_budget_exactly_and_finishes(make: Make) -> None:
    sweep = make(limits=Limits(trials=7))
    best = sweep.run(value, workers=3)
    assert best is not None
    assert [t.number for t in sweep.trials] == list(range(7))
    assert all(t.state is State.COMPLETED for t in sweep.trials)
    assert best.value == min(t.value for t in sweep.trials if t.value is not None)
    assert sweep.status is Status.FINISHED
    with pytest.raises(BudgetSpent):
        sweep.ask()


def test_proposals_equal_those_of_the_optimizer_in_memory(make: Make) -> None:
    from hyperopt_core import Optimizer

    sweep = make(limits=Limits(trials=6))
    sweep.run(value)
    opt = Optimizer(SPACE, strategy="random", seed=0)
    assert [t.params for t in sweep.trials] == [opt.ask().params for _ in range(6)]


def test_a_second_sweep_object_goes_on_where_the_first_left(make: Make, store: Storage) -> None:
    sweep = make(limits=Limits(trials=5))
    for _ in range(2):
        sweep.tell(sweep.ask(), 1.0)
    again = Sweep.open(sweep.name, store)
    again.run(value)
    assert len(again.trials) == 5
    assert [t.state for t in sweep.trials] == [State.COMPLETED] * 5
    assert sweep.spec == again.spec


def test_names(make: Make, store: Storage) -> None:
    sweep = make()
    with pytest.raises(SweepExists):
        Sweep.create(SweepSpec(SPACE), store, sweep.name)
    with pytest.raises(SweepNotFound, match="did you mean"):
        Sweep.open(sweep.name + "x", store)
    unnamed = [Sweep.create(SweepSpec(SPACE), store) for _ in range(2)]
    assert len({s.name for s in unnamed}) == 2


def test_target_ends_the_sweep(make: Make) -> None:
    sweep = make(objective=Objective("value", "maximize", target=0.5))
    best = sweep.run(lambda run: run.params["x"])
    assert best is not None
    assert best.value is not None
    assert best.value >= 0.5
    assert "target" in sweep.reason


def test_time_limit_ends_the_sweep(make: Make) -> None:
    sweep = make(limits=Limits(seconds=0.3))
    start = time.monotonic()

    def objective(run: Run) -> float:
        time.sleep(0.02)
        return 1.0

    sweep.run(objective, workers=2)
    assert 0.2 < time.monotonic() - start < 5
    assert "time limit" in sweep.reason


def test_a_finite_space_ends_by_itself(make: Make) -> None:
    sweep = make(space=SearchSpace({"a": Categorical([1, 2, 3]), "b": Int(1, 2)}))
    sweep.run(lambda run: float(run.params["a"]), workers=4)
    assert len({SPACE.key(t.params) for t in sweep.trials}) <= len(sweep.trials) == 6
    assert all(t.state is State.COMPLETED for t in sweep.trials)


def test_pause_resume_stop_from_another_object(make: Make, store: Storage) -> None:
    sweep = make(limits=Limits(trials=4))
    other = Sweep.open(sweep.name, store)
    trial = sweep.ask()
    other.pause()
    with pytest.raises(SweepPaused):
        sweep.ask()
    sweep.tell(trial, 1.0)  # what runs goes on
    other.resume()
    sweep.tell(sweep.ask(), 1.0)
    other.stop("enough")
    sweep.run(value)
    assert len(sweep.trials) == 2
    assert sweep.reason == "enough"


def test_cancel_ends_running_trials(make: Make, store: Storage) -> None:
    sweep = make(lease=1.0)
    started = threading.Event()

    def objective(run: Run) -> float:
        started.set()
        for step in range(1, 1000):
            if run.report(1.0, step=step) is not Decision.CONTINUE:
                break
            time.sleep(0.01)
        return 1.0

    worker = threading.Thread(target=sweep.run, args=(objective,))
    worker.start()
    assert started.wait(10)
    Sweep.open(sweep.name, store).cancel("not needed")
    worker.join(20)
    assert not worker.is_alive()
    assert sweep.trials[0].state is State.CANCELLED
    assert sweep.status is Status.CANCELLED


def test_cancel_of_one_trial_lets_the_sweep_go_on(make: Make) -> None:
    sweep = make(limits=Limits(trials=3))
    trial = sweep.ask()
    assert sweep.cancel_trial(trial.number, "diverges")
    assert sweep.report(trial, value=1.0) is Decision.STOP
    sweep.finish(trial, sweep.settle(trial))
    assert sweep.trials[0].state is State.CANCELLED
    assert sweep.trials[0].reason == "diverges"
    sweep.run(value)
    assert [t.state for t in sweep.trials] == [State.CANCELLED, State.COMPLETED, State.COMPLETED]


def test_a_failed_trial_is_tried_again_and_then_fails(make: Make) -> None:
    sweep = make(limits=Limits(trials=2), retries=2)
    attempts: list[int] = []

    def objective(run: Run) -> float:
        attempts.append(run.number)
        if run.number == 0:
            raise RuntimeError("no luck")
        return 1.0

    sweep.run(objective)
    assert attempts.count(0) == 3
    assert sweep.trials[0].state is State.FAILED
    assert "no luck" in (sweep.trials[0].error or "")
    assert sweep.trials[0].failures == 3


def test_a_metric_that_nobody_logs_stops_the_sweep_after_the_first_trial(make: Make) -> None:
    sweep = make(objective=Objective("val_loss"), limits=Limits(trials=20))
    sweep.run(lambda run: {"valid_loss": 1.0})
    assert len(sweep.trials) == 1
    assert sweep.status is Status.STOPPED
    assert "did you mean 'valid_loss'" in sweep.reason


def test_nothing_but_failures_stops_the_sweep(make: Make) -> None:
    sweep = make(limits=Limits(trials=50))

    def objective(run: Run) -> float:
        raise ZeroDivisionError("of course")

    sweep.run(objective)
    assert len(sweep.trials) == 5
    assert "of course" in sweep.reason


def test_a_lost_lease_is_taken_over_and_the_late_tell_refused(
    make: Make, store: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = make(limits=Limits(trials=1), lease=0.3)
    trial = sweep.ask()
    sweep._keeper.close()  # the agent hangs: it beats no more
    # Another host's agent: it cannot look at the process, so it waits for the lease to run out.
    other = Sweep.open(sweep.name, store, lease=0.3)
    monkeypatch.setattr("hyperopt_core.sweep.leases.is_gone", lambda owner: None)
    deadline = time.monotonic() + 10
    while not other._keeper.reap():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    again = other.ask()
    assert (again.number, again.attempt) == (0, 2)
    assert sweep.report(trial, value=5.0) is Decision.STOP
    with pytest.raises(LeaseLost):
        sweep.tell(trial, 5.0)
    other.tell(again, 1.0)
    assert other.trials[0].value == 1.0


def test_enqueued_points_run_first_and_bad_ones_are_refused(make: Make) -> None:
    sweep = make(limits=Limits(trials=2))
    sweep.enqueue({"x": 0.25, "n": 1})
    with pytest.raises(InvalidTrial, match="outside"):
        sweep.enqueue({"x": 2, "n": 1})
    assert sweep.ask().params == {"x": 0.25, "n": 1}


def test_choices_of_any_json_kind_come_back_equal(make: Make) -> None:
    choices = [[1, 2], {"k": [None]}, "a", True, 1, 1.5]
    sweep = make(space=SearchSpace({"c": Categorical(choices)}), strategy="grid")
    asked = [sweep.ask().params["c"] for _ in choices]
    assert asked == choices
    assert [type(a) for a in asked] == [type(c) for c in choices]


def test_trial_directories_stay_inside(make: Make) -> None:
    sweep = make()
    path = sweep.trial_directory(sweep.ask())
    assert path.is_dir()
    assert path.name == "00000"


def test_a_trial_that_takes_its_agents_down_fails_after_three(
    make: Make, store: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = make(limits=Limits(trials=2))
    for attempt in (1, 2, 3):
        victim = Sweep.open(sweep.name, store)
        assert victim.ask().attempt == attempt
        victim._keeper.close()  # the agent dies with the trial
        with monkeypatch.context() as patch:
            patch.setattr("hyperopt_core.sweep.leases.is_gone", lambda owner: True)
            Sweep.open(sweep.name, store)
    assert sweep.ask().number == 1
    assert sweep.trials[0].state is State.FAILED
    assert sweep.trials[0].reason == "3 agents were lost with it"


class Unreachable:
    """A storage whose writes fail while `out` is set: a database that is restarted."""

    def __init__(self, storage: Storage) -> None:
        self._storage, self.out = storage, False

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._storage, name)
        if not callable(method):
            return method

        def call(*args: Any, **named: Any) -> Any:
            if self.out:
                raise StorageError("the database is away")
            return method(*args, **named)

        return call


def test_a_storage_out_of_reach_costs_no_report_and_no_result(store: Storage) -> None:
    away = Unreachable(store)
    with Sweep.create(SweepSpec(SPACE, strategy="random"), away) as sweep:
        trial = sweep.ask()
        sweep.report(trial, value=3.0)
        away.out = True
        assert sweep.report(trial, value=2.0) is Decision.CONTINUE
        assert sweep.report(trial, value=1.0) is Decision.CONTINUE
        back = threading.Timer(0.3, setattr, (away, "out", False))
        back.start()
        with pytest.raises(StorageError):
            sweep.ask()
        sweep.finish(trial, Outcome(State.COMPLETED, (1.0,)))
        assert [m.step for m in sweep.history.curve(0)] == [1, 2, 3]
        assert sweep.trials[0].value == 1.0


def test_a_finished_sweep_goes_on_for_what_people_add(make: Make) -> None:
    failing = True

    def objective(run: Run) -> float:
        if failing:
            raise RuntimeError("no luck")
        return 1.0

    sweep = make(limits=Limits(trials=1))
    sweep.run(objective)
    assert sweep.status is Status.FINISHED
    failing = False
    sweep.retry(0)
    sweep.run(objective, workers=2)
    assert [t.state for t in sweep.trials] == [State.COMPLETED]
    sweep.enqueue({"x": 0.5, "n": 1})
    sweep.run(objective)
    assert [t.params["x"] for t in sweep.trials[1:]] == [0.5]
    assert sweep.status is Status.FINISHED


def test_a_waiting_trial_of_a_stopped_sweep_keeps_no_agent(make: Make) -> None:
    sweep = make()
    sweep.stop()
    sweep.enqueue({"x": 0.5, "n": 1})
    sweep.run(value)
    assert sweep.trials[0].state is State.WAITING


def test_a_raised_limit_reaches_agents_and_other_changes_are_refused(make: Make, store: Storage) -> None:
    sweep = make(limits=Limits(trials=2))
    other = Sweep.open(sweep.name, store)
    sweep.run(value)
    assert sweep.update(replace(sweep.spec, limits=Limits(trials=4), retries=3)) == ["retries", "run_cap"]
    other.run(value)
    assert len(other.trials) == 4
    assert other.spec.retries == 3
    with pytest.raises(ConfigError, match="method"):
        sweep.update(replace(sweep.spec, strategy="sobol"))


def test_cancel_leaves_a_finished_sweep_finished(make: Make) -> None:
    sweep = make(limits=Limits(trials=1))
    sweep.run(value)
    sweep.cancel()
    assert sweep.status is Status.FINISHED


def test_a_large_constrained_grid_ends_without_leftovers(make: Make) -> None:
    space = SearchSpace({"a": Int(1, 400), "b": Int(1, 251)}, constraints=["a + b <= 3"])
    sweep = make(space=space, strategy="grid")

    def objective(run: Run) -> float:
        time.sleep(0.5)
        return 1.0

    sweep.run(objective, workers=3)
    assert sum(t.state is State.COMPLETED for t in sweep.trials) == 3
    assert len(sweep.trials) <= 4
    assert sweep.status is Status.FINISHED


def test_a_closed_sweep_asks_no_more_and_leaves_a_storage_that_was_handed_in_open(make: Make, store: Storage) -> None:
    sweep = make()
    sweep.close()
    with pytest.raises(StorageError, match="closed"):
        sweep.ask()
    assert store.get_sweep(sweep.name).next_number == 0


def test_a_sweep_that_nobody_holds_is_closed_though_its_last_holder_is_writing(tmp_path: Path) -> None:
    """As a collector of garbage may do in any thread, at any moment."""
    url = f"sqlite:///{tmp_path}/sweeps.db"
    first = Sweep.create(SweepSpec(SearchSpace({"x": Float(0, 1)})), url, name="a")
    first.ask()
    with closing(open_storage(url)) as storage, storage.database.write():  # type: ignore[attr-defined]
        started = time.monotonic()
        del first
        gc.collect()
        assert time.monotonic() - started < 5.0
        assert any(t.name == "hyperopt-closing" for t in threading.enumerate()), "it waits for the writer on its own"
    deadline = time.monotonic() + 20
    while any(t.name == "hyperopt-closing" for t in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_given_points_are_tried_once_each_whatever_is_enqueued(make: Make) -> None:
    sweep = make(initial=({"x": 0.1, "n": 1}, {"x": 0.2, "n": 1}))
    sweep.enqueue({"x": 0.9, "n": 1})
    assert [sweep.ask().params["x"] for _ in range(3)] == [0.9, 0.1, 0.2]


def test_nothing_but_nan_stops_the_sweep(make: Make) -> None:
    sweep = make(limits=Limits(trials=50))
    sweep.run(lambda run: math.nan)
    assert len(sweep.trials) == 5
    assert "nan" in sweep.reason
