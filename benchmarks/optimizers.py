"""Quality and speed of this package's strategies beside installed peers (Optuna), on self-contained problems.

    python benchmarks/optimizers.py quality [--only gp tpe ...] [--seeds 10] [--trials 100] [--out FILE]
    python benchmarks/optimizers.py speed [--out FILE]
    python benchmarks/optimizers.py table [--out FILE]

quality: each optimizer runs each problem once a seed; runs that are in the file already are kept. A run's score after T
trials is (R - y_T) / (R - B), clipped to [-1, 1]: y_T is its best value so far, R random search's median best after 25
trials, B the best value that any run in the file saw. So 0 is 25 random trials, 1 the best known. The table gives the
mean over problems with a 95% interval from a bootstrap over runs.
speed: milliseconds of one ask against trials, parameters and pending trials, one BLAS thread.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import time
import warnings
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from hyperopt_core import Categorical, Float, Int, Optimizer, SearchSpace
from hyperopt_core.space.parameters import Parameter
from hyperopt_core.trial import State, Trial

Params = dict[str, Any]
TIMES = (25, 50, 100)


@dataclass(frozen=True)
class Problem:
    """A space and a value to be minimised."""

    parameters: dict[str, Parameter]
    evaluate: Callable[[Params], float]


# --- problems --------------------------------------------------------------------------------------------------------


def branin() -> Problem:
    """Three equal valleys in 2 dimensions, minimum .3979."""

    def evaluate(p: Params) -> float:
        x, y = p["x"], p["y"]
        bend = y - 5.1 / (4 * np.pi**2) * x**2 + 5 / np.pi * x - 6
        return float(bend**2 + 10 * (1 - 1 / (8 * np.pi)) * np.cos(x) + 10)

    return Problem({"x": Float(-5, 10), "y": Float(0, 15)}, evaluate)


_HARTMANN_A = np.array(
    [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
)
_HARTMANN_P = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)


def hartmann6() -> Problem:
    """Six minima in 6 dimensions, the deepest -3.3224."""

    def evaluate(p: Params) -> float:
        x = np.array([p[f"x{i}"] for i in range(6)])
        return float(-np.array([1.0, 1.2, 3.0, 3.2]) @ np.exp(-(_HARTMANN_A * (x - _HARTMANN_P) ** 2).sum(axis=1)))

    return Problem({f"x{i}": Float(0, 1) for i in range(6)}, evaluate)


def rosenbrock8() -> Problem:
    """A curved valley in 8 dimensions."""

    def evaluate(p: Params) -> float:
        x = np.array([p[f"x{i}"] for i in range(8)])
        return float(np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2))

    return Problem({f"x{i}": Float(-2, 2) for i in range(8)}, evaluate)


def noisy_mixed() -> Problem:
    """A training as people have it: logarithmic, integer and categorical parameters, noise, few distinct values."""

    def evaluate(p: Params) -> float:
        noise = np.random.default_rng(zlib.crc32(json.dumps(p, sort_keys=True).encode())).normal(0, 0.01)
        loss = (
            0.05 * (np.log10(p["lr"]) + 2.5) ** 2
            + 0.03 * (np.log2(p["units"]) - 7) ** 2
            + 0.3 * (p["dropout"] - 0.2) ** 2
        )
        loss += {"relu": 0.0, "tanh": 0.03, "gelu": 0.01}[p["activation"]]
        loss += {"adam": 0.0, "sgd": 0.02}[p["optimizer"]] + 0.02 * (
            p["optimizer"] == "sgd" and p["activation"] == "gelu"
        )
        return float(np.round(loss + noise, 3))

    parameters: dict[str, Parameter] = {
        "lr": Float(1e-5, 1.0, log=True),
        "units": Int(8, 1024, log=True),
        "dropout": Float(0, 0.8),
        "activation": Categorical(["relu", "tanh", "gelu"]),
        "optimizer": Categorical(["adam", "sgd"]),
    }
    return Problem(parameters, evaluate)


def tree() -> Problem:
    """Four branches with one to three parameters of their own; the best branch is not the easiest."""
    optimum = {"a0": 0.31, "b0": 0.72, "b1": 0.18, "c0": 0.44, "c1": 0.87, "c2": 0.63, "d0": 0.09}
    offset = {"a": 0.3, "b": 0.15, "c": 0.0, "d": 0.6}

    def evaluate(p: Params) -> float:
        own = [abs(p[name] - best) for name, best in optimum.items() if name in p]
        return float(offset[p["branch"]] + (p["shared"] - 0.4) ** 2 + 1.5 * sum(gap**1.5 for gap in own))

    parameters: dict[str, Parameter] = {"branch": Categorical(list("abcd")), "shared": Float(0, 1)}
    parameters |= {name: Float(0, 1, when={"branch": [name[0]]}) for name in optimum}
    return Problem(parameters, evaluate)


def _cross_validated(load: str, make: Callable[[Params], Any]) -> Callable[[Params], float]:
    from sklearn import datasets, model_selection

    X, y = getattr(datasets, load)(return_X_y=True)
    X, y = X[:700], y[:700]

    def evaluate(p: Params) -> float:
        folds = model_selection.KFold(3, shuffle=True, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return 1.0 - float(np.mean(model_selection.cross_val_score(make(p), X, y, cv=folds)))

    return evaluate


def svm_digits() -> Problem:
    """Error of a support vector machine on handwritten digits; which parameters there are depends on the kernel."""
    from sklearn import svm

    parameters: dict[str, Parameter] = {
        "kernel": Categorical(["linear", "rbf", "poly", "sigmoid"]),
        "C": Float(1e-3, 1e3, log=True),
        "gamma": Float(1e-6, 1.0, log=True, when={"kernel": ["rbf", "poly", "sigmoid"]}),
        "degree": Int(2, 5, when={"kernel": ["poly"]}),
        "coef0": Float(-2, 2, when={"kernel": ["poly", "sigmoid"]}),
    }
    return Problem(parameters, _cross_validated("load_digits", lambda p: svm.SVC(**p, max_iter=3000)))


def forest_cancer() -> Problem:
    """Error of extremely randomised trees on the breast cancer data: integers, ties and noise."""
    from sklearn import ensemble

    parameters: dict[str, Parameter] = {
        "n_estimators": Int(4, 64, log=True),
        "max_features": Float(0.05, 1),
        "min_samples_leaf": Int(1, 20, log=True),
        "max_depth": Int(2, 20),
        "criterion": Categorical(["gini", "entropy"]),
        "bootstrap": Categorical([False, True]),
    }
    make = lambda p: ensemble.ExtraTreesClassifier(**p, random_state=0)  # noqa: E731
    return Problem(parameters, _cross_validated("load_breast_cancer", make))


PROBLEMS: dict[str, Callable[[], Problem]] = {
    f.__name__: f for f in (branin, hartmann6, rosenbrock8, noisy_mixed, tree, svm_digits, forest_cancer)
}


# --- optimizers ------------------------------------------------------------------------------------------------------

Tell = Callable[[Params], float]


def ours(strategy: str) -> Callable[[Problem, int, int, Tell], None]:
    """A strategy of this package, by name."""

    def run(problem: Problem, trials: int, seed: int, tell: Tell) -> None:
        optimizer = Optimizer(SearchSpace(problem.parameters), strategy=strategy, seed=seed)
        for _ in range(trials):
            trial = optimizer.ask()
            optimizer.tell(trial, tell(dict(trial.params)))

    return run


def optuna(sampler: str) -> Callable[[Problem, int, int, Tell], None]:
    """A sampler of Optuna at its defaults."""

    def run(problem: Problem, trials: int, seed: int, tell: Tell) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)

        def suggest(trial: Any) -> Params:
            params: Params = {}
            for name, p in problem.parameters.items():
                if not all(c.parent in params and c.holds(params[c.parent]) for c in p.conditions):
                    continue
                if isinstance(p, Categorical):
                    params[name] = trial.suggest_categorical(name, p.choices)
                elif isinstance(p, Int):
                    params[name] = trial.suggest_int(name, p.low, p.high, log=p.log)
                elif isinstance(p, Float):
                    params[name] = trial.suggest_float(name, p.low, p.high, log=p.log)
            return params

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            study = optuna.create_study(sampler=getattr(optuna.samplers, sampler)(seed=seed))
            study.optimize(lambda trial: tell(suggest(trial)), n_trials=trials)

    return run


def optimizers() -> dict[str, Callable[[Problem, int, int, Tell], None]]:
    """Every optimizer that can run here."""
    found = {name: ours(name) for name in ("random", "gp")}
    if importlib.util.find_spec("optuna"):
        found["optuna_tpe"] = optuna("TPESampler")
        if importlib.util.find_spec("torch"):
            found["optuna_gp"] = optuna("GPSampler")
    return found


# --- quality ---------------------------------------------------------------------------------------------------------


@lru_cache(1)
def _memory() -> dict[str, float]:
    return {}


def one_run(optimizer: str, problem: str, trials: int, seed: int) -> dict[str, Any]:
    """The values of one run in the order of its trials, and its own time per trial."""
    made, values, outside = PROBLEMS[problem](), [], 0.0

    def tell(params: Params) -> float:
        nonlocal outside
        start = time.perf_counter()
        key = problem + json.dumps(params, sort_keys=True)
        if key not in _memory():
            _memory()[key] = made.evaluate(params)
        values.append(_memory()[key])
        outside += time.perf_counter() - start
        return values[-1]

    start = time.perf_counter()
    optimizers()[optimizer](made, trials, seed, tell)
    own = time.perf_counter() - start - outside
    row = {"optimizer": optimizer, "problem": problem, "seed": seed, "ms_per_trial": round(1e3 * own / trials, 2)}
    return row | {"values": [float(f"{v:.7g}") for v in values]}


def scores(rows: list[dict[str, Any]], t: int) -> dict[tuple[str, str], list[float]]:
    """(optimizer, problem) -> the score of each run after `t` trials."""
    out: dict[tuple[str, str], list[float]] = {}
    for problem in {row["problem"] for row in rows}:
        mine = [row for row in rows if row["problem"] == problem]
        best = min(min(row["values"]) for row in mine)
        reference = np.median([min(row["values"][:25]) for row in mine if row["optimizer"] == "random"])
        for row in mine:
            gap = max(float(reference) - best, 1e-12)
            score = float(np.clip((reference - min(row["values"][:t])) / gap, -1.0, 1.0))
            out.setdefault((row["optimizer"], problem), []).append(score)
    return out


def table(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Lines: each optimizer's mean score after 25, 50 and 100 trials with a 95% interval, and its time per trial."""
    rng = np.random.default_rng(0)
    yield f"{'optimizer':12s}" + "".join(f"   after {t:3d} (95% interval)" for t in TIMES) + "   ms per trial"
    for name in dict.fromkeys(row["optimizer"] for row in rows):
        line = f"{name:12s}"
        for t in TIMES:
            runs = [np.array(s) for (optimizer, _), s in scores(rows, t).items() if optimizer == name]
            draws = [np.mean([rng.choice(s, s.size).mean() for s in runs]) for _ in range(2000)]
            low, high = np.quantile(draws, [0.025, 0.975])
            line += f"   {np.mean([s.mean() for s in runs]):6.3f} ({low:6.3f} to {high:6.3f})"
        yield line + f"   {np.median([row['ms_per_trial'] for row in rows if row['optimizer'] == name]):8.1f}"


