"""``hyperopt-core plot``: a picture of a sweep."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from hyperopt_core.cli.options import DEFAULT_STORAGE, Json, Name, Storage, Where
from hyperopt_core.errors import ConfigError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hyperopt_core.sweep import Sweep


class Kind(StrEnum):
    """What a picture shows."""

    PARALLEL = "parallel"  # parallel coordinates
    HISTORY = "history"  # every trial's value, and the best so far
    CURVES = "curves"  # what each trial reported step by step
    IMPORTANCE = "importance"  # which parameters matter
    SLICES = "slices"  # the metric against each parameter


def plot(
    name: Name,
    kind: Annotated[Kind, Argument(metavar="[KIND]", help="parallel, history, curves, importance or slices.")] = (
        Kind.PARALLEL
    ),
    output: Annotated[
        Path | None,
        Option(
            "--output",
            "-o",
            metavar="FILE",
            help="A .png, .svg or .pdf file; default: after the name.",
            dir_okay=False,
        ),
    ] = None,
    storage: Storage = DEFAULT_STORAGE,
    where: Where = None,
    json: Json = False,
) -> None:
    """Draw a picture: parallel coordinates of all trials, or another kind.

    A line a trial through all parameters, coloured by the metric; --where only counts there.
    """
    from hyperopt_core.cli.opening import check_output, open_sweep
    from hyperopt_core.cli.printing import say, say_json
    from hyperopt_core.plots import save
    from hyperopt_core.sweep.files import safe_name

    check_output(output)
    if where is not None and kind is not Kind.PARALLEL:
        raise ConfigError(f"--where is for parallel coordinates; {kind} shows all trials")
    with open_sweep(name, storage) as sweep:
        figure = _figure(kind, sweep, where)
    default = safe_name(name) + ("" if kind is Kind.PARALLEL else f"-{kind}") + ".png"
    path = save(figure, output or Path(default))
    if json:
        say_json({"file": str(path)})
    else:
        say(f"wrote {path}")


def _figure(kind: Kind, sweep: Sweep, where: str | None) -> Figure:
    from hyperopt_core import plots

    space, name = sweep.spec.space, sweep.name
    metric, goal = sweep.spec.objective.metric, sweep.spec.objective.goal
    match kind:
        case Kind.PARALLEL:
            return plots.parallel_coordinates(sweep.trials, space, metric=metric, goal=goal, where=where, title=name)
        case Kind.HISTORY:
            return plots.history(sweep.trials, metric=metric, goal=goal, title=name)
        case Kind.CURVES:
            return plots.curves(sweep.history, metric=metric, goal=goal, title=name)
        case Kind.IMPORTANCE:
            return plots.importance(sweep.trials, space, goal, title=name)
        case Kind.SLICES:
            return plots.slices(sweep.trials, space, metric=metric, goal=goal, title=name)
