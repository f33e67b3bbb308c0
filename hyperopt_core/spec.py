"""What a sweep is asked to do: the search space, the objective, the strategy and the limits, checked and frozen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hyperopt_core.errors import ConfigError, suggest
from hyperopt_core.space import SearchSpace

GOALS = ("minimize", "maximize")
#: W&B's command where a sweep file gives none.
DEFAULT_COMMAND = ("${env}", "${interpreter}", "${program}", "${args}")


@dataclass(frozen=True)
class Objective:
    """The metric that a sweep improves.

    >>> Objective("val_acc", "maximize").to_minimize(0.9)
    -0.9
    """

    metric: str = "value"
    goal: str = "minimize"
    target: float | None = None  # no new trials once a completed one reaches it

    def __post_init__(self) -> None:
        if self.goal not in GOALS:
            raise ConfigError(f"goal is {self.goal!r}: minimize or maximize{suggest(str(self.goal), GOALS)}")
        if not isinstance(self.metric, str) or not self.metric:
            raise ConfigError(f"metric is {self.metric!r}: the name of a metric that trials report")

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
        if self.trials is not None and self.trials < 1:
            raise ConfigError(f"run_cap is {self.trials}: 1 or more trials are needed")
        if self.seconds is not None and not self.seconds > 0:
            raise ConfigError(f"the time limit is {self.seconds} seconds: more than 0 are needed")


@dataclass(frozen=True)
class SweepSpec:
    """Everything that defines a sweep. Made by `hyperopt_core.config.load`, or directly.

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
    parallelism: int | None = None  # agents' slots where the command line names none
    initial: tuple[Mapping[str, Any], ...] = ()  # configurations to try first
    program: str | None = None
    command: tuple[str, ...] = DEFAULT_COMMAND
    name: str | None = None
    description: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)  # W&B's project and entity

    def __post_init__(self) -> None:
        if self.retries < 0:
            raise ConfigError(f"retries is {self.retries}: 0 or more are needed")
        if self.timeout is not None and not self.timeout > 0:
            raise ConfigError(f"timeout is {self.timeout}: more than 0 seconds are needed")
        if self.max_steps is not None and self.max_steps < 1:
            raise ConfigError(f"max_steps is {self.max_steps}: 1 or more are needed")
        if self.early_terminate == "hyperband":  # a sweep file means W&B's rule by that name alone
            object.__setattr__(self, "early_terminate", {"type": "hyperband", "min_steps": 1})
        object.__setattr__(self, "initial", tuple(self.space.clean(p) for p in self.initial))

    def to_dict(self) -> dict[str, Any]:
        """The spec as the JSON of a sweep file; `hyperopt_core.config.load` reads it back equal."""
        objective = {"name": self.objective.metric, "goal": self.objective.goal}
        if self.objective.target is not None:
            objective["target"] = self.objective.target  # type: ignore[assignment]
        out: dict[str, Any] = {"method": self.strategy, "metric": objective} | self.space.to_dict()
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
            "parallelism": self.parallelism,
            "initial": [dict(p) for p in self.initial],
            "program": self.program,
            "command": list(self.command) if self.command != DEFAULT_COMMAND else None,
            "name": self.name,
            "description": self.description,
        } | dict(self.labels)
        if self.seed == 0:
            out["seed"] = 0
        return out | {k: v for k, v in optional.items() if v not in (None, False, 0, [], {})}
