"""Checks of what stands behind the keys of a sweep file: each gives the plain value, or None and a report of faults."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from hyperopt_core.config.report import Report
from hyperopt_core.errors import ConfigError, shown, suggest
from hyperopt_core.schedulers import SCHEDULERS, make_scheduler
from hyperopt_core.schedulers.wandb import DEFAULT_MIN_ITER
from hyperopt_core.space import Constraint
from hyperopt_core.space.parse import read_number
from hyperopt_core.spec import GOALS, LONGEST, Objective
from hyperopt_core.strategies import strategy_names

Read: TypeAlias = Callable[[Any, Report], Any]

IMPUTE = ("latest", "best", "worst")
_GOAL_WORDS = {
    "min": "minimize",
    "low": "minimize",
    "down": "minimize",
    "max": "maximize",
    "high": "maximize",
    "up": "maximize",
}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _check_keys(given: Mapping[str, Any], known: Mapping[str, Any], what: str, report: Report) -> None:
    for key in given:
        if key not in known:
            hint = suggest(key, known) or f"; it takes {', '.join(known)}"
            report.at(key).error(f"is no key of {what}{hint}")


def method(value: Any, report: Report) -> str | None:
    """The name of a strategy."""
    names = strategy_names()
    if isinstance(value, str) and value in names:
        return value
    if isinstance(value, str) and value.lower() in names:
        report.error(f"is {value!r}; did you mean {value.lower()!r}?")
    elif value == "custom":
        report.error("is 'custom', for which W&B calls a program of yours; here pass a strategy object in Python")
    else:
        report.error(f"is {shown(value)}: one of {', '.join(names)}{suggest(str(value)[:80], names)}")
    return None


def metric(value: Any, report: Report) -> Objective | None:
    """The objective; a text is its name."""
    if isinstance(value, str) and value.strip():
        report.warn(f"is a text; W&B wants a mapping: {{name: {value}, goal: minimize}}")
        value = {"name": value}
    given = report.mapping(value, "{name: val_loss, goal: minimize}")
    if given is None:
        return None
    known = dict.fromkeys(("name", "goal", "target", "impute", "impute_while_running"))
    _check_keys(given, known, "metric", report)
    name = report.at("name").text(given["name"]) if "name" in given else None
    if "name" not in given:
        report.at("name").error("is missing: the name under which the program reports the metric")
    goal = given.get("goal", "minimize")
    if goal not in GOALS:
        word = _GOAL_WORDS.get(str(goal).lower()[:3]) or _GOAL_WORDS.get(str(goal).lower())
        report.at("goal").error(
            f"is {shown(goal)}: minimize or maximize" + (f"; did you mean {word!r}?" if word else "")
        )
        goal = "minimize"
    target = given.get("target")
    target = None if target is None else report.at("target").number(target)
    for key, allowed in (("impute", IMPUTE), ("impute_while_running", (*IMPUTE, "false", False))):
        if key in given and given[key] not in allowed:
            report.at(key).error(f"is {shown(given[key])}: one of {', '.join(IMPUTE)}")
    return Objective(name, goal, target) if name is not None else None


def early_terminate(value: Any, report: Report) -> str | dict[str, Any] | None:
    """The name of a scheduler, or W&B's mapping."""
    if value is None:
        return None
    if value == "hyperband":
        report.warn(f"names no iteration; taken as {{type: hyperband, min_iter: {DEFAULT_MIN_ITER}}}")
        value = {"type": "hyperband", "min_iter": DEFAULT_MIN_ITER}
    if not isinstance(value, str | dict):
        report.error(f"is {shown(value)}: a mapping is needed, e.g. {{type: hyperband, min_iter: 3}}")
        return None
    if isinstance(value, dict):
        value = {k: read_number(v) if k != "type" else v for k, v in value.items() if v is not None}
        if "type" not in value:
            report.at("type").error(f"is missing: one of {', '.join(SCHEDULERS)}")
            return None
        for key, why in _without_effect(value):
            report.at(key).warn(f"has no effect: {why}")
    try:
        make_scheduler(value)
    except ConfigError as fault:
        for one in fault.faults:
            report.at(*one.path[1:]).error(one.message)
        return None
    return value


