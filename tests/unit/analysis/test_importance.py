"""Which parameters matter, by PED-ANOVA."""

from __future__ import annotations

import numpy as np
import pytest

from hyperopt_core import Categorical, Float, SearchSpace, State, Trial
from hyperopt_core.analysis import importance as importances


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
