"""``hyperopt-core import``: finished trials of Optuna or W&B as the beginning of a new sweep."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from hyperopt_core.cli.options import DEFAULT_STORAGE, Json, Storage, SweepName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hyperopt_core.spec import SweepSpec
    from hyperopt_core.sweep import Sweep
    from hyperopt_core.trial import Measurement, Trial

    Trials = list[tuple[Trial, Sequence[Measurement]]]

_RUN_TABLES = (".csv", ".json", ".jsonl")
_REASONS = 3


def import_(
    source: Annotated[
        str,
        Argument(
            metavar="FILE",
            help="Runs exported from W&B (.csv, .json), or an Optuna study: a SQLite or journal file, or a URL.",
        ),
    ],
    sweep: Annotated[
        Path | None,
        Option(metavar="SWEEP.yaml", help="The new sweep's file; default for Optuna: the space of the study."),
    ] = None,
    study: Annotated[str | None, Option(metavar="NAME", help="Which study, where FILE holds several.")] = None,
    name: SweepName = None,
    storage: Storage = DEFAULT_STORAGE,
    json: Json = False,
) -> None:
    """Begin a new sweep with the finished trials of another tool.

    Its strategy learns from them, and `run_cap` counts them. `agent NAME`, or `run SWEEP.yaml`, goes on.
    """
    from hyperopt_core.cli.printing import note, say, say_json
    from hyperopt_core.cli.starting import create_sweep, read_spec
    from hyperopt_core.cli.text import counted
    from hyperopt_core.errors import ConfigError
    from hyperopt_core.sweep import Sweep
    from hyperopt_core.sweep.importing import import_trials

    spec = None if sweep is None else read_spec(sweep, strict=False)[0]
    if "://" not in source and not Path(source).is_file():
        raise ConfigError(f"there is no file {source!r}")
    if Path(source).suffix.lower() in _RUN_TABLES:
        if spec is None:
            raise ConfigError("a table of runs does not say what was searched: --sweep SWEEP.yaml does")
        found: Trials = _runs(Path(source), spec)
    else:
        spec, found, given = _study(source, study, spec)
        name = name or given
    made = Sweep.create(spec, storage, name) if sweep is None else create_sweep(spec, sweep, storage, name)
    with made:
        result = import_trials(made, found, Path(source).name)
        refused = sum(result.refused.values())
        if json:
            say_json({"name": made.name, "imported": result.count, "refused": dict(result.refused)})
            return
        say(f"sweep {made.name}: {counted(result.count, 'trial')} from {source}{_best(made)}")
        for words, count in result.refused.most_common(_REASONS):
            note(f"left out {counted(count, 'trial')}: {words}")
        if refused and not result.count:
            note("none of them is a point of the space: --sweep names the file of the sweep that they come from")
        cap = made.spec.limits.trials
        if cap is not None and cap <= result.count:
            note(f"run_cap is {cap}, which the imported trials use up: raise it to have new ones")


def _runs(path: Path, spec: SweepSpec) -> Trials:
    from hyperopt_wandb.exported import read_runs

    return [(_nested(trial, spec), ()) for trial in read_runs(path, spec.space.parameters)]


def _study(source: str, study: str | None, spec: SweepSpec | None) -> tuple[SweepSpec, Trials, str]:
    """The sweep, its trials, and the study's name."""
    from hyperopt_core.config import load
    from hyperopt_core.trial import Measurement
    from hyperopt_optuna import read_study

    metric = spec.objective.metric if spec else "value"
    found = read_study(source, study, metric=metric)
    if spec is None:
        config: dict[str, Any] = {"metric": {"name": metric, "goal": found.goal}, "parameters": found.parameters}
        spec = load(config)
    curves = [[Measurement(step, {metric: value}) for step, value in sorted(curve.items())] for curve in found.curves]
    trials: Trials = list(zip((_nested(trial, spec) for trial in found.trials), curves, strict=True))
    return spec, trials, found.name


def _nested(trial: Trial, spec: SweepSpec) -> Trial:
    """`trial` with its flat parameters as the space nests them; a space's constants need not be there."""
    known = {key: value for key, value in trial.params.items() if key in spec.space.parameters}
    unknown = {key: value for key, value in trial.params.items() if key not in known}
    return replace(trial, params={**spec.space.nest(known), **unknown})


def _best(sweep: Sweep) -> str:
    best = sweep.best
    return f"; the best value is {best.value!r} of trial {best.number}" if best else ""
