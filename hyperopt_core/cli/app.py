"""The table of commands, and how a command line is run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from typer import Option

from hyperopt_core.cli import (
    agent,
    best,
    control,
    create,
    dashboard,
    enqueue,
    exec,
    export,
    import_,
    lint,
    plot,
    replay,
    report,
    serve,
    status,
    token,
    trials,
)
from hyperopt_core.cli import run as run_command

USAGE = 2

app = typer.Typer(
    name="hyperopt-core",
    help="Sweeps over hyperparameters, from a sweep file to the best configuration.",
    epilog="Exit codes: 0 done, 1 error, 2 wrong command line, 3 the sweep was stopped, 130 ended by Ctrl-C.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("run")(run_command.run)
app.command("create")(create.create)
app.command("agent")(agent.agent)
app.command("exec")(exec.exec_)
app.command("status")(status.status)
app.command("best")(best.best)
app.command("trials")(trials.trials)
app.command("plot")(plot.plot)
app.command("replay")(replay.replay)
app.command("pause")(control.pause)
app.command("resume")(control.resume)
app.command("stop")(control.stop)
app.command("cancel")(control.cancel)
app.command("retry")(control.retry)
app.command("enqueue")(enqueue.enqueue)
app.command("lint")(lint.lint)
app.command("export")(export.export)
app.command("import")(import_.import_)
app.command("report")(report.report)
app.command("dashboard")(dashboard.dashboard)
app.command("serve")(serve.serve)
app.add_typer(token.app, name="token")


def _print_version(wanted: bool) -> None:
    if wanted:
        from hyperopt_core import __version__

        print(f"hyperopt-core {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Sweeps over hyperparameters, from a sweep file to the best configuration."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; returns its exit code. Errors of commands come through as exceptions."""
    command = typer.main.get_command(app)
    try:
        # Not command.main(): it takes Ctrl-C and a closed pipe for its own, and `main` has words for both.
        with command.make_context("hyperopt-core", list(sys.argv[1:] if arguments is None else arguments)) as context:
            result = command.invoke(context)
    except typer.Exit as exit_:
        return exit_.exit_code
    except Exception as error:
        show = getattr(error, "show", None)  # a usage error, whose class typer does not export
        if show is None or not hasattr(error, "exit_code"):
            raise
        show(file=sys.stderr)
        return USAGE
    return result if isinstance(result, int) else 0
