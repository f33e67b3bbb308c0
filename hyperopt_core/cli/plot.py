"""``hyperopt-core plot``: a picture of a sweep."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Option

from hyperopt_core.cli.options import DEFAULT_STORAGE, Json, Name, Storage, Where


def plot(
    name: Name,
    output: Annotated[
        Path | None,
        Option("--output", "-o", metavar="FILE", help="A .png, .svg or .pdf file; default: NAME.png.", dir_okay=False),
    ] = None,
    storage: Storage = DEFAULT_STORAGE,
    where: Where = None,
    json: Json = False,
) -> None:
    """Draw a picture of all trials: parallel coordinates.

    A line a trial through all parameters, coloured by the metric.
    """
    from hyperopt_core.cli.opening import check_output, open_sweep
    from hyperopt_core.cli.printing import say, say_json
    from hyperopt_core.plots import parallel_coordinates, save
    from hyperopt_core.sweep.files import safe_name

    check_output(output)
    with open_sweep(name, storage) as sweep:
        spec, trials = sweep.spec, sweep.trials
    metric, goal = spec.objective.metric, spec.objective.goal
    figure = parallel_coordinates(trials, spec.space, metric=metric, goal=goal, where=where, title=name)
    path = save(figure, output or Path(f"{safe_name(name)}.png"))
    if json:
        say_json({"file": str(path)})
    else:
        say(f"wrote {path}")
