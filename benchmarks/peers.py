"""The optimizers that are compared: strategies of this package, and peers at their defaults where they are installed.

Each is a function of (problem, trials, seed, tell): it proposes that many configurations one after another and gets the
value of each from `tell`. All get the same space, conditions included, in the form that they document for it.
"""

from __future__ import annotations

import importlib.util
import logging
import tempfile
import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from benchmarks.problems import Params, Problem
from hyperopt_core import Categorical, Float, Int, Optimizer
from hyperopt_core.space.parameters import Parameter
from hyperopt_core.strategies import STRATEGIES

Tell = Callable[[Params], float]
Run = Callable[[Problem, int, int, Tell], None]


def optimizers() -> dict[str, Run]:
    """Every optimizer that can run here, by name."""
    found: dict[str, Run] = {name: ours(name) for name in ("random", "gp", "tpe") if name in STRATEGIES}
    found["gp_8_workers"] = ours("gp", workers=8)
    peers: dict[str, tuple[Run, tuple[str, ...]]] = {
        "optuna_tpe": (optuna("TPESampler"), ("optuna",)),
        "optuna_gp": (optuna("GPSampler"), ("optuna", "torch")),
        "hyperopt_tpe": (hyperopt, ("hyperopt",)),
        "smac": (smac, ("smac",)),
    }
    for name, (run, modules) in peers.items():
        if all(importlib.util.find_spec(module) for module in modules):
            found[name] = run
    return found


def ours(strategy: str, workers: int = 1) -> Run:
    """A strategy of this package; with several workers results arrive in random order."""

    def run(problem: Problem, trials: int, seed: int, tell: Tell) -> None:
        optimizer, rng = Optimizer(problem.space, strategy=strategy, seed=seed), np.random.default_rng(seed)
        running = []
        for _ in range(trials):
            running.append(optimizer.ask())
            if len(running) == workers:
                trial = running.pop(rng.integers(workers))
                optimizer.tell(trial, tell(dict(trial.params)))
        for trial in running[: workers - 1]:
            optimizer.tell(trial, tell(dict(trial.params)))

    return run


def optuna(sampler: str) -> Run:
    """A sampler of Optuna; inactive parameters are not suggested."""

    def run(problem: Problem, trials: int, seed: int, tell: Tell) -> None:
        optuna: Any = import_module("optuna")
        optuna.logging.set_verbosity(optuna.logging.ERROR)

        def suggest(trial: Any, name: str, p: Parameter) -> Any:
            if isinstance(p, Categorical):
                return trial.suggest_categorical(name, p.choices)
            if isinstance(p, Int):
                return trial.suggest_int(name, p.low, p.high, log=p.log, step=p.step)
            assert isinstance(p, Float)
            return trial.suggest_float(name, p.low, p.high, log=p.log, step=p.step)

        def objective(trial: Any) -> float:
            params: Params = {}
            for name, p in problem.parameters.items():
                if _active(p, params):
                    params[name] = suggest(trial, name, p)
            return tell(params)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            study = optuna.create_study(sampler=getattr(optuna.samplers, sampler)(seed=seed))
            study.optimize(objective, n_trials=trials)

    return run


def hyperopt(problem: Problem, trials: int, seed: int, tell: Tell) -> None:
    """Hyperopt's TPE; a choice holds the parameters that only it has."""
    package: Any = import_module("hyperopt")
    hp = package.hp

    def expression(name: str, p: Parameter) -> Any:
        if isinstance(p, Categorical):
            return hp.choice(name, [(choice, children(name, choice)) for choice in p.choices])
        assert isinstance(p, Float | Int)
        if _counted(p):
            return hp.quniform(name, -0.499, (p.levels or 1) - 0.501, 1)
        if isinstance(p, Int):
            return hp.qloguniform(name, np.log(p.low - 0.499), np.log(p.high + 0.499), 1)
        return hp.loguniform(name, np.log(p.low), np.log(p.high)) if p.log else hp.uniform(name, p.low, p.high)

    def children(parent: str, choice: Any) -> dict[str, Any]:
        below = {n: q for n, q in problem.parameters.items() if any(c.parent == parent for c in q.conditions)}
        return {name: made(name) for name, q in below.items() if all(c.holds(choice) for c in q.conditions)}

    nodes: dict[str, Any] = {}  # one node a parameter, even where several choices hold it

    def made(name: str) -> Any:
        if name not in nodes:
            nodes[name] = expression(name, problem.parameters[name])
        return nodes[name]

    def flat(drawn: dict[str, Any]) -> Params:
        params: Params = {}
        for name, value in drawn.items():
            p = problem.parameters[name]
            if isinstance(p, Categorical):
                params[name] = value[0]
                params |= flat(value[1])
            else:
                params[name] = _value(p, value)
        return params

    package.fmin(
        lambda drawn: tell(flat(drawn)),
        {name: made(name) for name, p in problem.parameters.items() if not p.conditions},
        algo=package.tpe.suggest,
        max_evals=trials,
        rstate=np.random.default_rng(seed),
        show_progressbar=False,
        verbose=False,
    )


def smac(problem: Problem, trials: int, seed: int, tell: Tell) -> None:
    """SMAC3's facade for hyperparameters: a random forest, log expected improvement, conditions of ConfigSpace."""
    cs: Any = import_module("ConfigSpace")
    package: Any = import_module("smac")
    trial_value = import_module("smac.runhistory.dataclasses").TrialValue

    def dimension(name: str, p: Parameter) -> Any:
        if isinstance(p, Categorical):
            return cs.Categorical(name, p.choices)
        assert isinstance(p, Float | Int)
        if _counted(p):
            return cs.Integer(name, (0, (p.levels or 1) - 1))
        return (cs.Integer if isinstance(p, Int) else cs.Float)(name, (p.low, p.high), log=p.log)

    def value(name: str, drawn: Any) -> Any:
        p = problem.parameters[name]
        return p.clean(drawn) if isinstance(p, Categorical) else _value(p, drawn)

    dimensions = {name: dimension(name, p) for name, p in problem.parameters.items()}
    space = cs.ConfigurationSpace(seed=seed)
    space.add(*dimensions.values())
    for name, p in problem.parameters.items():
        for c in p.conditions:
            space.add(cs.InCondition(dimensions[name], dimensions[c.parent], list(c.values or ())))
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scenario = package.Scenario(space, deterministic=True, n_trials=trials, seed=seed, output_directory=folder)
        facade = package.HyperparameterOptimizationFacade(
            scenario, lambda config, seed=0: 0.0, logging_level=logging.CRITICAL, overwrite=True
        )
        for _ in range(trials):
            trial = facade.ask()
            facade.tell(trial, trial_value(cost=tell({n: value(n, v) for n, v in dict(trial.config).items()})))


def _active(p: Parameter, params: Params) -> bool:
    return all(c.parent in params and c.holds(params[c.parent]) for c in p.conditions)


def _counted(p: Parameter) -> bool:
    """Whether a peer that knows whole numbers only sees the index of a value instead of the value."""
    return isinstance(p, Float | Int) and p.levels is not None and not p.log


def _value(p: Parameter, drawn: float) -> Any:
    """The value of a numeric parameter that a peer means."""
    assert isinstance(p, Float | Int)
    if _counted(p):
        return p.level(round(float(drawn)))
    return p.clean(min(max(round(drawn) if isinstance(p, Int) else float(drawn), p.low), p.high))
