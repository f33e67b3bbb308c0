"""What charts show, as numbers: the model, interactions, calibration, timeline, front, rungs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from hyperopt_core import Categorical, Float, Int, SearchSpace, State, Trial
from hyperopt_core.analysis import Model, coverage, front, interactions, predictions, rungs, surface, timeline
from hyperopt_core.history import History
from hyperopt_core.spec import Objective
from hyperopt_core.storage.protocol import Attempt
from hyperopt_core.trial import Measurement, Origin, Outcome

SPACE = SearchSpace(
    {
        "a": Float(-1, 1),
        "b": Float(-1, 1),
        "layers": Int(1, 4),
        "kind": Categorical(["plain", "deep"]),
        "inner": Float(0, 1, when={"kind": ["deep"]}),
        "other": Float(0, 1, when={"kind": ["plain"]}),
    }
)


def searched(count: int, value: Callable[[Mapping[str, Any]], float], goal: str = "minimize") -> History:
    history = History(SPACE, Objective("loss", goal))
    for number, params in enumerate(SPACE.sample(np.random.default_rng(0), count)):
        history.put(Trial(number, params, State.COMPLETED, values=(value(params),)))
    return history


def product(params: Mapping[str, Any]) -> float:
    return float(params["a"] * params["b"] + 0.3 * params["layers"])


class TestModel:
    @pytest.mark.parametrize("goal", ["minimize", "maximize"])
    def test_it_predicts_in_the_units_of_the_metric(self, goal: str) -> None:
        model = Model.of(searched(80, product, goal))
        assert model is not None
        U = SPACE.sample_unit(np.random.default_rng(1), 200)
        mean, low, high = model.predict(U)
        truth = np.array([product(SPACE.decode(u)) for u in U])
        assert np.corrcoef(mean, truth)[0, 1] > 0.9
        assert (low <= mean).all()
        assert (mean <= high).all()

    def test_draws_scatter_as_the_predictions_say(self) -> None:
        model = Model.of(searched(30, product))
        assert model is not None
        U = SPACE.sample_unit(np.random.default_rng(1), 40)
        draws = model.draws(U, 2000, np.random.default_rng(2))
        mean, deviation = model._posterior.predict(U)
        assert draws.mean(axis=0) == pytest.approx(mean[0], abs=0.15)
        assert draws.std(axis=0) == pytest.approx(deviation, rel=0.35, abs=0.02)

    @pytest.mark.parametrize(("count", "value"), [(0, product), (7, product), (20, lambda params: 1.0)])
    def test_nothing_is_made_of_too_little(self, count: int, value: Callable[[Mapping[str, Any]], float]) -> None:
        assert Model.of(searched(count, value)) is None


class TestSurface:
    def test_it_runs_through_the_best_trial_that_has_the_parameter(self) -> None:
        history = searched(60, lambda params: product(params) + 5 * (params["kind"] == "deep"))
        model = Model.of(history)
        assert model is not None
        found = surface(history, model, ["inner"])  # the best of all is plain
        assert found is not None
        assert history[found.trial].params["kind"] == "deep"
        assert np.isfinite(found.mean).all()
        assert (found.sd >= 0).all()

    def test_where_a_parameter_is_inactive_there_is_no_point(self) -> None:
        history = searched(60, product)
        model = Model.of(history)
        assert model is not None
        found = surface(history, model, ["kind", "inner"])
        assert found is not None
        assert found.values[0] == ("plain", "deep")
        assert np.isnan(found.mean[0]).all()
        assert np.isfinite(found.mean[1]).all()
        assert surface(history, model, ["inner", "other"]) is None

    def test_what_a_constraint_forbids_is_left_out(self) -> None:
        space = SearchSpace({"a": Float(0, 1), "b": Float(0, 1)}, constraints=["a < b"])
        history = History(space)
        for number, params in enumerate(space.sample(np.random.default_rng(0), 20)):
            history.put(Trial(number, params, State.COMPLETED, values=(params["a"],)))
        model = Model.of(history)
        assert model is not None
        found = surface(history, model, ["a", "b"])
        assert found is not None
        a, b = (np.array(values) for values in found.values)
        assert (np.isfinite(found.mean) == (a[:, None] < b)).all()


class TestInteractions:
    def test_what_acts_only_together_is_on_top_and_what_adds_up_is_not(self) -> None:
        found = interactions(searched(80, product))
        assert found[0].names == ("a", "b")
        assert found[0].low > 0.2
        assert all(pair.high < 0.2 for pair in found[1:])
        assert all(pair.low <= pair.share <= pair.high for pair in found)

    def test_an_interaction_within_a_branch(self) -> None:
        def value(params: Mapping[str, Any]) -> float:
            return float(params["a"] * (params.get("inner", 0.5) - 0.5) + 0.1 * params["b"])

        assert interactions(searched(120, value))[0].names == ("a", "inner")

    def test_parameters_of_different_branches_do_not_meet(self) -> None:
        pairs = {pair.names for pair in interactions(searched(20, product))}
        assert ("a", "inner") in pairs
        assert ("inner", "other") not in pairs

    def test_fewer_trials_are_less_sure(self) -> None:
        few, many = (next(p for p in interactions(searched(n, product)) if p.names == ("a", "b")) for n in (15, 150))
        assert few.high - few.low > 3 * (many.high - many.low)


def predicted(number: int, mean: float, sd: float, value: float, state: State = State.COMPLETED) -> Trial:
    return Trial(number, state=state, origin=Origin("gp", "explore", {"mean": mean, "sd": sd}), values=(value,))


class TestCalibration:
    def test_normal_residuals_are_covered_as_promised_and_wider_ones_are_not(self) -> None:
        rng = np.random.default_rng(0)
        for spread, inside in ((1.0, True), (2.5, False)):
            some = predictions(
                predicted(n, 1.0, 0.5, 1.0 + 0.5 * spread * z) for n, z in enumerate(rng.normal(size=400))
            )
            assert all((c.low <= c.seen <= c.high) == inside for c in coverage(some))

    def test_what_was_not_predicted_or_not_trained_to_its_end_does_not_count(self) -> None:
        odd = [predicted(0, 1, 0, 1), predicted(1, math.nan, 1, 1), predicted(2, 1, 1, math.inf), Trial(3)]
        assert predictions([*odd, predicted(4, 1, 1, 1, State.STOPPED), predicted(5, 1.0, 1.0, 2.0)])[0].number == 5
        assert coverage([]) == []


class TestFront:
    def test_nothing_on_it_is_beaten_in_both_and_all_else_is(self) -> None:
        rng = np.random.default_rng(0)
        one, other = ({k: float(v) for k, v in enumerate(rng.integers(0, 30, 200))} for _ in range(2))
        on = front(one, other, ("minimize", "maximize"))

        def beats(a: int, b: int) -> bool:
            better = one[a] < one[b] or other[a] > other[b]
            return better and one[a] <= one[b] and other[a] >= other[b]

        assert sorted(on) == [k for k in one if not any(beats(j, k) for j in one)]

    def test_values_that_are_missing_or_not_finite_do_not_count(self) -> None:
        assert front({0: math.nan, 1: 1.0, 2: 0.0}, {0: 0.0, 1: 1.0, 3: 0.0}, ("minimize", "minimize")) == [1]


class TestTimeline:
    def test_attempts_are_spans_of_their_own(self) -> None:
        trial = Trial(0, state=State.COMPLETED, owner="b", attempt=2, started_at=0.0, ended_at=30.0)
        gone = [
            Attempt(0, 1, "a", 0.0, 5.0),
            Attempt(0, 2, "b", 10.0, 30.0, Outcome(State.COMPLETED, (1.0,))),
        ]
        lanes = timeline([trial], {0: gone})
        assert [(lane.owner, lane.busy, lane.spans[0].state) for lane in lanes] == [
            ("a", 5.0, State.CANCELLED),
            ("b", 20.0, State.COMPLETED),
        ]

    def test_gaps_and_what_still_runs(self) -> None:
        some = [
            Trial(0, state=State.COMPLETED, owner="a", started_at=0.0, ended_at=10.0),
            Trial(1, state=State.FAILED, owner="a", started_at=14.0, ended_at=20.0),
            Trial(2, owner="a", started_at=20.0),
            Trial(3, state=State.WAITING),
        ]
        [lane] = timeline(some, now=40.0)
        assert (lane.busy, lane.gap, lane.share) == (36.0, 4.0, 0.9)
        assert timeline([]) == []


def test_rungs_count_what_full_trainings_would_have_cost() -> None:
    history = History(SearchSpace({"x": Float(0, 1)}), max_steps=9)
    ends = [(State.COMPLETED, 9), (State.STOPPED, 3), (State.STOPPED, 3), (State.PAUSED, 1), (State.FAILED, 0)]
    for number, (state, last) in enumerate(ends):
        history.put(Trial(number, {"x": 0.5}, state))
        for step in range(1, last + 1):
            history.measure(number, Measurement(step, {"value": 1.0}))
    assert [(r.step, r.stopped, r.others, r.trained, r.saved) for r in rungs(history)] == [
        (0, 0, 1, 0, 0),
        (1, 1, 0, 1, 8),
        (3, 2, 0, 6, 12),
        (9, 0, 1, 9, 0),
    ]
