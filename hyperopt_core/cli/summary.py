"""The last words on a sweep: its best configuration, what early stopping saved, where things are, what to do next."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hyperopt_core.cli.options import DEFAULT_STORAGE
from hyperopt_core.cli.snapshot import Snapshot
from hyperopt_core.cli.text import counted, number, safe, value_text
from hyperopt_core.config import command_line
from hyperopt_core.storage import Status
from hyperopt_core.storage.address import without_password
from hyperopt_core.sweep.files import safe_name
from hyperopt_core.trial import State, Trial

if TYPE_CHECKING:
    from hyperopt_core.sweep import Sweep

_NO_PARAMETERS = ("${env}", "${interpreter}", "${program}")


def summary(sweep: Sweep, storage: str, folder: Path | None = None) -> str:
    """A sweep in some lines. storage: as the user wrote it. folder: where the program is started."""
    snapshot = Snapshot.of(sweep)
    lines = [*headline(snapshot), *best_lines(snapshot), *savings_lines(snapshot), ""]
    if snapshot.best is not None and folder is not None and _can_be_copied(sweep.spec.command):
        lines += [f"train it again: {again(sweep, snapshot.best, folder)}", ""]
    lines += [f"{name:<9} {words}" for name, words in _places(sweep, storage)]
    return "\n".join(lines)


def headline(snapshot: Snapshot) -> list[str]:
    """The status, and how many trials ended how."""
    counts = ", ".join(f"{count} {state}" for state, count in snapshot.counts.items())
    reason = f": {safe(snapshot.reason)}" if snapshot.reason else ""
    states = f"{counted(len(snapshot.trials), 'trial')}: {counts}" if snapshot.trials else "no trials yet"
    return [f"sweep {safe(snapshot.name)} is {snapshot.status}{reason}", states]


def no_best(snapshot: Snapshot) -> str:
    """Why no trial is the best."""
    if not snapshot.lacks_metric:
        return f"no trial has a value of {safe(snapshot.spec.objective.metric)} yet"
    names = sorted({name for trial in snapshot.trials for name in trial.metrics})
    logged = f", of {safe(', '.join(names))}" if names else ""
    return f"the sweep names no metric, so that no trial is the best: `best` and `plot` take --metric NAME{logged}"


def best_lines(snapshot: Snapshot) -> list[str]:
    """The best trial and its parameters, as YAML to copy."""
    best, metric = snapshot.best, safe(snapshot.spec.objective.metric)
    if best is None:
        return [no_best(snapshot)]
    step = snapshot.steps.get(best.number)
    how = f", stopped at step {step:g}" if best.state is State.STOPPED and step else ""
    flat = snapshot.spec.space.flatten(best.params)
    return ["", f"best {metric}: {number(best.value)} (trial {best.number}{how})", *_yaml(flat)]


def savings_lines(snapshot: Snapshot) -> list[str]:
    """What early stopping saved; nothing where it stopped no trial."""
    saved = snapshot.savings
    if not saved.stopped:
        return []
    total = saved.trained + saved.saved
    return [
        "",
        f"early stopping ended {saved.stopped} of {counted(len(snapshot.trials), 'trial')} and saved "
        f"{saved.saved:g} of {total:g} training steps ({saved.share:.0%})",
    ]


def _can_be_copied(words: Sequence[str]) -> bool:
    """Whether a command holds the parameters, which a program may get from its run alone, and no secrets."""
    parameters = any("${" in word and word not in _NO_PARAMETERS for word in words)
    return parameters and "${envvar:" not in " ".join(words)


def again(sweep: Sweep, trial: Trial, folder: Path) -> str:
    """The command that trains a trial's configuration by hand."""
    words = command_line(sweep.spec, trial.params, directory=sweep.trial_directory(trial))
    words = words[1:] if words[0] == "/usr/bin/env" else words
    place = "" if folder == Path.cwd() else f"cd {shlex.quote(os.path.relpath(folder))} && "
    return safe(place + shlex.join(words))


def command(verb: str, name: str, storage: str, *options: str) -> str:
    """A hyperopt-core command to copy; --storage where it would not be found without."""
    known = storage in (DEFAULT_STORAGE, os.environ.get("HYPEROPT_CORE_STORAGE"))
    place = [] if known else ["--storage", without_password(storage)]
    return safe(shlex.join(["hyperopt-core", verb, name, *options, *place]))


def waits(sweep: Sweep, trial: Trial, storage: str) -> str:
    """Words for a trial that is to be tried next."""
    words = f"trial {trial.number} of sweep {safe(sweep.name)} waits for an agent"
    if sweep.status is Status.RUNNING:
        return f"{words}: {command('agent', sweep.name, storage)}"
    return f"{words}, but the sweep is {sweep.status}: {command('resume', sweep.name, storage)} lets it go on"


def _places(sweep: Sweep, storage: str) -> Iterator[tuple[str, str]]:
    yield "database:", safe(without_password(storage))
    files = sweep.directory
    if files is None:
        return
    if files.exists():
        yield "logs:", safe(f"{os.path.relpath(files)}/")
    if sweep.best is not None:
        picture, rows = (f"{safe_name(sweep.name)}.{suffix}" for suffix in ("png", "csv"))
        yield "picture:", command("plot", sweep.name, storage, "-o", picture)
        yield "table:", command("export", sweep.name, storage, "-o", rows)


def _yaml(flat: dict[str, object]) -> list[str]:
    return [f"  {safe(name)}: {_exact(value)}" for name, value in flat.items()]


def _exact(value: object) -> str:
    return repr(value) if isinstance(value, float) else value_text(value)
