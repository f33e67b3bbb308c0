"""``hyperopt-core plot``: a picture of a sweep."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from hyperopt_core.cli.options import DEFAULT_STORAGE, Goal, Json, Metric, Name, Storage, Where
from hyperopt_core.errors import ConfigError, suggest

#: What a picture shows, in the order of `hyperopt_core.plots.KINDS`, which is only imported when one is drawn.
KINDS = (
    "parallel",
    "history",
    "curves",
    "importance",
    "interactions",
    "slices",
    "contour",
    "front",
    "timeline",
    "savings",
    "calibration",
)
_PARALLEL = KINDS[0]


def plot(
    name: Name,
    kind: Annotated[str, Argument(metavar="[KIND]", help=f"{', '.join(KINDS[:-1])} or {KINDS[-1]}.")] = _PARALLEL,
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
    metric: Metric = None,
    goal: Goal = None,
    x: Annotated[
        str | None, Option("--x", metavar="NAME", help="What lies across: of contour a parameter, of front a metric.")
    ] = None,
    y: Annotated[str | None, Option("--y", metavar="NAME", help="What stands upright.")] = None,
    x_goal: Annotated[
        str | None, Option(metavar="GOAL", help="Of front: minimize or maximize what lies across.")
    ] = None,
    y_goal: Annotated[str | None, Option(metavar="GOAL", help="Of front: the same of what stands upright.")] = None,
    json: Json = False,
) -> None:
    """Draw a picture: parallel coordinates of all trials, or another kind.

    parallel: a line a trial through all parameters, coloured by the metric; --where only counts there. history: every
    trial and the best so far. curves: what each reported step by step. importance, interactions: which parameters
    matter, alone and together. slices, contour: the metric and its model against one parameter and over two. front:
    trials that are best for some weighing of two metrics. timeline: who trained what, when. savings: what early
    stopping saved. calibration: what the model predicted against what was seen. --metric and --goal are for parallel,
    history and curves.
    """
    from hyperopt_core.cli.opening import check_output, open_sweep
    from hyperopt_core.cli.printing import say, say_json
    from hyperopt_core.sweep.files import safe_name

    check_output(output)
    if kind not in KINDS:
        raise ConfigError(f"there is no picture {kind!r}{suggest(kind, KINDS)}; there are: {', '.join(KINDS)}")
    if where is not None and kind != _PARALLEL:
        raise ConfigError(f"--where is for parallel coordinates; {kind} shows all trials")
    options = {"where": where, "metric": metric, "goal": goal, "x": x, "y": y, "x_goal": x_goal, "y_goal": y_goal}
    given = {key: value for key, value in options.items() if value is not None}
    with open_sweep(name, storage) as sweep:
        chart = sweep.plot(kind, **given)
    default = safe_name(name) + ("" if kind == _PARALLEL else f"-{kind}") + ".png"
    path = chart.save(output or Path(default))
    if json:
        say_json({"file": str(path), "summary": chart.summary})
    else:
        say(f"wrote {path}")
