"""Learning curves, slices and importance as figures."""

from __future__ import annotations

import numpy as np
import pytest

from hyperopt_core import Categorical, Decision, Float, Optimizer, SearchSpace, State, Trial
from hyperopt_core.analysis import importance as importances
from hyperopt_core.plots import curves, importance, slices
from hyperopt_core.plots.style import house_style
from tests.unit.plots.pictures import MIXED, faults, trials


def searched(count: int) -> Optimizer:
    opt = Optimizer(
        {"x": Float(0, 1), "y": Float(0, 1)}, strategy="random", early_terminate="median", seed=0, metric="loss"
    )
    for _ in range(count):
        trial = opt.ask()
        for step in range(1, 10):
            if opt.report(trial, step, trial.params["x"] + 1 / step) is not Decision.CONTINUE:
                break
        opt.tell(trial)
    return opt


@pytest.mark.parametrize("count", [0, 1, 30])
def test_curves(count: int) -> None:
    opt = searched(count)
    figure = curves(opt.history, metric="loss", title="A sweep")
    lines = [collection for collection in figure.axes[0].collections if collection.get_gid() == "curves"]
    assert sum(len(c.get_paths()) for c in lines) == count
    if count == 30:
        assert opt.best is not None
        legend = figure.axes[0].get_legend()
        assert legend is not None
        assert [text.get_text() for text in legend.get_texts()] == [
            "stopped early",
            f"trial {opt.best.number}, the best",
        ]
    with house_style():
        assert faults(figure) == []


@pytest.mark.parametrize("count", [0, 1, 40, 600])
def test_slices(count: int) -> None:
    some = trials(MIXED, count)
    done = [t for t in some if t.state is State.COMPLETED]
    figure = slices(some, MIXED, metric="loss", title="A sweep")
    panels = figure.axes
    assert len(panels) == (MIXED.d if done else 1)
    for axes, column in zip(panels, MIXED.columns, strict=False):
        own = [t for t in done if column.name in MIXED.flatten(t.params)]
        dots = [c for c in axes.collections if c.get_gid() == column.name]
        assert sum(len(np.asarray(c.get_offsets())) for c in dots) == len(own)
    with house_style():
        assert faults(figure) == []


@pytest.mark.parametrize("count", [0, 9, 40])
def test_importance_as_bars(count: int) -> None:
    some = trials(MIXED, count)
    figure = importance(some, MIXED, title="A sweep")
    assert len(figure.axes[0].patches) == len(importances(some, MIXED))
    with house_style():
        assert faults(figure) == []


def test_names_are_no_formulas() -> None:
    space = SearchSpace({"$a_{$": Float(0, 1), "k": Categorical(["$\\frac$", "b"])})
    points = space.sample(np.random.default_rng(0), 12)
    some = [Trial(n, p, State.COMPLETED, values=(p["$a_{$"],)) for n, p in enumerate(points)]
    drawn = (
        slices(some, space, metric="value", title="$\\frac$"),
        importance(some, space, title="$\\frac$"),
    )
    for figure in drawn:
        with house_style():
            assert faults(figure) == []


def test_curves_of_one_step() -> None:
    opt = Optimizer({"x": Float(0, 1)}, strategy="random", seed=0, metric="loss")
    trial = opt.ask()
    opt.report(trial, 0, 1.0)
    opt.tell(trial)
    low, high = curves(opt.history, metric="loss").axes[0].get_xlim()
    assert low <= 0 < high


class TestImportance:
    space = SearchSpace(
        {
            "main": Float(0, 1),
            "minor": Float(0, 1),
            "nothing": Float(0, 1),
            "kind": Categorical(["a", "b", "c"]),
            "inner": Float(0, 1, when={"kind": ["a"]}),
        }
    )

    def search(self, weight: float, count: int = 300) -> list[Trial]:
        points = self.space.sample(np.random.default_rng(1), count)
        values = [(p["main"] - 0.3) ** 2 + 0.01 * p["minor"] + weight * (p["kind"] != "a") for p in points]
        return [Trial(n, p, State.COMPLETED, values=(values[n],)) for n, p in enumerate(points)]

    def test_what_matters_is_on_top_and_shares_sum_to_one(self) -> None:
        found = importances(self.search(0.0), self.space)
        shares = {row.name: row.share for row in found}
        assert found[0].name == "main"
        assert shares["main"] > 2 * max(shares["nothing"], shares["kind"], shares["inner"])
        assert sum(shares.values()) == pytest.approx(1.0)
        assert all(row.low <= row.share <= row.high for row in found)

    def test_a_category_that_decides_is_on_top(self) -> None:
        assert importances(self.search(1.0), self.space)[0].name == "kind"

    def test_the_goal_turns_it_round(self) -> None:
        some = self.search(1.0)
        turned = [Trial(t.number, t.params, t.state, values=(-t.values[0],)) for t in some]
        assert importances(some, self.space) == importances(turned, self.space, "maximize")

    def test_a_sampler_that_has_gathered_does_not_make_a_parameter_important(self) -> None:
        rng = np.random.default_rng(2)
        points = self.space.sample(rng, 300)
        for p in points:
            p["nothing"] = 0.8 + 0.02 * float(rng.random())
        some = [Trial(n, p, State.COMPLETED, values=(p["main"],)) for n, p in enumerate(points)]
        assert {row.name: row.share for row in importances(some, self.space)}["nothing"] < 0.1

    def test_where_most_have_the_worst_value_the_others_are_the_good_ones(self) -> None:
        points = self.space.sample(np.random.default_rng(3), 60)
        few = sorted(p["main"] for p in points)[3]
        some = [Trial(n, p, State.COMPLETED, values=(float(p["main"] > few),)) for n, p in enumerate(points)]
        assert importances(some, self.space)[0].name == "main"

    def test_odd_histories(self) -> None:
        same = [
            Trial(n, p, State.COMPLETED, values=(1.0,))
            for n, p in enumerate(self.space.sample(np.random.default_rng(0), 20))
        ]
        assert sum(row.share for row in importances(same, self.space)) == pytest.approx(1.0)
        assert importances(same[:9], self.space) == []
        assert importances([], self.space) == []
