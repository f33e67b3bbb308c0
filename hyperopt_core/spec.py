"""What a sweep is asked to do: the search space, the objective, the strategy and the limits, checked and frozen."""

from __future__ import annotations

import json
import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hyperopt_core.errors import ConfigError, suggest
from hyperopt_core.space import SearchSpace

GOALS = ("minimize", "maximize")
#: W&B's keys that only label a sweep.
LABELS = ("project", "entity")
MOST = 2**53  # of a count: JSON's numbers are exact up to here
LONGEST = 1e15  # seconds
#: W&B's command where a sweep file gives none.
DEFAULT_COMMAND = ("${env}", "${interpreter}", "${program}", "${args}")
#: Strategies that compare no trials.
_BLIND = ("grid", "random")


@dataclass(frozen=True)
class Objective:
    """The metric that a sweep improves.

    >>> Objective("val_acc", "maximize").to_minimize(0.9)
    -0.9
    """

    metric: str = "value"
    goal: str = "minimize"
    target: float | None = None  # no new trials once a completed one reaches it
    required: bool = True  # False: nobody named a metric, and a trial that reports none is completed without a value

    def __post_init__(self) -> None:
        if self.goal not in GOALS:
            raise ConfigError(f"goal is {self.goal!r}: minimize or maximize{suggest(str(self.goal), GOALS)}")
        if not isinstance(self.metric, str) or not self.metric.strip() or "\0" in self.metric:
            raise ConfigError(f"metric is {self.metric!r}: the name of a metric that trials report")
        if self.target is not None and not (_is_number(self.target) and -1e308 < self.target < 1e308):
            raise ConfigError(f"target is {self.target!r}: a finite number is needed")
        if not self.required and (self.metric, self.goal, self.target) != ("value", "minimize", None):
            raise ConfigError(f"metric is {self.metric!r} and not required: only one that nobody named can be missing")

    def instead(self, metric: str | None, goal: str | None) -> Objective:
        """The objective with another metric, minimized unless `goal` says otherwise, or another goal; without target.

        >>> Objective("val_acc", "maximize").instead("loss", None).goal
        'minimize'
        """
        if metric is None or metric == self.metric:
            return Objective(self.metric, goal or self.goal)
        return Objective(metric, goal or "minimize")

    @property
    def sign(self) -> float:
        """+1 to minimize, -1 to maximize."""
        return 1.0 if self.goal == "minimize" else -1.0

    def to_minimize(self, value: float) -> float:
        """`value` as strategies and schedulers see it: smaller is better."""
        return self.sign * value

    def better(self, a: float, b: float) -> bool:
        """Whether value `a` is better than `b`; NaN never is."""
        return self.sign * a < self.sign * b or (math.isnan(b) and not math.isnan(a))

    def reached(self, value: float) -> bool:
        """Whether `value` is at the target or beyond."""
        return self.target is not None and self.sign * value <= self.sign * self.target


@dataclass(frozen=True)
class Limits:
    """When a sweep ends by itself."""

    trials: int | None = None  # W&B's run_cap: over all agents
    seconds: float | None = None  # wall clock since the sweep was created; no new trials after that

    def __post_init__(self) -> None:
        if self.trials is not None:
            object.__setattr__(self, "trials", _count("run_cap", self.trials))
        if self.seconds is not None:
            _check_seconds("the time limit", self.seconds)


