"""What `auto` chooses, and what it says about that."""

from __future__ import annotations

import numpy as np
import pytest

from hyperopt_core import Float, Int, Optimizer, SearchSpace, Sweep
from hyperopt_core.spec import Limits, SweepSpec
from hyperopt_core.strategies.auto import MODEL_UP_TO
from hyperopt_core.trial import Changes, State, Trial

LINE = SearchSpace({"x": Float(0, 1)})


def optimizer(space: SearchSpace, trials: int | None = None, **options: object) -> Optimizer:
    return Optimizer.from_spec(SweepSpec(space, limits=Limits(trials=trials), seed=0, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("space", "trials", "name"),
    [
        ({"n": Int(1, 50)}, None, "grid"),
        ({"n": Int(1, 50)}, 50, "grid"),
        ({"n": Int(1, 50)}, 49, "gp"),
        ({"n": Int(1, 51)}, None, "gp"),
        ({"x": Float(0, 1)}, 5, "gp"),
    ],
)
def test_the_grid_of_a_small_space_that_the_trials_cover_else_a_model(
    space: dict[str, Int | Float], trials: int | None, name: str
) -> None:
    opt = optimizer(SearchSpace(space), trials)
    trial = opt.ask()
    assert trial.origin.strategy == ("cokriging" if name == "gp" else name)
    assert opt.explain().startswith(f"strategy: auto takes {trial.origin.strategy}: the space has ")


def test_past_a_thousand_completed_trials_the_parzen_estimator_takes_over() -> None:
    points = LINE.sample(np.random.default_rng(0), MODEL_UP_TO)
    trials = [Trial(i, p, State.COMPLETED, values=(p["x"],)) for i, p in enumerate(points)]
    opt = optimizer(LINE)
    opt.apply(Changes(1, tuple(trials[:-1])))
    assert "auto takes cokriging" in opt.explain()
    assert "tpe takes over after 1,000 completed trials" in opt.explain()
    opt.apply(Changes(2, tuple(trials[-1:])))
    assert "auto takes tpe" in opt.explain()
    assert opt.ask().origin.strategy == "tpe"
    assert "takes over" not in optimizer(LINE, trials=200).explain()


def test_a_limit_that_is_raised_while_a_sweep_runs_counts() -> None:
    spec = SweepSpec(SearchSpace({"n": Int(1, 9)}), limits=Limits(trials=5), seed=0)
    with Sweep.create(spec, "memory://", "s") as sweep:
        assert "cokriging: the space has 9 points, more than the 5 trials" in sweep.explain()
        sweep.update(SweepSpec(spec.space, limits=Limits(trials=9), seed=0))
        assert "auto takes grid" in sweep.explain()


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"strategy": "random"}, "strategy: random, as asked for"),
        ({"strategy": "bayes"}, "strategy: cokriging, which bayes stands for"),
        ({}, "scheduler: never, as there is no early_terminate"),
        ({"early_terminate": {"type": "asha"}, "max_steps": 9}, "scheduler: asha, as early_terminate says, at steps 1"),
        (
            {"early_terminate": "auto", "max_steps": 52, "resumable": True},
            "scheduler: auto: trials pause at steps 3, 9",
        ),
        ({"early_terminate": "auto", "max_steps": 52}, "scheduler: auto: trials stop at steps 3, 9, 27 unless"),
        ({"early_terminate": "auto", "resumable": True}, "max_steps is not known"),
    ],
)
def test_the_strategy_and_the_scheduler_are_explained(options: dict[str, object], line: str) -> None:
    told = optimizer(LINE, **options).explain()  # type: ignore[arg-type]
    assert line in told
    assert told.endswith("\nseed: 0")
    assert len(told.splitlines()) == 3


@pytest.mark.parametrize("strategy", ["gp", "cokriging"])
def test_predicted_means_have_the_sign_of_the_metric(strategy: str) -> None:
    opt = Optimizer(LINE, strategy=strategy, goal="maximize", seed=0)
    for _ in range(12):
        trial = opt.ask()
        opt.tell(trial, 10 + trial.params["x"])
    means = [t.origin.details["mean"] for t in opt.trials if "mean" in t.origin.details]
    assert means
    assert all(9 < mean < 12 for mean in means)
