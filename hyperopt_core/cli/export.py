"""``hyperopt-core export``: all trials as CSV or JSON."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from typer import Option

from hyperopt_core.cli.options import DEFAULT_STORAGE, Json, Name, Storage, Where


def export(
    name: Name,
    output: Annotated[
        Path | None,
        Option("--output", "-o", metavar="FILE", help="A .csv or .json file; default: CSV on stdout.", dir_okay=False),
    ] = None,
    optuna: Annotated[
        Path | None,
        Option(
            metavar="FILE",
            help="Write an Optuna study instead, for its dashboard: a database (.db), or a journal.",
            dir_okay=False,
        ),
    ] = None,
    storage: Storage = DEFAULT_STORAGE,
    where: Where = None,
    json: Json = False,
) -> None:
    """Write all trials as CSV or JSON, or as a study of Optuna."""
    from hyperopt_core.analysis import table, to_csv, to_json
    from hyperopt_core.analysis import where as predicate
    from hyperopt_core.cli.opening import check_output, open_sweep
    from hyperopt_core.cli.printing import note
    from hyperopt_core.cli.text import counted
    from hyperopt_core.errors import ConfigError

    if optuna is not None:
        _write_study(name, storage, optuna)
        return
    suffix = output.suffix.lower() if output else (".json" if json else ".csv")
    if suffix not in (".csv", ".json"):
        raise ConfigError(f"--output {str(output)!r}: the file ends in .csv or .json")
    check_output(output)
    with open_sweep(name, storage) as sweep:
        space, found = sweep.spec.space, sweep.trials
    if where is not None:
        wanted = predicate(where, found, space)
        found = [t for t in found if wanted(t)]
    rows = table(found, space)
    text = to_json(rows) if suffix == ".json" else to_csv(rows)
    if output is None:
        _print(text)
    else:
        output.write_text(text, encoding="utf-8", newline="")
        note(f"wrote {counted(len(rows), 'trial')} to {output}")


def _write_study(name: str, storage: str, file: Path) -> None:
    from hyperopt_core.cli.opening import check_output, open_sweep
    from hyperopt_core.cli.printing import note
    from hyperopt_core.cli.text import counted
    from hyperopt_optuna import write_study

    check_output(file)
    with open_sweep(name, storage) as sweep:
        note(f"wrote {counted(write_study(sweep, file), 'trial')} to {file} as study {sweep.name}")


def _print(text: str) -> None:
    """As it is into a pipe or a file; without anything that acts on it to a terminal."""
    from hyperopt_core.cli.printing import say

    if sys.stdout.isatty():
        say(text.rstrip("\n"))
    else:
        print(text, end="")
