"""``hyperopt-core trials``: the trials of a sweep as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated

from typer import Option

from hyperopt_core.cli.options import DEFAULT_STORAGE, Json, Name, Storage, Where

if TYPE_CHECKING:
    from hyperopt_core.analysis.table import Row
    from hyperopt_core.spec import SweepSpec
    from hyperopt_core.trial import Trial

_METRICS = 4  # columns of a sweep without a metric of its own


def trials(
    name: Name,
    storage: Storage = DEFAULT_STORAGE,
    where: Where = None,
    sort: Annotated[
        str | None, Option(metavar="FIELD", help="Smallest first; with a minus before it, largest first.")
    ] = None,
    limit: Annotated[int | None, Option(min=1, metavar="N", help="At most N trials.")] = None,
    json: Json = False,
) -> None:
    """List trials, filtered and sorted as you like.

    By any parameter or metric, and by number, state, value, seconds, attempt, strategy, origin (why it was proposed),
    mean and sd (predicted), acquisition, reason (why it ended).
    """
    from hyperopt_core.analysis import table, to_json
    from hyperopt_core.analysis import where as predicate
    from hyperopt_core.cli.opening import open_sweep

    with open_sweep(name, storage) as sweep:
        spec, found = sweep.spec, sweep.trials
    metrics = _metrics(spec, found)
    if where is not None:
        wanted = predicate(where, found, spec.space)
        found = [t for t in found if wanted(t)]
    rows = table(found, spec.space)
    shown = sorted_rows(rows, sort)[:limit]
    if json:
        print(to_json([rows[i] for i in shown]), end="")
    else:
        _print(spec, [found[i] for i in shown], metrics)


def sorted_rows(rows: Sequence[Row], field: str | None) -> list[int]:
    """Places of the rows in the order of a field, those without it last. Raises `ConfigError` for an unknown one."""
    from hyperopt_core.errors import ConfigError, suggest

    if field is None or not rows:
        return list(range(len(rows)))
    name = field.removeprefix("-")
    if name not in rows[0]:
        raise ConfigError(f"--sort {name!r}: no such field{suggest(name, rows[0])}; there are: {', '.join(rows[0])}")
    known = [i for i, row in enumerate(rows) if row[name] is not None]
    numeric = all(isinstance(rows[i][name], int | float) for i in known)
    known.sort(key=lambda i: rows[i][name] if numeric else str(rows[i][name]), reverse=field.startswith("-"))
    return known + [i for i, row in enumerate(rows) if row[name] is None]


def _metrics(spec: SweepSpec, trials: Sequence[Trial]) -> dict[str, Callable[[Trial], float | None]]:
    """Name -> what a column shows: the metric, or some of those logged where the sweep names none."""
    from hyperopt_core.history import lacks_metric

    if not lacks_metric(trials, spec.objective):
        return {spec.objective.metric: lambda trial: trial.value}
    logged = sorted({name for trial in trials for name in trial.metrics})
    return {name: partial(_last, name) for name in logged[:_METRICS]}


def _last(metric: str, trial: Trial) -> float | None:
    return trial.metrics.get(metric)


def _print(spec: SweepSpec, trials: Sequence[Trial], metrics: Mapping[str, Callable[[Trial], float | None]]) -> None:
    from hyperopt_core.cli.printing import say, say_table
    from hyperopt_core.cli.snapshot import varying
    from hyperopt_core.cli.text import number, params_text, seconds, short

    if not trials:
        say("no trials")
        return
    lines = []
    for trial in trials:
        took = "-" if trial.seconds is None else seconds(trial.seconds)
        words = params_text(varying(spec, trial))
        words += f"  ({short(trial.reason, 60)})" if trial.reason else ""
        values = [number(read(trial)) for read in metrics.values()]
        lines.append([str(trial.number), str(trial.state), *values, took, _origin(trial), words])
    names = [short(name, 20) for name in metrics]
    columns = ["trial", "state", *names, "time", "origin", "parameters"]
    say_table(columns, lines, right=["trial", *names, "time"])


def _origin(trial: Trial) -> str:
    """Why the trial was proposed, and what was expected of it."""
    from hyperopt_core.cli.text import number, short

    words, details = f"{trial.origin.strategy}: {trial.origin.reason}", trial.origin.details
    if "mean" in details:
        words += f", {number(details['mean'])} ± {number(details.get('sd'))}"
    return short(words, 60)
