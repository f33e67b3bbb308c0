"""What strategies that learn make of histories that nobody wants: a point of the space, quickly, without a warning."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np
import pytest

from hyperopt_core import Categorical, Constant, Float, Int, Optimizer, SearchSpace, State
from hyperopt_core.strategies.auto import MODEL_UP_TO
from hyperopt_core.trial import Changes, Measurement, Trial

LEARNERS = ["auto", "cokriging", "gp", "tpe"]
SECONDS = 20.0  # a hang takes longer, also on a machine that is busy
MIXED = SearchSpace(
    {"x": Float(0, 1), "lr": Float(1e-6, 1, log=True), "c": Categorical(["a", "b"]), "n": Int(1, 9, when={"c": ["a"]})}
)
#: Value of trial i; None: it failed.
VALUES: dict[str, Callable[[int], float | None]] = {
    "constant": lambda i: 1.0,
    "a constant near the largest float": lambda i: 1.7e308,
    "all failed": lambda i: None,
    "one success": lambda i: 0.5 if i == 7 else None,
    "one huge outlier": lambda i: 1e300 if i == 9 else i / 7,
    "one hugely good outlier": lambda i: -1e300 if i == 9 else i / 7,
    "both ends of the floats": lambda i: 1e300 if i % 2 else -1e300,
    "not a number": lambda i: math.nan if i % 2 else i / 7,
    "infinities": lambda i: (math.inf, -math.inf, i / 7)[i % 3],
    "differences of 1e-300": lambda i: i * 1e-300,
    "differences below the precision": lambda i: 1.0 + i * 1e-16,
    "denormals": lambda i: i * 5e-324,
    "two values": lambda i: float(i % 2),
}


def history(space: SearchSpace, n: int, value: Callable[[int], float | None], curves: bool = False) -> Changes:
    """`n` random trials; with curves, every other one was stopped at step 3 of 9."""
    trials, measurements = [], []
    for i, params in enumerate(space.sample(np.random.default_rng(0), n)):
        found = value(i)
        state = State.STOPPED if curves and i % 2 else State.COMPLETED
        if found is None or not math.isfinite(found):
            state = State.FAILED
        trials.append(Trial(i, params, state, values=() if found is None else (found,), error="" if found else None))
        if curves and found is not None:
            steps = (1, 3) if state is State.STOPPED else (1, 3, 9)
            measurements += [(i, Measurement(step, {"value": found})) for step in steps]
    return Changes(n, tuple(trials), tuple(measurements))


def ask(opt: Optimizer, known: Changes, times: int = 2) -> None:
    opt.apply(known)
    start = time.process_time()
    asked = [opt.ask() for _ in range(times)]
    assert time.process_time() - start < SECONDS
    for trial in asked:
        assert opt.space.clean(trial.params) == trial.params
        assert all(math.isfinite(found) for found in trial.origin.details.values())
    assert len({opt.space.key(t.params) for t in (*known.trials, *asked)}) >= times


@pytest.mark.parametrize("case", VALUES)
@pytest.mark.parametrize(
    ("name", "goal", "curves"),
    [
        ("auto", "maximize", False),
        ("gp", "minimize", False),
        ("cokriging", "minimize", True),
        ("tpe", "maximize", True),
    ],
)
def test_hostile_values(name: str, goal: str, curves: bool, case: str) -> None:
    ask(Optimizer(MIXED, strategy=name, goal=goal, seed=0, max_steps=9), history(MIXED, 24, VALUES[case], curves))


@pytest.mark.parametrize("name", LEARNERS)
def test_500_trials_at_one_point(name: str) -> None:
    space = SearchSpace({"x": Float(0, 1), "y": Float(0, 1)})
    opt = Optimizer(space, strategy=name, seed=0)
    ask(opt, Changes(500, tuple(Trial(i, {"x": 0.5, "y": 0.5}, State.COMPLETED, values=(1.0,)) for i in range(500))))
    assert all(t.params != {"x": 0.5, "y": 0.5} for t in opt.trials[500:])


@pytest.mark.parametrize("name", LEARNERS)
def test_200_dimensions(name: str) -> None:
    space = SearchSpace({f"x{i}": Float(0, 1) for i in range(200)})
    ask(Optimizer(space, strategy=name, seed=0), history(space, 24, lambda i: math.sin(i)), times=1)


@pytest.mark.parametrize("name", LEARNERS)
@pytest.mark.parametrize("case", ["constant", "one huge outlier", "not a number", "all failed"])
def test_hostile_values_of_very_many_trials(name: str, case: str) -> None:
    n = MODEL_UP_TO + 1 if name in ("auto", "tpe") else 320  # more than hyperparameters are fitted to
    ask(Optimizer(MIXED, strategy=name, seed=0), history(MIXED, n, VALUES[case]), times=1)


@pytest.mark.parametrize("name", LEARNERS)
@pytest.mark.parametrize(
    "parameters",
    [{"x": Constant(1)}, {"x": Categorical(["only"])}, {"x": Int(3, 3)}, {"x": Float(0.5, 0.5)}],
    ids=["constant", "one choice", "one number", "an interval of no width"],
)
def test_spaces_of_one_point(name: str, parameters: dict[str, object]) -> None:
    opt = Optimizer(parameters, strategy=name, seed=0)
    value = opt.ask().params["x"]
    for _ in range(14 if opt.space.size is None else 0):  # an interval counts as a continuum: the point comes again
        opt.tell(opt.ask(), 1.0)
    assert {t.params["x"] for t in opt.trials} == {value}