def _without_effect(given: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(key, why) of hyperband's keys that W&B accepts and does not look at."""
    if given["type"] != "hyperband" or "min_iter" not in given:
        return []
    if "max_iter" in given and "s" in given:
        return [("min_iter", "max_iter and s decide the bands")]
    return [
        (key, "min_iter decides the bands unless max_iter and s are both there")
        for key in ("max_iter", "s")
        if key in given
    ]


def command(value: Any, report: Report) -> tuple[str, ...] | None:
    """The command line, a macro an item."""
    if isinstance(value, str):
        report.warn("is one text; W&B wants a list of arguments. It is split as a shell would")
        try:
            value = shlex.split(value)
        except ValueError as fault:
            report.error(f"cannot be split into arguments: {fault}")
            return None
    if not isinstance(value, list) or not value:
        report.error(f"is {shown(value)}: a list of arguments is needed, e.g. [python, {'${program}'}, {'${args}'}]")
        return None
    out: list[str] = []
    for i, item in enumerate(value):
        if item is None:
            report.at(i).warn("is empty and left out")
        elif isinstance(item, list | dict):
            report.at(i).error(f"is {shown(item)}: a text is needed; quote it where it holds a colon")
        else:
            out.append(str(item))
    return tuple(out)


def text(value: Any, report: Report) -> str | None:
    """Any text."""
    return report.text(value)


def count(least: int) -> Read:
    """A whole number of `least` or more."""
    return lambda value, report: report.count(value, least)


def flag(value: Any, report: Report) -> bool | None:
    """True or false."""
    return report.flag(value)


def duration(value: Any, report: Report) -> float | None:
    """Seconds, as a number or as a text like 1h30m."""
    seconds: float | None
    if isinstance(value, str) and _DURATION.sub("", value).strip() == "" and value.strip():
        seconds = sum(float(n) * _SECONDS[unit] for n, unit in _DURATION.findall(value))
    else:
        plain = read_number(value)
        seconds = plain if isinstance(plain, int | float) and not isinstance(plain, bool) else None
    if seconds is None or not 0 < seconds < LONGEST:
        report.error(f"is {shown(value)}: a time above 0 is needed, in seconds or like 90s, 30m, 1h30m, 2d")
        return None
    return seconds


def budget(value: Any, report: Report) -> dict[str, Any] | None:
    """Limits on trials and time."""
    given = report.mapping(value, "{trials: 100, time: 2h}")
    if given is None:
        return None
    reads: dict[str, Read] = {"trials": count(1), "seconds": duration, "time": duration}
    _check_keys(given, reads, "budget", report)
    out = {k: reads[k](v, report.at(k)) for k, v in given.items() if k in reads and v is not None}
    if "time" in out and "seconds" in out:
        report.at("seconds").error("says the same as time: keep one")
    if "time" in out:
        out["seconds"] = out.pop("time")
    return out


def options(value: Any, report: Report) -> dict[str, Any] | None:
    """A strategy's own options."""
    return report.mapping(value, "{acquisition: ei}")


def constraints(value: Any, report: Report) -> list[str] | None:
    """Texts such as `wd <= lr`."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(t, str) for t in texts):
        report.error(f"is {shown(value)}: a list of texts is needed, e.g. ['wd <= lr']")
        return None
    out = []
    for i, text in enumerate(texts):
        try:
            out.append(Constraint(text).text)
        except ConfigError as fault:
            report.at(i).error(fault.faults[0].message)
    return out


def initial(value: Any, report: Report) -> list[dict[str, Any]] | None:
    """Configurations to try first."""
    points = [value] if isinstance(value, dict) else value
    if not isinstance(points, list) or not all(isinstance(p, dict) for p in points):
        report.error(f"is {shown(value)}: a list of configurations is needed, e.g. [{{lr: 0.001, layers: 2}}]")
        return None
    return points


def ignored(why: str) -> Read:
    """A key of W&B's that has no meaning here."""
    return lambda value, report: report.warn(f"is not looked at: {why}")


def label(value: Any, report: Report) -> None:
    """What only labels the file: its version, its kind."""
