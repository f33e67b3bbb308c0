"""``hyperopt-core status``: how sweeps stand."""

from __future__ import annotations

from typing import Annotated

from typer import Argument

from hyperopt_core.cli.options import DEFAULT_STORAGE, Json, Storage


def status(
    name: Annotated[str | None, Argument(metavar="[NAME]", help="A sweep; without it all of them.")] = None,
    storage: Storage = DEFAULT_STORAGE,
    json: Json = False,
) -> None:
    """Show how a sweep stands, or all sweeps of a storage."""
    if name is None:
        _all(storage, json)
        return
    from hyperopt_core.cli.opening import open_sweep
    from hyperopt_core.cli.printing import say, say_json
    from hyperopt_core.cli.snapshot import Snapshot
    from hyperopt_core.cli.summary import summary

    with open_sweep(name, storage) as sweep:
        if json:
            say_json(Snapshot.of(sweep).to_json())
        else:
            say(summary(sweep, storage))


def _all(storage: str, json: bool) -> None:
    from contextlib import closing

    from hyperopt_core.cli.opening import open_existing
    from hyperopt_core.cli.printing import say, say_json, say_table
    from hyperopt_core.cli.snapshot import Snapshot
    from hyperopt_core.cli.text import number, short
    from hyperopt_core.sweep import Sweep

    with closing(open_existing(storage)) as store:
        snapshots = [Snapshot.of(Sweep.open(record.name, store)) for record in store.list_sweeps()]
    if json:
        for snapshot in snapshots:
            say_json(snapshot.to_json())
    elif not snapshots:
        say(f"no sweeps in {storage}; `hyperopt-core run SWEEP.yaml` starts one")
    else:
        rows = [
            [
                short(s.name, 40),
                s.status,
                f"{sum(t.state.ended for t in s.trials)}/{s.total or '-'}",
                str(len(s.running)),
                number(s.best.value if s.best else None),
                short(s.spec.objective.metric, 24),
                s.spec.strategy,
            ]
            for s in snapshots
        ]
        columns = ["name", "status", "ended", "running", "best", "metric", "strategy"]
        say_table(columns, rows, right=["ended", "running", "best"])
