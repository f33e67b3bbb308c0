"""One small search as an optimizer's trials, a sweep's function and a sweep's program: the same must come of all."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hyperopt_core import Optimizer, Run, SpaceExhausted, State, Sweep, Trial
from hyperopt_core.agents.command import CommandEvaluator
from hyperopt_core.agents.executors import run_agents
from hyperopt_core.agents.interrupt import Interrupt
from hyperopt_core.history import History

ROOT = Path(__file__).resolve().parents[2]
GOOD, BAD, HOPELESS = 0.1, 1e-6, 1e30  # learning rates: learns, stands still, explodes
HURDLE = {"type": "threshold", "worse_than": 1.0, "min_steps": 2}  # one trial is enough for it to stop one
LAST = 4  # epochs of a full training

Train = Callable[[Run], Any]
How = Callable[[Mapping[str, Any], Train, Path], "list[Result]"]


@dataclass(frozen=True)
class Result:
    """How a trial ended, why, and its curve: (step, metrics)."""

    state: State
    reason: str
    curve: tuple[tuple[float, Mapping[str, float]], ...]

    @property
    def steps(self) -> list[float]:
        """The steps at which it reported, in order."""
        return [step for step, _ in self.curve]


def config(*rates: float, metric: str = "val_loss", **more: Any) -> dict[str, Any]:
    """A sweep over given learning rates, which stops what is not the better half after 2 epochs."""
    return {
        "method": "random",
        "metric": {"name": metric, "goal": "minimize"},
        "parameters": {"lr": {"distribution": "log_uniform_values", "min": 1e-9, "max": 1e32}},
        "initial": [{"lr": rate} for rate in rates],
        "early_terminate": {"type": "asha", "min_steps": 2, "eta": 2},
        "max_steps": LAST,
        "run_cap": len(rates),
        "seed": 0,
        **more,
    }


def with_optimizer(settings: Mapping[str, Any], train: Train, folder: Path) -> list[Result]:
    """In an ask/tell loop."""
    opt, count = Optimizer.from_config(settings), settings["run_cap"]
    while any(t.state is State.PAUSED for t in opt.trials) or len(opt.trials) < count:
        try:
            trial = opt.ask(new=len(opt.trials) < count)
        except SpaceExhausted:  # none of the paused ones goes on
            break
        train(Run.of(opt, trial, folder / str(trial.number)))
        opt.tell(trial)
    return _results(opt.trials, opt.history)


def with_function(settings: Mapping[str, Any], train: Train, folder: Path) -> list[Result]:
    """As the function of a sweep."""
    with Sweep.create(dict(settings), storage=f"sqlite:///{folder}/sweeps.db") as sweep:
        sweep.run(train)
        return _results(sweep.trials, sweep.history)


def with_program(
    settings: Mapping[str, Any], arguments: Sequence[str], folder: Path, **environment: str
) -> list[Result]:
    """As the program of a sweep: Python with these arguments, in the root of the checkout."""
    command = {"command": [sys.executable, *arguments]}
    with Sweep.create({**settings, **command}, storage=f"sqlite:///{folder}/sweeps.db") as sweep:

        def evaluator(source: Any, interrupt: Interrupt) -> CommandEvaluator:
            return CommandEvaluator(source, interrupt, directory=ROOT, environment=environment)

        run_agents(sweep, evaluator)
        return _results(sweep.trials, sweep.history)


def _results(trials: list[Trial], history: History) -> list[Result]:
    for trial in trials:
        assert not trial.error, trial.error  # what a training raised
    return [
        Result(trial.state, trial.reason, tuple((m.step, dict(m.metrics)) for m in history.curve(trial.number)))
        for trial in trials
    ]
