"""Questions about trials."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import Any, ClassVar

import pytest

from hyperopt_core.analysis import Fields, best, history_best, saved_steps, table, to_csv, to_json, where
from hyperopt_core.errors import ConfigError
from hyperopt_core.space import Categorical, Float, SearchSpace
from hyperopt_core.trial import Measurement, State, Trial

SPACE = SearchSpace(
    {
        "lr": Float(1e-5, 1e-1, log=True),
        "optimizer": {"name": Categorical(["adam", "sgd"]), "momentum": Float(0, 1, when={"name": ["sgd"]})},
    }
)


def trial(number: int, value: float | None = None, state: State = State.COMPLETED, **more: Any) -> Trial:
    return Trial(number, state=state, values=() if value is None else (value,), **more)


SOME = [
    trial(0, 0.3, params={"lr": 1e-2, "optimizer": {"name": "adam"}}, metrics={"val/loss": 0.3, "acc": 0.90}),
    trial(1, 0.2, params={"lr": 1e-3, "optimizer": {"name": "sgd", "momentum": 0.9}}, metrics={"acc": 0.95}),
    trial(2, state=State.FAILED, params={"lr": 1e-4, "optimizer": {"name": "adam"}}, reason="out of memory"),
]


class TestBest:
    def test_the_direction_is_the_goal(self) -> None:
        trials = [trial(0, 0.3), trial(1, 0.2), trial(2, 0.9)]
        assert [best(trials, goal) for goal in ("minimize", "maximize")] == [trials[1], trials[2]]

    def test_a_completed_trial_comes_before_a_better_stopped_one(self) -> None:
        assert best(iter([trial(0, 0.1, State.STOPPED), trial(1, 0.5)])) == trial(1, 0.5)
        assert best([trial(0, 0.1, State.STOPPED), trial(1, state=State.FAILED)]) == trial(0, 0.1, State.STOPPED)

    def test_the_first_of_equal_ones_and_no_infinite_one(self) -> None:
        assert best([trial(0, math.nan), trial(1, -math.inf), trial(2, 0.5), trial(3, 0.5)]) == trial(2, 0.5)

    def test_none_where_nothing_has_a_value(self) -> None:
        assert best([trial(0, state=State.RUNNING)]) is None

    def test_an_unknown_goal_is_refused(self) -> None:
        with pytest.raises(ConfigError, match="did you mean 'minimize'"):
            best([], "minimise")

    def test_the_history_never_gets_worse_and_skips_what_does_not_count(self) -> None:
        trials = [
            trial(0, state=State.FAILED),
            trial(1, 0.5),
            trial(2, 0.1, State.STOPPED),
            trial(3, 0.7),
            trial(4, 0.2),
        ]
        assert str(history_best(trials)) == "[nan, 0.5, 0.5, 0.5, 0.2]"
        assert str(history_best(trials, "maximize")) == "[nan, 0.5, 0.5, 0.7, 0.7]"

    def test_the_history_ends_at_the_best_trial(self) -> None:
        stopped = [trial(n, v, State.STOPPED) for n, v in enumerate([0.5, 0.1, 0.3])]
        assert history_best(stopped)[-1] == best(stopped).value  # type: ignore[union-attr]


class TestSavings:
    CURVES: ClassVar = {
        n: [Measurement(step, {}) for step in range(1, last + 1)] for n, last in enumerate([27, 3, 9, 5])
    }
    TRIALS: ClassVar = [
        trial(0),
        trial(1, state=State.STOPPED),
        trial(2, state=State.STOPPED),
        trial(3, state=State.FAILED),
    ]

    def test_only_trials_stopped_early_save_steps(self) -> None:
        savings = saved_steps(self.TRIALS, self.CURVES)
        assert (savings.trained, savings.saved, savings.stopped, savings.full) == (44, 24 + 18, 2, 27)
        assert savings.share == pytest.approx(42 / 86)

    def test_the_length_of_a_full_training_may_be_given(self) -> None:
        assert saved_steps(self.TRIALS[1:], self.CURVES, full=10).saved == 7 + 1

    def test_nothing_is_claimed_where_that_length_is_unknown(self) -> None:
        savings = saved_steps(self.TRIALS[1:], self.CURVES)
        assert (savings.saved, savings.full, savings.share) == (0, None, 0.0)
        assert saved_steps([], {}).share == 0.0

    def test_a_trial_stopped_after_a_full_training_saves_nothing(self) -> None:
        assert saved_steps(self.TRIALS[:2], {0: [Measurement(3, {})], 1: [Measurement(5, {})]}).saved == 0


class TestWhere:
    @pytest.mark.parametrize(
        ("text", "numbers"),
        [
            ("acc > 0.92", [1]),
            ("acc > 0.92 and lr < 1e-2", [1]),
            ("lr <= 1e-2", [0, 1, 2]),
            ("optimizer.name == 'adam'", [0, 2]),
            ("`val/loss` < 1", [0]),
            ("state == 'failed' or acc > 0", [0, 1]),  # the failed one has no acc
            ("number in [0, 2]", [0, 2]),
            ("optimizer.momentum < 2", [1]),
            ("value < 0.25", [1]),
        ],
    )
    def test_names_are_metrics_parameters_and_facts(self, text: str, numbers: list[int]) -> None:
        wanted = where(text, SOME, SPACE)
        assert [t.number for t in SOME if wanted(t)] == numbers

    def test_an_unknown_name_is_one_error_with_the_closest_one_and_all_there_are(self) -> None:
        with pytest.raises(ConfigError) as caught:
            where("optimizer.nam == 'adam' and accc > 0.9", SOME, SPACE)
        assert len(caught.value.faults) == 1
        for part in ("'optimizer.nam'", "did you mean 'optimizer.name'", "'accc'", "did you mean 'acc'", "val/loss"):
            assert part in str(caught.value)

    @pytest.mark.parametrize("text", ["acc >", "", "__import__('os')", "acc.__class__", "(lambda: 1)()"])
    def test_what_is_no_condition_is_refused(self, text: str) -> None:
        with pytest.raises(ConfigError, match="where"):
            where(text, SOME, SPACE)


class TestTable:
    def test_columns_are_the_same_in_every_row_and_in_a_stable_order(self) -> None:
        rows = table(SOME, SPACE)
        assert {tuple(row) for row in rows} == {Fields(SOME, SPACE).names}
        assert list(rows[0])[:7] == [
            "number", "state", "lr", "optimizer.name", "optimizer.momentum", "val/loss", "acc",
        ]  # fmt: skip
        assert [row["optimizer.momentum"] for row in rows] == [None, 0.9, None]
        assert rows[2]["reason"] == "out of memory"

    def test_names_that_clash_are_kept_apart(self) -> None:
        space = SearchSpace({"loss": Float(0, 1), "state": Categorical(["solid", "liquid"])})
        rows = table([Trial(0, {"loss": 0.5, "state": "solid"}, metrics={"loss": 2.0, "number": 3.0})], space)
        assert rows[0]["loss"] == 0.5
        assert rows[0]["metrics.loss"] == 2.0
        assert (rows[0]["state"], rows[0]["trial.state"]) == ("solid", "running")
        assert (rows[0]["number"], rows[0]["trial.number"]) == (3.0, 0)

    def test_csv_reads_back(self) -> None:
        rows = list(csv.DictReader(io.StringIO(to_csv(table(SOME, SPACE)), newline="")))
        assert [float(row["lr"]) for row in rows] == [1e-2, 1e-3, 1e-4]
        assert rows[2]["optimizer.momentum"] == rows[2]["acc"] == ""

    @pytest.mark.parametrize("text", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "-1e5x", "-_1"])
    def test_a_formula_is_quoted(self, text: str) -> None:
        assert list(csv.reader(io.StringIO(to_csv([{text: text}]), newline=""))) == [["'" + text]] * 2  # header, cell

    @pytest.mark.parametrize("value", [-1, -2.5e-7, "-1", "+3.5", "plain", "a=b"])
    def test_numbers_and_plain_texts_are_not(self, value: Any) -> None:
        assert to_csv([{"x": value}]) == f"x\r\n{value}\r\n"

    def test_lists_and_mappings_are_json(self) -> None:
        [row] = csv.DictReader(io.StringIO(to_csv([{"layers": [64, 64], "o": {"a": None}}])))
        assert [json.loads(row["layers"]), json.loads(row["o"])] == [[64, 64], {"a": None}]

    def test_json_has_no_nan(self) -> None:
        rows = [{"a": math.nan, "b": [1.5, math.inf], "c": {"d": -math.inf}, "e": "é", "f": True}]
        assert json.loads(to_json(rows), parse_constant=pytest.fail) == [
            {"a": None, "b": [1.5, None], "c": {"d": None}, "e": "é", "f": True}
        ]
        assert json.loads(to_json([])) == []
