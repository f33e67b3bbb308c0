"""``hyperopt-core best``: the best configuration."""

from __future__ import annotations

from hyperopt_core.cli.options import DEFAULT_STORAGE, Json, Name, Storage


def best(name: Name, storage: Storage = DEFAULT_STORAGE, json: Json = False) -> int:
    """Show the best trial and its parameters.

    Exit code 1 while there is none.
    """
    from hyperopt_core.cli.opening import open_sweep
    from hyperopt_core.cli.printing import say, say_json
    from hyperopt_core.cli.snapshot import Snapshot
    from hyperopt_core.cli.summary import best_lines
    from hyperopt_core.errors import InvalidTrial

    with open_sweep(name, storage) as sweep:
        snapshot = Snapshot.of(sweep)
    if snapshot.best is None:
        raise InvalidTrial(f"sweep {name!r}: no trial has a value of {snapshot.spec.objective.metric} yet")
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
