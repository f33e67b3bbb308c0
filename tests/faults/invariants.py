"""What holds of every sweep, whatever has happened to it."""

from __future__ import annotations

from hyperopt_core import State, Sweep
from hyperopt_core.history import best_trial


def check(sweep: Sweep, budget: int) -> None:
    """The budget was met exactly: numbers without holes, all ended, nobody at work, the best one is the best one."""
    trials = sweep.trials
    assert [t.number for t in trials] == list(range(budget))
    assert all(t.state.ended for t in trials), [(t.number, t.state) for t in trials if not t.state.ended]
    assert all(t.params for t in trials)
    assert sweep._storage.held(sweep._id) == []
    assert sweep.best == best_trial(trials, sweep.spec.objective)
    completed = [t for t in trials if t.state is State.COMPLETED]
    assert all(t.value == t.params["x"] for t in completed)
