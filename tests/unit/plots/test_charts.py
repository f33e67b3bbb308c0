"""Every kind of chart: the figure that is built once, and matplotlib's picture of it."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperopt_core import Categorical, ConfigError, Float, Int, Optimizer, SearchSpace, State, Trial
from hyperopt_core.analysis import history_best, importance, interactions
from hyperopt_core.history import History
from hyperopt_core.plots import KINDS, Chart, Subject, make_chart, plot
from hyperopt_core.plots.figure import is_message
from hyperopt_core.plots.style import house_style
from hyperopt_core.spec import Objective
from hyperopt_core.trial import Measurement, Origin
from tests.unit.plots.pictures import MIXED, WIDE, faults, noise, trials

LOSS = Objective("loss")
HOSTILE = SearchSpace(
    {"$a_{$<b>&": Float(0, 1), "k": Categorical(["$\\frac$", "</script>", None, [1, 2]]), "i": Int(1, 9)}
)


def history_of(some: list[Trial], space: SearchSpace = MIXED, objective: Objective = LOSS) -> History:
    """A history of these trials, each with an agent, a prediction, times and a curve that ends in its value."""
    history = History(space, objective, max_steps=9)
    for trial in some:
        start = 1e9 + 10.0 * (trial.number // 2)
        origin = Origin("gp", "explore", {"mean": 0.5, "sd": 0.2})
        owned: Any = {
            "owner": f"host-{trial.number % 2}",
            "started_at": start,
            "ended_at": start + 8.0,
            "origin": origin,
        }
        history.put(replace(trial, **owned))
        last = 9 if trial.state is State.COMPLETED else 3 if trial.state is State.STOPPED else 0
        for step in range(1, last + 1):
            value = (trial.value or 0.0) + 1 / step
            history.measure(trial.number, Measurement(step, {objective.metric: value}))
    return history


def searched(count: int, space: SearchSpace = MIXED) -> Subject:
    return Subject(history_of(trials(space, count, smooth), space), "A sweep")


@pytest.mark.parametrize("kind", KINDS)
def test_a_sweep_without_a_metric_has_every_chart(kind: str, tmp_path: Path) -> None:
    done = [replace(t, values=(), metrics={"acc": t.number / 9, "size": 1.0}) for t in trials(MIXED, 12, smooth)]
    history = history_of([t for t in done if t.state is State.COMPLETED], objective=Objective(required=False))
    made = make_chart(Subject(history), kind)
    assert made.save(tmp_path / "chart.png").stat().st_size > 1000
    if kind in ("front", "timeline", "savings"):
        assert "metric" not in made.summary
        return
    chooses = kind in ("parallel", "history", "curves")
    others = "; `plot` takes one that trials reported: acc, size" if chooses else ""
    assert made.summary == f"The sweep names no metric{others}."
    if chooses:
        assert "names no metric" not in make_chart(Subject(history), kind, metric="acc", goal="maximize").summary


def smooth(params: Mapping[str, Any], rng: np.random.Generator) -> float:
    numbers = [v for v in params.values() if isinstance(v, float)]
    return 0.5 + 0.3 * math.sin(3 * sum(numbers)) + 0.01 * noise(params, rng)


ODD = {
    "nothing": Subject(History(MIXED, LOSS)),
    "no parameter": Subject(History(SearchSpace({"c": Categorical(["only"])}), LOSS)),
    "one running": Subject(history_of([Trial(0, MIXED.sample(np.random.default_rng(0))[0])])),
    "one completed": searched(1),
    "all failed": Subject(history_of([replace(t, state=State.FAILED, values=()) for t in trials(MIXED, 20)])),
    "all NaN": Subject(history_of([replace(t, values=(math.nan,)) for t in trials(MIXED, 20)])),
    "some infinite": Subject(
        history_of([replace(t, values=(math.inf if t.number % 3 else 0.1 * t.number,)) for t in trials(MIXED, 30)])
    ),
    "all alike": Subject(history_of([replace(t, values=(1.0,)) for t in trials(MIXED, 30)])),
    "huge": Subject(history_of([replace(t, values=(1e300 * (t.number % 2 or -1),)) for t in trials(MIXED, 30)])),
    "one parameter": searched(40, SearchSpace({"x": Float(0, 1)})),
    "categories alone": searched(40, SearchSpace({"a": Categorical(["x", "y"]), "b": Categorical([1, 2, 3])})),
    "long names": searched(40, WIDE),
    "names that are markup": searched(40, HOSTILE),
    "usual": searched(60),
    "many": searched(600),
}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "parallel"])
@pytest.mark.parametrize("subject", ODD.values(), ids=ODD)
def test_every_kind_of_every_sweep_is_drawn_or_says_why_not(kind: str, subject: Subject) -> None:
    chart = make_chart(subject, kind)
    json.dumps(chart.figure, allow_nan=False)
    assert chart.summary.endswith(".")
    if is_message(chart.figure):
        assert chart.figure["layout"]["annotations"][0]["text"] == chart.summary
    picture = chart.draw()
    with house_style():
        assert faults(picture) == []


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "parallel"])
@pytest.mark.parametrize("name", ["usual", "names that are markup", "nothing"])
def test_figures_are_plotlys(kind: str, name: str) -> None:
    go = pytest.importorskip("plotly.graph_objects")
    chart = make_chart(ODD[name], kind)
    go.Figure(chart.to_plotly())  # raises for what its schema does not know
    assert not any(text in json.dumps(chart.to_plotly()) for text in ("<b>", "</script", "$"))


def test_charts_of_enough_trials_are_no_messages() -> None:
    assert not [kind for kind in KINDS if kind != "parallel" and is_message(make_chart(ODD["usual"], kind).figure)]


def traces(chart: Chart, **wanted: Any) -> list[dict[str, Any]]:
    return [t for t in chart.figure["data"] if all(t.get(key) == value for key, value in wanted.items())]


class TestHistory:
    def test_every_ended_trial_is_a_mark_by_its_state(self) -> None:
        some = [*trials(MIXED, 40), Trial(40, state=State.CANCELLED), Trial(41)]
        chart = make_chart(Subject(history_of(some)), "history")
        for state, name in (
            (State.COMPLETED, "completed"),
            (State.STOPPED, "stopped early"),
            (State.CANCELLED, "cancelled"),
        ):
            [found] = traces(chart, name=name)
            assert found["customdata"] == found["x"] == [t.number for t in some if t.state is state]
        assert not traces(chart, name="running")

    @pytest.mark.parametrize("goal", ["minimize", "maximize"])
    def test_the_line_is_the_best_value_so_far(self, goal: str) -> None:
        some = trials(MIXED, 40)
        [line] = traces(
            make_chart(Subject(history_of(some, objective=Objective("loss", goal))), "history"), name="best so far"
        )
        best = history_best(some, goal)
        assert line["line"]["shape"] == "hv"
        assert [best[x] for x in line["x"][:-1]] == pytest.approx(line["y"][:-1], rel=1e-5)
        assert line["y"][-1] == pytest.approx(best[-1], rel=1e-5)

    def test_outliers_are_at_the_edge_and_told(self) -> None:
        some = trials(MIXED, 30)
        some[0] = replace(some[0], values=(1e6,), metrics={"loss": 1e6})
        chart = make_chart(Subject(history_of(some)), "history")
        assert chart.figure["layout"]["yaxis"]["range"][1] < 2
        assert "1 clipped at the upper edge, the worst is 10⁶." in chart.summary

    def test_another_metric(self) -> None:
        chart = make_chart(searched(20), "history", metric="acc", goal="maximize")
        assert chart.figure["layout"]["yaxis"]["title"]["text"] == "acc (maximize)"
        with pytest.raises(ConfigError, match="no trial has reported 'ac'"):
            make_chart(searched(20), "history", metric="ac")


class TestCurves:
    def test_a_line_a_trial_and_the_best_on_top(self) -> None:
        subject = searched(30)
        chart = make_chart(subject, "curves")
        lines = [t for t in traces(chart, mode="lines") if "meta" in t]
        assert {t["meta"]["trial"] for t in lines} == {t.number for t in subject.trials if t.value is not None}
        assert subject.history.best is not None
        assert lines[-1]["name"] == f"trial {subject.history.best.number}, the best"
        [stopped] = traces(chart, name="stopped early")
        assert stopped["customdata"] == [n for n in stopped["customdata"] if subject.history[n].state is State.STOPPED]
        assert [t["x"] for t in traces(chart, mode="lines") if t["line"]["dash"] == "dot"] == [[3, 3]]  # the rung

    def test_the_beginnings_of_curves_are_no_outliers(self) -> None:
        assert "clipped" not in make_chart(searched(60), "curves").summary

    def test_of_many_the_best_and_some_others(self) -> None:
        subject = searched(600)
        chart = make_chart(subject, "curves")
        drawn = {t["meta"]["trial"] for t in traces(chart, mode="lines") if "meta" in t}
        done = sorted((t.value, t.number) for t in subject.trials if t.state is State.COMPLETED)
        assert {n for _, n in done[:100]} <= drawn
        assert 250 < len(drawn) <= 351
        assert len(json.dumps(chart.figure)) < 300_000


def test_bars_are_the_shares_with_their_intervals() -> None:
    subject = searched(80)
    for kind, rows in (
        ("importance", importance(subject.trials, subject.space)),
        ("interactions", interactions(subject.history)[:15]),
    ):
        [bars] = make_chart(subject, kind).figure["data"]
        assert bars["x"] == pytest.approx([row.share for row in rows], rel=1e-5)
        reach = [x + above for x, above in zip(bars["x"], bars["error_x"]["array"], strict=True)]
        assert reach == pytest.approx([row.high for row in rows], rel=1e-4)


class TestSlices:
    def test_a_panel_has_the_trials_in_which_its_parameter_is_active(self) -> None:
        subject = searched(80)
        chart = make_chart(subject, "slices")
        for i, column in enumerate(MIXED.columns):
            done = [t for t in subject.trials if t.state is State.COMPLETED]
            own = [t.number for t in done if column.name in MIXED.flatten(t.params)]
            panel = traces(chart, xaxis=f"x{i + 1 if i else ''}", mode="markers")
            assert own in [t.get("customdata") for t in panel]

    def test_the_model_is_a_line_in_a_band_and_a_mark_for_each_category(self) -> None:
        chart = make_chart(searched(80), "slices")
        assert len(traces(chart, fill="toself")) == len(MIXED.columns) - 1
        [model] = [t for t in traces(chart, mode="markers") if "error_y" in t]
        assert len(model["x"]) == 2


class TestContour:
    def test_the_model_over_two_parameters_of_ones_choice(self) -> None:
        chart = make_chart(searched(80), "contour", x="lr", y="momentum")
        mean, sd = traces(chart, type="contour")
        assert len(mean["z"]) == len(mean["y"])
        assert len(mean["z"][0]) == len(mean["x"])
        assert all(v >= 0 for row in sd["z"] for v in row)
        assert chart.chosen == {"x": "lr", "y": "momentum"}

    def test_inactive_combinations_are_left_out(self) -> None:
        mean, _ = traces(make_chart(searched(80), "contour", x="optimizer", y="momentum"), type="heatmap")
        assert sorted({column.count(None) for column in zip(*mean["z"], strict=True)}) == [0, 48]  # adam has none

    def test_bad_names_are_told(self) -> None:
        for options, words in (
            ({"x": "lrr"}, "no parameter is called 'lrr'; did you mean 'lr'\\?"),
            ({"x": "lr", "y": "lr"}, "needs two parameters"),
            ({"z": "lr"}, "contour has no option 'z'"),
        ):
            with pytest.raises(ConfigError, match=words):
                make_chart(ODD["usual"], "contour", **options)
        with pytest.raises(ConfigError, match="there is no chart 'contours'; did you mean 'contour'"):
            make_chart(ODD["usual"], "contours")


def test_timeline_of_many_spans_shows_the_newest_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyperopt_core.plots.kinds.timeline._MOST_SPANS", 5)
    subject = searched(20)
    for i, trial in enumerate(subject.trials):
        subject.trials[i] = replace(trial, owner="a", started_at=60.0 * i, ended_at=60.0 * i + 50)
    chart = make_chart(subject, "timeline")
    assert "The newest 5 spans of 20 are shown." in chart.summary
    assert min(min(t["base"]) for t in chart.figure["data"]) == 15  # minutes since the first start
    assert chart.figure["layout"]["xaxis"]["range"][0] > 14


def test_timeline_has_a_lane_an_agent() -> None:
    chart = make_chart(searched(20), "timeline")
    assert chart.figure["layout"]["yaxis"]["ticktext"] == ["host-0 · 82% busy", "host-1 · 82% busy"]
    bars = traces(chart, type="bar")
    assert sorted(n for t in bars for n in t["customdata"]) == list(range(20))
    assert {t["name"] for t in bars} == {"completed", "stopped early", "failed"}


def test_savings_add_up() -> None:
    subject = searched(40)
    chart = make_chart(subject, "savings")
    trained, saved = traces(chart, type="bar")
    stopped = sum(t.state is State.STOPPED for t in subject.trials)
    assert sum(saved["x"]) == 6 * stopped
    full, was = traces(chart, xaxis="x2")
    assert full["y"][-1] - was["y"][-1] == sum(saved["x"])
    assert was["y"][-1] == sum(trained["x"])


def test_calibration_tells_a_model_that_is_too_sure() -> None:
    rng = np.random.default_rng(0)

    def subject(sd: float) -> Subject:
        history = History(MIXED, LOSS)
        for n, z in enumerate(rng.normal(size=60)):
            history.put(Trial(n, {}, State.COMPLETED, Origin("gp", "", {"mean": 0.0, "sd": sd}), values=(float(z),)))
        return Subject(history)

    share = [int(make_chart(subject(sd), "calibration").summary.split(": ")[1].split("%")[0]) for sd in (0.2, 1.0, 5.0)]
    assert share[0] < 40 < 55 < share[1] < 80 < 95 < share[2]


class TestFront:
    def test_the_metric_against_seconds_unless_told(self) -> None:
        chart = make_chart(searched(40), "front")
        assert chart.chosen == {"x": "seconds", "y": "loss", "x_goal": "minimize", "y_goal": "minimize"}

    def test_two_metrics_and_their_goals(self) -> None:
        subject = searched(40)
        chart = make_chart(subject, "front", x="acc", x_goal="maximize")
        [on] = traces(chart, name="on the front")  # acc is 1 - loss: one trial is best in both
        assert subject.history.best is not None
        assert on["customdata"] == [subject.history.best.number]
        with pytest.raises(ConfigError, match="no completed trial measured 'speed'"):
            make_chart(subject, "front", x="speed")
        with pytest.raises(ConfigError, match="y_goal is 'max'"):
            make_chart(subject, "front", y_goal="max")


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=25),
    st.sampled_from(["minimize", "maximize"]),
)
def test_no_values_break_a_chart(values: list[float], goal: str) -> None:
    points = MIXED.sample(np.random.default_rng(0), len(values))
    some = [
        Trial(n, p, State.COMPLETED, values=(v,), metrics={"loss": v})
        for n, (p, v) in enumerate(zip(points, values, strict=True))
    ]
    subject = Subject(history_of(some, objective=Objective("loss", goal)))
    for kind in KINDS:
        json.dumps(make_chart(subject, kind).figure, allow_nan=False)


class TestForNotebooks:
    def test_a_chart_shows_itself_and_saves_itself(self, tmp_path: Path) -> None:
        opt = Optimizer({"x": Float(0, 1)}, strategy="random", seed=0)
        opt.tell(opt.ask(), 0.5)
        for kind in ("parallel", "history"):
            chart = plot(opt, kind)
            bundle = chart._repr_mimebundle_()
            assert bundle["image/png"].startswith(b"\x89PNG")
            assert chart.summary in bundle["text/plain"]
            for suffix, magic in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")):
                first, again = (chart.save(tmp_path / f"{name}.{suffix}").read_bytes() for name in ("a", "b"))
                assert first == again
                assert first.startswith(magic)
        with pytest.raises(ConfigError, match=r"a picture ends in \.png"):
            chart.save(tmp_path / "a.bmp")

    def test_tables_are_escaped_and_small(self) -> None:
        opt = Optimizer(HOSTILE, strategy="random", seed=0, metric="<script>")
        for n in range(20):
            opt.tell(opt.ask(), float(n))
        for html in (opt._repr_html_(), HOSTILE._repr_html_(), opt.history[1]._repr_html_()):
            assert "<b>" not in html
            assert "script>" not in html.replace("&lt;script&gt;", "").replace("&lt;/script&gt;", "")
            assert len(html) < 2500
        assert opt._repr_html_().count("<tr>") == 6  # the best five and the head


def test_nothing_is_drawn_with_before_something_is_drawn() -> None:
    program = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name == "matplotlib":
            raise ModuleNotFoundError(name=name)
sys.meta_path.insert(0, Absent())
from hyperopt_core import Optimizer, Float
from hyperopt_core.errors import MissingExtra
from hyperopt_core.plots import KINDS, plot
opt = Optimizer({"x": Float(0, 1)}, strategy="random", seed=0)
opt.tell(opt.ask(), 1.0)
for kind in KINDS:
    chart = plot(opt, kind)
    assert chart.summary
    try:
        chart.draw()
    except MissingExtra as error:
        assert "hyperopt-core[sweeps]" in str(error)
    else:
        raise AssertionError(kind)
assert "plotly" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)