@dataclass(frozen=True)
class SweepSpec:
    """Everything that defines a sweep. Made by `hyperopt_core.config.load`, or directly.

    Raises `ConfigError` for what a sweep file cannot say, so that every spec can be stored and read back; names of
    strategies and schedulers, their options, and macros of the command are checked where they are used.

    >>> from hyperopt_core.space import Float
    >>> SweepSpec(SearchSpace({"lr": Float(0, 1)})).strategy
    'auto'
    """

    space: SearchSpace
    objective: Objective = Objective()
    strategy: str = "auto"
    strategy_options: Mapping[str, Any] = field(default_factory=dict)
    early_terminate: str | Mapping[str, Any] | None = None
    limits: Limits = Limits()
    seed: int | None = None  # None: drawn when the sweep is created, and stored
    max_steps: int | None = None  # the steps of a full training
    resumable: bool = False  # whether a paused trial can go on from a checkpoint
    retries: int = 0  # how often a failed trial is tried again
    timeout: float | None = None  # seconds an attempt may take
    stall: float | None = None  # seconds an attempt may go without a report
    parallelism: int | None = None  # agents' slots where the command line names none
    deterministic: bool = False  # trial k knows nothing of the trials after k - parallelism, whatever the timing
    initial: tuple[Mapping[str, Any], ...] = ()  # configurations to try first
    program: str | None = None
    command: tuple[str, ...] = DEFAULT_COMMAND
    name: str | None = None
    description: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)  # W&B's project and entity

    def __post_init__(self) -> None:
        plain: dict[str, Any] = {"retries": _count("retries", self.retries, 0)}
        for key, least in (("seed", 0), ("max_steps", 1), ("parallelism", 1)):
            if (value := getattr(self, key)) is not None:
                plain[key] = _count(key, value, least)
        for key in ("timeout", "stall"):
            if (seconds := getattr(self, key)) is not None:
                _check_seconds(key, seconds)
        for key in ("resumable", "deterministic"):
            if not isinstance(value := getattr(self, key), bool):
                raise ConfigError(f"{key} is {value!r}: True or False is needed")
        if self.deterministic and self.parallelism is None:
            raise ConfigError("deterministic needs `parallelism`: how many trials run at once, e.g. parallelism: 4")
        for key in ("program", "name", "description"):
            if (value := getattr(self, key)) is not None:
                _check_text(key, value)
        if not self.objective.required and needs_metric(self.strategy, self.early_terminate):
            needs = self.strategy if self.early_terminate is None else "early_terminate"
            raise ConfigError(f"metric is missing: {needs} needs it, e.g. {{name: val_loss, goal: minimize}}")
        plain["command"] = _command(self.command)
        plain["labels"] = _labels(self.labels)
        plain["strategy_options"] = _json("strategy_options", self.strategy_options)
        plain["early_terminate"] = _scheduler(self.early_terminate)
        plain["initial"] = tuple(self.space.clean(p) for p in self.initial)
        for key, value in plain.items():
            object.__setattr__(self, key, value)

    def to_dict(self) -> dict[str, Any]:
        """The spec as the JSON of a sweep file; `hyperopt_core.config.load` reads it back equal."""
        out: dict[str, Any] = {"method": self.strategy}
        if self.objective.required:
            out["metric"] = {"name": self.objective.metric, "goal": self.objective.goal}
        if self.objective.target is not None:
            out["metric"]["target"] = self.objective.target
        out |= self.space.to_dict()
        budget = {"trials": None, "seconds": self.limits.seconds}
        optional: dict[str, Any] = {
            "strategy_options": dict(self.strategy_options),
            "early_terminate": self.early_terminate,
            "run_cap": self.limits.trials,
            "budget": {k: v for k, v in budget.items() if v is not None},
            "seed": self.seed,
            "max_steps": self.max_steps,
            "resumable": self.resumable,
            "retries": self.retries,
            "timeout": self.timeout,
            "stall": self.stall,
            "parallelism": self.parallelism,
            "deterministic": self.deterministic,
            "initial": [dict(p) for p in self.initial],
            "program": self.program,
            "command": list(self.command) if self.command != DEFAULT_COMMAND else None,
            "name": self.name,
            "description": self.description,
        } | dict(self.labels)
        if self.seed == 0:
            out["seed"] = 0
        return out | {k: v for k, v in optional.items() if v not in (None, False, 0, [], {})}


def needs_metric(strategy: str, early_terminate: object) -> bool:
    """Whether trials are compared while a sweep goes on.

    >>> needs_metric("random", None), needs_metric("random", "asha"), needs_metric("tpe", None)
    (False, True, True)
    """
    return strategy not in _BLIND or early_terminate is not None


# --- what a sweep file can say ----------------------------------------------------------------------------------------


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _count(key: str, value: Any, least: int = 1) -> int:
    if not _is_number(value) or not least <= value <= MOST or value != int(value):
        raise ConfigError(f"{key} is {value!r}: a whole number of {least} or more is needed, up to 2**53")
    return int(value)


def _check_seconds(key: str, value: Any) -> None:
    if not _is_number(value) or not 0 < value < LONGEST:
        raise ConfigError(f"{key} is {value!r}: a finite number of seconds above 0 is needed; None for no limit")


def _check_text(key: str, value: Any) -> None:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ConfigError(f"{key} is {value!r}: a text that is not blank is needed, without NUL; None for none")


def _command(given: Any) -> tuple[str, ...]:
    listed = isinstance(given, list | tuple) and all(isinstance(item, str) and "\0" not in item for item in given)
    if not listed or not given:
        raise ConfigError(f"command is {given!r}: a list of arguments is needed, e.g. {list(DEFAULT_COMMAND)}")
    return tuple(given)


def _labels(given: Mapping[str, str]) -> dict[str, str]:
    for key, value in given.items():
        if key not in LABELS:
            raise ConfigError(f"labels holds {key!r}: known are {', '.join(LABELS)}{suggest(str(key), LABELS)}")
        _check_text(key, value)
    return dict(given)


def _scheduler(given: str | Mapping[str, Any] | None) -> str | Mapping[str, Any] | None:
    if given == "hyperband":  # a sweep file means W&B's rule by that name alone
        return {"type": "hyperband", "min_steps": 1}
    if not isinstance(given, Mapping):
        return given
    options = {k: v for k, v in _json("early_terminate", given).items() if v is not None}
    if "type" not in options:
        raise ConfigError(f"early_terminate is {dict(given)!r}: its `type` is missing, e.g. {{'type': 'asha'}}")
    return options


def _json(key: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """`given` as JSON has it: tuples as lists."""
    try:
        plain = json.loads(json.dumps(given, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as fault:
        raise ConfigError(f"{key} is {given!r}: values as JSON has them are needed ({fault})") from None
    if not isinstance(plain, dict):
        raise ConfigError(f"{key} is {given!r}: a mapping is needed")
    return plain
