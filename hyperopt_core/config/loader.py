"""From a sweep file to a `SweepSpec`, or to one error that holds everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hyperopt_core.config.command import check_command
from hyperopt_core.config.keys import KEYS, unknown_key
from hyperopt_core.config.reading import Document, Keys, read, read_text
from hyperopt_core.config.report import Report
from hyperopt_core.errors import ConfigError, Fault, InvalidTrial, shown, suggest
from hyperopt_core.space import SearchSpace
from hyperopt_core.space.faults import MOST_ERRORS, EnoughFaults
from hyperopt_core.space.parse import parse_parameters
from hyperopt_core.spec import DEFAULT_COMMAND, LABELS, Limits, Objective, SweepSpec, needs_metric
from hyperopt_core.strategies import make_strategy

_ENDLESS = "has a continuous range, which a grid cannot list: give `values`, or a step `q`"
_WRAPPERS = ("sweep", "config", "sweep_config")
_AS_THEY_ARE = (
    *("seed", "max_steps", "resumable", "retries", "timeout", "stall", "parallelism", "deterministic"),
    *("program", "name", "description"),
)


def load(
    source: str | Path | Mapping[str, Any], *, strict: bool = False, faults: list[Fault] | None = None
) -> SweepSpec:
    """The sweep that a YAML or JSON file, or a mapping in the same form, describes.

    Warnings are appended to `faults`; with `strict` they are errors. Raises `ConfigError` with every fault, each with
    its key, its line and what would be right, and `MissingExtra` for a YAML file without PyYAML.

    >>> load({"method": "random", "parameters": {"lr": {"min": 0.0, "max": 1.0}}}).strategy
    'random'
    """
    return _load(read(source), strict, faults)


def loads(text: str | bytes, *, source: str = "", strict: bool = False, faults: list[Fault] | None = None) -> SweepSpec:
    """The sweep that a YAML text describes; else as `load`."""
    return _load(read_text(text, source), strict, faults)


def _load(document: Document, strict: bool, warnings: list[Fault] | None) -> SweepSpec:
    report = Report()
    spec = None
    try:
        config, base = _unwrapped(document.value, report)
        if config is not None:
            spec = _spec(config, Report(base, report.faults))
    except EnoughFaults:
        pass
    found = document.faults + [replace(f, line=f.line or document.line(f.path)) for f in report.faults]
    if strict:
        found = [replace(f, severity="error") for f in found]
    found.sort(key=lambda f: f.line or 0)
    if warnings is not None:
        warnings.extend(f for f in found if f.severity == "warning")
    errors = [f for f in found if f.severity == "error"][:MOST_ERRORS]
    if errors or spec is None:
        raise ConfigError(errors, document.source)
    return spec


def _unwrapped(value: Any, report: Report) -> tuple[dict[str, Any] | None, Keys]:
    """The sweep's own mapping, and the key that it stands under."""
    if not isinstance(value, dict) or not value:
        report.error(f"the sweep is {shown(value)}: a mapping with `method`, `metric` and `parameters` is needed")
        return None, ()
    inner = [k for k in _WRAPPERS if isinstance(value.get(k), dict) and "parameters" in value[k]]
    if "parameters" in value or "method" in value or len(inner) != 1:
        return value, ()
    report.at(inner[0]).warn(f"W&B wants the keys below `{inner[0]}` at the top of the file")
    for key in value:
        if key != inner[0]:
            report.at(key).warn(f"stands beside `{inner[0]}` and is not looked at")
    return value[inner[0]], (inner[0],)


def _spec(config: Mapping[str, Any], report: Report) -> SweepSpec | None:
    """The sweep, or None where something is wrong with it."""
    before = len(report.faults)
    given: dict[str, Any] = {}
    for key, value in config.items():
        if key in KEYS and value is not None:
            given[key] = KEYS[key].read(value, report.at(key))
        elif key not in KEYS and key != "parameters":
            fault = unknown_key(key, value)
            report.at(*fault.path).error(fault.message)
    given = {k: v for k, v in given.items() if v is not None}
    space = _space(config, given.get("constraints", []), report)
    _check_together(config, given, space, report)
    if space is None or any(f.severity == "error" for f in report.faults[before:]):
        return None
    budget, strategy = given.get("budget", {}), given.get("method", "auto")
    return SweepSpec(
        space,
        given.get("metric", Objective(required=needs_metric(strategy, given.get("early_terminate")))),
        strategy=strategy,
        strategy_options=given.get("strategy_options", {}),
        early_terminate=given.get("early_terminate"),
        limits=Limits(given.get("run_cap", budget.get("trials")), budget.get("seconds")),
        initial=tuple(given.get("initial", ())),
        command=given.get("command", DEFAULT_COMMAND),
        labels={k: given[k] for k in LABELS if k in given},
        **{k: given[k] for k in _AS_THEY_ARE if k in given},
    )


# --- the space --------------------------------------------------------------------------------------------------------


def _space(config: Mapping[str, Any], constraints: list[str], report: Report) -> SearchSpace | None:
    if "parameters" not in config:
        report.at("parameters").error("is missing: what the sweep varies, e.g. {lr: {min: 0.001, max: 0.1}}")
        return None
    warnings: list[Fault] = []
    try:
        tree = parse_parameters(config["parameters"], faults=warnings)
    except ConfigError as fault:
        report.faults.extend(Fault((*report.path, *f.path), f.message) for f in fault.faults)
        names = set(_names(config["parameters"]))
        _check_parents(config["parameters"], (), names, report.at("parameters"))
        return None
    finally:
        for one in warnings:
            report.at(*one.path).warn(one.message)
    try:
        return SearchSpace(tree, constraints=constraints)
    except ConfigError as fault:
        for one in fault.faults:
            report.at(*_as_written(one.path, config)).error(one.message)
        return None


