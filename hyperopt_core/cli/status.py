"""``hyperopt-core status``: how sweeps stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from typer import Argument

from hyperopt_core.cli.options import DEFAULT_STORAGE, Json, Storage
from hyperopt_core.errors import HyperoptError

if TYPE_CHECKING:
    from hyperopt_core.cli.snapshot import Snapshot
    from hyperopt_core.storage import Storage as Store


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
    from hyperopt_core.cli.text import safe

    with open_sweep(name, storage) as sweep:
        if json:
            say_json(Snapshot.of(sweep).to_json())
        else:
            say(f"{summary(sweep, storage)}\n\n{safe(sweep.explain(), keep_lines=True)}")


def _all(storage: str, json: bool) -> None:
    from contextlib import closing

    from hyperopt_core.cli.opening import open_existing
    from hyperopt_core.cli.printing import say, say_json, say_table
    from hyperopt_core.storage.address import without_password

    with closing(open_existing(storage)) as store:
        looks = [(record.name, _look(record.name, store)) for record in store.list_sweeps()]
    if json:
        for name, found in looks:
            say_json({"name": name, "error": str(found)} if isinstance(found, HyperoptError) else found.to_json())
    elif not looks:
        say(f"no sweeps in {without_password(storage)}; `hyperopt-core run SWEEP.yaml` starts one")
    else:
        columns = ["name", "status", "ended", "running", "best", "metric", "strategy"]
        say_table(columns, [_row(*look) for look in looks], right=["ended", "running", "best"])


def _look(name: str, store: Store) -> Snapshot | HyperoptError:
    """How a sweep stands; the error of one that cannot be read must not hide the others."""
    from hyperopt_core.cli.snapshot import Snapshot
    from hyperopt_core.sweep import Sweep

    try:
        with Sweep.open(name, store) as sweep:
            return Snapshot.of(sweep)
    except HyperoptError as error:
        return error


def _row(name: str, found: Snapshot | HyperoptError) -> list[str]:
    from hyperopt_core.cli.text import number, short

    if isinstance(found, HyperoptError):
        return [short(name, 40), "unreadable", "-", "-", "-", "-", short(str(found), 200)]
    return [
        short(name, 40),
        found.status,
        f"{sum(t.state.ended for t in found.trials)}/{found.total or '-'}",
        str(len(found.running)),
        number(found.best.value if found.best else None),
        short(found.metric or "-", 24),
        found.spec.strategy,
    ]
