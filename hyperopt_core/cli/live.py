"""The live view of a sweep: what it found, how far it is, what runs and what has ended, in one screen."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from hyperopt_core.cli.snapshot import Snapshot
from hyperopt_core.cli.text import counted, number, params_text, safe, seconds, short, sparkline
from hyperopt_core.trial import State, Trial

COLOURS = {
    State.COMPLETED: "green",
    State.STOPPED: "yellow",
    State.FAILED: "red",
    State.CANCELLED: "magenta",
    State.PAUSED: "cyan",
}
_HINT = "Ctrl-C: finish the trials that run, then stop; the same command goes on"
_HEAD = 9  # lines that are always there: title, bar, best, its parameters, savings, gaps, the last line
_SPARK = 16


def view(
    snapshot: Snapshot, *, width: int, height: int, elapsed: float, left: float | None = None, message: str = ""
) -> RenderableType:
    """The view in at most `height` lines of `width` characters. message: the last line, instead of the hint."""
    rows = max(height - _HEAD, 4)
    running = snapshot.running[: max(rows // 2, 1)]
    hidden = len(snapshot.running) - len(running)
    ended = snapshot.ended[: max(rows - len(running) - 2 - bool(hidden), 0)]
    parts: list[RenderableType] = [
        _title(snapshot, width, elapsed),
        _progress(snapshot, width, left),
        *_best(snapshot, width),
        _savings(snapshot),
        Text(),
        *_section("running", [_running_row(snapshot, t) for t in running], "rrrll", width),
    ]
    if hidden:
        parts.append(Text(f"  and {hidden} more", style="dim"))
    parts += _section("ended last", [_ended_row(snapshot, t) for t in ended], "rlrrl", width)
    parts.append(Text(short(message, width), style="yellow") if message else Text(short(_HINT, width), style="dim"))
    return Group(*parts)


def _title(snapshot: Snapshot, width: int, elapsed: float) -> RenderableType:
    early = snapshot.spec.early_terminate
    kind = early.get("type", "early stopping") if isinstance(early, dict) else early
    left = Text(short(snapshot.name, width // 2), style="bold")
    left.append(f"  {safe(snapshot.spec.strategy)}" + (f" + {safe(str(kind))}" if kind else ""), style="dim")
    status = Text(f"{snapshot.status}  ", style="" if snapshot.status == "running" else "yellow")
    return _apart(left, status.append(seconds(elapsed, whole=True), style="dim"), width)


def _progress(snapshot: Snapshot, width: int, left: float | None) -> RenderableType:
    ended, total = sum(t.state.ended for t in snapshot.trials), snapshot.total
    words = f"{ended} of {counted(total, 'trial')}" if total is not None else counted(ended, "trial")
    words += f"  {seconds(left, whole=True)} left" if left is not None and snapshot.status == "running" else ""
    grid = Table.grid(expand=True)
    grid.add_column(ratio=1)
    grid.add_column(justify="right", no_wrap=True, width=max(len(words) + 2, 30))
    grid.add_row(ProgressBar(total=total or 1, completed=ended if total else 0, complete_style="cyan"), Text(words))
    return grid


def _best(snapshot: Snapshot, width: int) -> Iterable[Text]:
    metric, best = safe(snapshot.spec.objective.metric), snapshot.best
    if best is None:
        words = "the sweep names no metric" if snapshot.lacks_metric else f"best {metric}: none yet"
        return [Text(words, style="dim"), Text(), Text()]
    line = Text(f"best {short(metric, width // 3)} ")
    line.append(number(best.value), style="bold green").append(f"  trial {best.number}", style="dim")
    if best.state is State.STOPPED:
        line.append(f" (stopped at step {snapshot.steps.get(best.number, 0):g})", style="dim")
    line.append(f"  {sparkline(snapshot.improvement, _SPARK)}", style="green")
    line.truncate(width, overflow="ellipsis")
    params = textwrap.wrap(params_text(snapshot.varying(best)), width - 2, max_lines=2, placeholder=" …")
    lines = [Text(f"  {text}", style="cyan") for text in params]
    return [line, *lines, *[Text()] * (2 - len(lines))]


def _savings(snapshot: Snapshot) -> Text:
    saved = snapshot.savings
    if not saved.stopped:
        return Text("no trial stopped early yet" if snapshot.spec.early_terminate else "", style="dim")
    total = saved.trained + saved.saved
    text = Text(f"early stopping saved {saved.saved:g} of {total:g} steps ({saved.share:.0%})")
    return text.append(f", {counted(saved.stopped, 'trial')} stopped", style="dim")


def _section(title: str, rows: list[tuple[Text, ...]], sides: str, width: int) -> list[RenderableType]:
    """A title and a table; sides: "l" or "r" for each column, the last of which takes what is left of the line."""
    if not rows:
        return []
    grid = Table.grid(padding=(0, 2, 0, 0))
    for side in sides[:-1]:
        grid.add_column(justify="right" if side == "r" else "left", no_wrap=True)
    grid.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    for row in rows:
        grid.add_row(*row)
    grid.width = width
    return [Text(title, style="bold"), grid]


def _running_row(snapshot: Snapshot, trial: Trial) -> tuple[Text, ...]:
    curve = snapshot.curves.get(trial.number, ())
    return (
        Text(f"{trial.number:>4}"),
        Text(_step(snapshot, trial)),
        Text(number(curve[-1]) if curve else "-"),
        Text(sparkline(curve, _SPARK).ljust(_SPARK), style="cyan"),
        Text(params_text(snapshot.varying(trial)), style="dim"),
    )


def _ended_row(snapshot: Snapshot, trial: Trial) -> tuple[Text, ...]:
    return (
        Text(f"{trial.number:>4}"),
        Text(str(trial.state), style=COLOURS.get(trial.state, "")),
        Text(_step(snapshot, trial)),
        Text(number(trial.value)),
        Text(short(trial.reason, 200) or params_text(snapshot.varying(trial)), style="dim"),
    )


def _step(snapshot: Snapshot, trial: Trial) -> str:
    step = snapshot.steps.get(trial.number)
    if step is None:
        return "-"
    full = snapshot.savings.full
    return f"step {step:g}/{full:g}" if full else f"step {step:g}"


def _apart(left: Text, right: Text, width: int) -> Text:
    """`left` and `right` at the two ends of a line."""
    gap = max(width - left.cell_len - right.cell_len, 1)
    return Text.assemble(left, " " * gap, right, no_wrap=True, overflow="ellipsis")
