"""``hyperopt-core enqueue``: have a configuration tried next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument

from hyperopt_core.cli.options import DEFAULT_STORAGE, Json, Name, Storage
from hyperopt_core.errors import InvalidTrial, suggest

if TYPE_CHECKING:
    from hyperopt_core.space import SearchSpace


def enqueue(
    name: Name,
    settings: Annotated[
        list[str], Argument(metavar="KEY=VALUE...", help="Every parameter; nested ones dotted, values as in YAML.")
    ],
    storage: Storage = DEFAULT_STORAGE,
    json: Json = False,
) -> None:
    """Have a configuration of your own tried next."""
    from hyperopt_core.cli.opening import open_sweep
    from hyperopt_core.cli.printing import say, say_json
    from hyperopt_core.cli.summary import waits

    with open_sweep(name, storage) as sweep:
        trial = sweep.enqueue(read_settings(settings, sweep.spec.space))
        if json:
            say_json({"name": name, "trial": trial.number, "params": dict(trial.params)})
        else:
            say(waits(sweep, trial, storage))


def read_settings(settings: Sequence[str], space: SearchSpace) -> dict[str, Any]:
    """Nested parameters from ``key=value`` words. Raises `InvalidTrial` for what is no parameter of the space."""
    from hyperopt_core.config.reading import read_text

    flat: dict[str, Any] = {}
    for word in settings:
        key, equals, text = word.partition("=")
        if not equals:
            raise InvalidTrial(f"{word!r}: write parameters as key=value")
        if key not in space.parameters:
            raise InvalidTrial(f"{key!r} is not a parameter{suggest(key, space.parameters)}")
        if key in flat:
            raise InvalidTrial(f"{key!r} is given twice")
        if not text.strip():
            raise InvalidTrial(f"{word!r}: the value is missing; an empty text is {key}='\"\"'")
        flat[key] = read_text(text, key).value
    return space.nest(flat)
