"""``hyperopt-core replay``: what early stopping would have saved."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from hyperopt_core.cli.options import DEFAULT_STORAGE, Goal, Json, Metric, Name, Storage

if TYPE_CHECKING:
    from hyperopt_core.analysis import Replay


def replay(
    name: Name,
    scheduler: Annotated[
        list[str] | None,
        Option(
            metavar="NAME",
            help='A scheduler, or a mapping as in a sweep file, "{type: asha, eta: 4}"; may be given several times. '
            "Default: a table of the usual ones.",
        ),
    ] = None,
    metric: Metric = None,
    goal: Goal = None,
    max_steps: Annotated[
        int | None, Option(min=1, metavar="N", help="Steps of a full training; default: the sweep's.")
    ] = None,
    agents: Annotated[int, Option(min=1, max=10_000, metavar="N", help="Trials at a time.")] = 1,
    storage: Storage = DEFAULT_STORAGE,
    json: Json = False,
) -> None:
    """Show what schedulers would have saved of a sweep's steps.

    By the curves that its trials reported, in virtual time. Beyond the end of a curve nothing is known.
    """
    from hyperopt_core.analysis import replay as replayed
    from hyperopt_core.analysis.replay import USUAL
    from hyperopt_core.cli.opening import open_sweep
    from hyperopt_core.cli.printing import say_json

    wanted = [_read(one) for one in scheduler] if scheduler else USUAL
    with open_sweep(name, storage) as sweep:
        found = replayed(
            sweep.history,
            wanted,
            metric=metric,
            goal=goal,
            max_steps=max_steps,
            resumable=sweep.spec.resumable,
            workers=agents,
        )
    if json:
        for one in found:
            say_json(_as_json(one))
    else:
        _print(found, metric or sweep.spec.objective.metric)


def _read(text: str) -> Any:
    """A scheduler's name, or the mapping that a text in braces holds."""
    if not text.lstrip().startswith("{"):
        return text
    from yaml import YAMLError, safe_load

    from hyperopt_core.errors import ConfigError

    try:
        return safe_load(text)
    except YAMLError:
        raise ConfigError(
            f"--scheduler {text!r}: a name or a mapping is needed, such as {{type: asha, eta: 4}}"
        ) from None


def _as_json(one: Replay) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(one) | {"saved": one.saved}


def _print(found: list[Replay], metric: str) -> None:
    from hyperopt_core.cli.printing import say, say_table
    from hyperopt_core.cli.text import counted, number

    first = found[0]
    best = "" if first.best_kept is None else f", best {metric} {number(first.best)}"
    say(f"{counted(first.trials, 'trial')} with curves, {first.recorded:g} steps{best}\n")
    columns = ["scheduler", "steps", "saved", "ended early", "best trial", "regret", "beyond"]
    kept = {True: "kept", False: "lost", None: "-"}
    rows = [
        [
            one.scheduler,
            f"{one.trained:g}",
            f"{one.saved:.0%}",
            str(one.ended_early),
            kept[one.best_kept],
            number(None if isnan(one.regret) else one.regret),
            str(one.beyond),
        ]
        for one in found
    ]
    say_table(columns, rows, right=["steps", "saved", "ended early", "regret", "beyond"])
    say("\nregret: how much worse the best value would be; - where no trial would have been trained to its end")
    if any(one.beyond for one in found):
        say(
            "beyond: trials that the sweep itself ended and that would have been trained further:\n"
            "what they would have come to is not known, and not counted"
        )
