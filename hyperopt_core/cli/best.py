"""``hyperopt-core best``: the best configuration."""

from __future__ import annotations

from hyperopt_core.cli.options import DEFAULT_STORAGE, Goal, Json, Metric, Name, Storage


def best(
    name: Name, metric: Metric = None, goal: Goal = None, storage: Storage = DEFAULT_STORAGE, json: Json = False
) -> int:
    """Show the best trial and its parameters, by the sweep's metric or another one.

    Exit code 1 while there is none.
    """
    from hyperopt_core.cli.opening import open_sweep
    from hyperopt_core.cli.printing import say, say_json
    from hyperopt_core.cli.snapshot import Snapshot
    from hyperopt_core.cli.summary import best_lines, no_best
    from hyperopt_core.errors import InvalidTrial

    with open_sweep(name, storage) as sweep:
        snapshot = Snapshot.of(sweep)
    if metric is not None or goal is not None:
        snapshot = snapshot.by(metric, goal)
    if snapshot.best is None:
        raise InvalidTrial(f"sweep {name!r}: {no_best(snapshot)}")
    if json:
        found = snapshot.best
        say_json(
            {
                "trial": found.number,
                "state": str(found.state),
                "value": found.value,
                "params": dict(found.params),
                "metrics": dict(found.metrics),
            }
        )
    else:
        say("\n".join(best_lines(snapshot)).lstrip("\n"))
    return 0