# --- speed -----------------------------------------------------------------------------------------------------------


def ask_time(n: int, d: int, pending: int) -> float:
    """Median milliseconds of an ask of the Gaussian process."""
    from hyperopt_core.history import History
    from hyperopt_core.strategies.gp import GaussianProcess

    space = SearchSpace({f"x{i}": Float(0, 1) for i in range(d)})
    history = History(space)
    for number, params in enumerate(space.sample(np.random.default_rng(0), n + pending)):
        state = State.COMPLETED if number < n else State.RUNNING
        value = float(sum((x - 0.4) ** 2 for x in params.values()) + 0.1 * np.sin(20 * params["x0"]))
        history.put(Trial(number, params, state, values=(value,) if number < n else ()))
    times = []
    for seed in range(4):
        start = time.perf_counter()
        GaussianProcess().ask(history, n + pending, np.random.default_rng(seed))
        times.append(1e3 * (time.perf_counter() - start))
    return float(np.median(times[1:]))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["quality", "speed", "table"])
    parser.add_argument("--only", nargs="+", default=None, help="optimizers")
    parser.add_argument("--problems", nargs="+", default=list(PROBLEMS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--out", type=Path, default=None)
    a = parser.parse_args()
    folder = Path(__file__).parent / "results"
    out: Path = a.out or folder / ("ask_time.json" if a.command == "speed" else "optimizers.json")
    if a.command == "speed":
        cases = [(n, 10, 0) for n in (10, 30, 100, 300, 1000, 3000)]
        cases += [(100, d, 0) for d in (2, 20, 50)] + [(100, 10, q) for q in (1, 8, 64)]
        measured = [
            {"trials": n, "parameters": d, "pending": q, "ms": round(ask_time(n, d, q), 1)} for n, d, q in cases
        ]
        out.write_text(json.dumps(measured, indent=1) + "\n")
        print(*measured, sep="\n")
        return
    rows = json.loads(out.read_text()) if out.exists() else []
    done = {(row["optimizer"], row["problem"], row["seed"]) for row in rows}
    if a.command == "quality":
        for seed in range(a.seeds):
            for problem in a.problems:
                for name in a.only or optimizers():
                    if (name, problem, seed) not in done:
                        rows.append(one_run(name, problem, a.trials, seed))
                        out.write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n")
    print(*table(rows), sep="\n")


if __name__ == "__main__":
    main()