def _check_parents(group: Any, outer: Keys, names: set[str], report: Report) -> None:
    """Unknown parents among parameters that could not be read; a `SearchSpace` says so of those that could."""
    for key, inner in group.items() if isinstance(group, Mapping) else ():
        if not isinstance(inner, Mapping):
            continue
        here = (*outer, key)
        when = inner.get("when")
        for parent in when if isinstance(when, Mapping) else ():
            if not any(".".join((*here[:depth], parent)) in names for depth in range(len(here) + 1)):
                hint = suggest(parent, names)
                report.at(key, "when").error(f"{parent!r} is not a parameter of the space{hint}")
        _check_parents(inner.get("parameters"), here, names, report.at(key, "parameters"))


def _as_written(path: Keys, config: Mapping[str, Any]) -> Keys:
    """The keys of the file for a path that a `SearchSpace` reports, which knows parameters by their names alone."""
    if path[:1] in (("parameters",), ("constraints",)):
        return path
    out: list[str | int] = ["parameters"]
    level = config["parameters"]
    for key in path:
        if isinstance(level, Mapping):
            if key not in level and isinstance(level.get("parameters"), Mapping):
                out.append("parameters")
                level = level["parameters"]
            level = level.get(key)
        out.append(key)
    return tuple(out)


def _keys_of(name: str, group: Mapping[str, Any]) -> Keys:
    """The keys, below the mapping `group` of parameters, of the one with that dotted name."""
    if name in group:
        return (name,)
    for key, inner in group.items():
        if name.startswith(f"{key}.") and isinstance(inner, Mapping):
            wrapped = isinstance(inner.get("parameters"), Mapping)
            below = _keys_of(name[len(key) + 1 :], inner["parameters"] if wrapped else inner)
            if below:
                return (key, "parameters", *below) if wrapped else (key, *below)
    return ()


# --- what fits together -----------------------------------------------------------------------------------------------


def _check_together(
    config: Mapping[str, Any], given: Mapping[str, Any], space: SearchSpace | None, report: Report
) -> None:
    """Faults between keys. `config` is as written, `given` holds what was accepted."""
    _check_metric(config, given, report)
    budget = given.get("budget", {})
    if "run_cap" in given and budget.get("trials", given["run_cap"]) != given["run_cap"]:
        report.at("run_cap").error(f"is {given['run_cap']} and budget.trials is {budget['trials']}: keep one")
    _check_options(given, report)
    if given.get("deterministic") and "parallelism" not in given:
        report.at("deterministic").error("needs `parallelism`: how many trials run at once, e.g. parallelism: 4")
    if "command" in given:
        names = set(space.parameters) if space is not None else set(_names(config.get("parameters")))
        _check_command(config, given["command"], names, report)
    if space is None:
        return
    if "${program}" in given.get("command", DEFAULT_COMMAND) and "program" not in given:
        report.at("program").warn("is missing: `command` holds ${program}, so that only a Python function can be run")
    if given.get("method") == "grid":
        for column in space.columns:
            if column.levels is None:
                path = _keys_of(column.name, config["parameters"])
                report.at("parameters", *path).error(_ENDLESS)
    for i, point in enumerate(given.get("initial", [])):
        try:
            space.clean(point)
        except InvalidTrial as wrong:
            report.at("initial", i).error(str(wrong))
    if not space.is_satisfiable():
        report.at("constraints").error("no configuration was found that meets them all: loosen them, or the ranges")


def _check_command(config: Mapping[str, Any], command: Sequence[str], names: set[str], report: Report) -> None:
    written = config["command"] if isinstance(config["command"], list) else command
    for i, item in enumerate(written):
        for fault in check_command([str(item)], names):
            report.at("command", i).error(fault.message)


def _names(group: Any, prefix: str = "") -> Iterator[str]:
    """The dotted names of a `parameters` mapping that could not be read, and some that are no parameters."""
    if isinstance(group, Mapping):
        for key, inner in group.items():
            yield prefix + key
            if isinstance(inner, Mapping):
                yield from _names(inner.get("parameters", inner), f"{prefix}{key}.")


def _check_metric(config: Mapping[str, Any], given: Mapping[str, Any], report: Report) -> None:
    if config.get("metric") is not None or "metrics" in config:
        return
    if "early_terminate" in given or given.get("method") == "bayes":
        needs = "early_terminate" if "early_terminate" in given else "method: bayes"
        report.at("metric").error(f"is missing: `{needs}` needs it, e.g. {{name: val_loss, goal: minimize}}")
        return
    name = Objective().metric
    if needs_metric(given.get("method", "auto"), None):
        report.at("metric").warn(f"is missing: trials are compared by what they report as {name!r}")
    else:
        report.at("metric").warn(f"is missing: no trial is the best, unless they report {name!r}")


def _check_options(given: Mapping[str, Any], report: Report) -> None:
    if "strategy_options" not in given:
        return
    try:
        make_strategy(given.get("method", "auto"), given["strategy_options"])
    except ConfigError as fault:
        report.at("strategy_options").error(fault.faults[0].message)
