"""``hyperopt-core report``: one file that shows a sweep."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Option

from hyperopt_core.cli.options import DEFAULT_STORAGE, Name, Storage


def report(
    name: Name,
    output: Annotated[
        Path | None,
        Option("--output", "-o", metavar="FILE", help="An .html file; default: NAME.html.", dir_okay=False),
    ] = None,
    storage: Storage = DEFAULT_STORAGE,
) -> None:
    """Write a report on a sweep: one HTML file that needs no server and no network.

    Parallel coordinates to brush, charts, all trials, the configuration, and how to reproduce it.
    """
    from contextlib import closing

    from hyperopt_core.cli.opening import check_output, open_existing
    from hyperopt_core.cli.printing import say
    from hyperopt_core.errors import ConfigError
    from hyperopt_core.server.report import report
    from hyperopt_core.sweep.files import safe_name

    target = Path(f"{safe_name(name)}.html") if output is None else output
    if target.suffix.lower() not in (".html", ".htm"):
        raise ConfigError(f"--output {str(target)!r}: the file ends in .html")
    check_output(target)
    with closing(open_existing(storage)) as store:
        text = report(store, name)
    target.write_text(text, encoding="utf-8")
    say(f"wrote {target}")
