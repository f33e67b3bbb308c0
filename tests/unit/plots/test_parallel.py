"""Parallel coordinates: what is drawn, where, in which colour and order, and that no text meets another."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex

from hyperopt_core.errors import ConfigError
from hyperopt_core.plots.palette import ACCENT, FAINT
from hyperopt_core.plots.parallel import parallel_coordinates
from hyperopt_core.plots.style import house_style, save
from hyperopt_core.space import Categorical, Constant, Float, Int, SearchSpace
from hyperopt_core.trial import State, Trial
from tests.unit.plots.pictures import MIXED, WIDE, courses, faults, group, named, trials

KINDS = SearchSpace({"x": Float(-1, 1), "kind": Categorical([f"category number {i} of many" for i in range(30)])})
LONG = "validation/mean_absolute_percentage_error_of_the_ensemble (%)"


def draw(some: list[Trial], space: SearchSpace = MIXED, **more: Any) -> Any:
    return parallel_coordinates(some, space, **{"metric": "loss"} | more)


def heights(figure: Any, axis: int) -> np.ndarray:
    """The height of each line in colour on an axis, in drawing order, in points."""
    return courses(figure, "trials")[:, axis, 1]


def reach(figure: Any, axis: int) -> tuple[float, float]:
    """The heights of the ends of an axis."""
    low, high = group(figure, f"axis:{axis}").get_paths()[0].vertices[:, 1]
    return low, high


class TestLines:
    def test_there_is_one_for_each_trial_with_a_value(self) -> None:
        figure = draw(trials(MIXED, 40))
        assert len(courses(figure, "trials")) == 36
        assert len(courses(figure, "incumbent")) == 1
        assert len(courses(figure, "excluded")) == 0

    def test_the_notes_say_what_is_left_out(self) -> None:
        some = [*trials(MIXED, 20), Trial(20), Trial(21, state=State.RUNNING), Trial(22, state=State.WAITING)]
        some.append(Trial(23, MIXED.sample(np.random.default_rng(0))[0], State.COMPLETED, values=(math.nan,)))
        [notes] = named(draw(some), "notes")
        for part in ("18 trials", "stopped early", "2 running", "2 failed", "1 waiting", "1 without a finite loss"):
            assert part in notes

    @pytest.mark.parametrize("goal", ["minimize", "maximize"])
    def test_the_better_the_higher_the_later_and_the_darker(self, goal: str) -> None:
        some = [replace(t, state=State.COMPLETED) for t in trials(MIXED, 30) if t.value is not None]
        figure = draw(some, goal=goal)
        assert (np.diff(heights(figure, -1)) >= 0).all()
        found = group(figure, "trials")
        rgba = found.get_edgecolors()
        brightness = rgba[:, :3] @ [0.299, 0.587, 0.114]
        assert (np.diff(brightness) < 0.02).all()
        assert brightness[0] - brightness[-1] > 0.4
        assert rgba[-1, 3] == rgba[:, 3].max() > rgba[0, 3]
        widths = found.get_linewidths()
        assert widths[-1] > widths[0]

    def test_many_lines_are_fainter_than_few(self) -> None:
        alphas = []
        for n in (5, 20, 500):
            found = group(draw(trials(MIXED, n)), "trials")
            alphas.append(found.get_edgecolors()[0, 3])
        assert alphas[0] >= alphas[1] > 2 * alphas[2]

    def test_trials_stopped_early_are_dashed(self) -> None:
        some = trials(MIXED, 20)
        found = group(draw(some), "trials")
        dashed = [style[1] is not None for style in found.get_linestyles()]
        assert sum(dashed) == sum(t.state is State.STOPPED for t in some)

    def test_lines_of_one_category_are_apart_and_inside_its_cell(self) -> None:
        figure = draw([t for t in trials(MIXED, 60) if t.params["optimizer"] == "adam"], axes=["optimizer"])
        starts = np.sort(heights(figure, 0))
        assert (np.diff(starts) > 0.1).all()
        bottom, top = reach(figure, 0)
        assert starts.min() > (bottom + top) / 2  # the first of two categories has the upper half
        assert starts.max() < top


class TestIncumbent:
    def test_it_is_the_best_completed_trial_on_top_of_all(self) -> None:
        some = trials(MIXED, 30)
        some[3] = replace(some[3], values=(0.0,), metrics={"loss": 0.0})  # stopped early
        best = min((t for t in some if t.state is State.COMPLETED), key=lambda t: t.value or 0.0)
        figure = draw(some)
        [key] = named(figure, "key")
        assert f"trial {best.number}, loss 0." in key
        line = group(figure, "incumbent")
        assert line.get_zorder() > max(c.get_zorder() for c in figure.axes[0].collections if c.get_gid() == "trials")
        assert to_hex(line.get_edgecolors()[0]) == ACCENT

    def test_its_values_stand_at_the_axes(self) -> None:
        params = {"lr": 0.00123, "optimizer": "adam", "layers": 3, "units": 100}
        figure = draw([Trial(0, params, State.COMPLETED, values=(0.25,))])
        assert named(figure, "tag") == ["0.00123", "3", "100", "0.25"]
        marked = [t.get_text() for t in figure.axes[0].texts if t.get_color() == ACCENT and t.get_gid() != "key"]
        assert marked == ["adam"]

    def test_among_too_many_categories_to_label_its_own_is_told(self) -> None:
        space = SearchSpace({"k": Categorical([f"k{i}" for i in range(100)])})
        assert named(draw([Trial(0, {"k": "k50"}, State.COMPLETED, values=(1.0,))], space), "tag") == ["k50", "1"]


class TestAxes:
    def test_constants_are_left_out(self) -> None:
        assert named(draw(trials(MIXED, 5)), "name") == ["lr", "optimizer", "momentum", "layers", "units", "loss"]

    def test_ticks_suit_the_kind(self) -> None:
        figure = draw([t for t in trials(MIXED, 30) if t.number])
        assert named(figure, "tick:0") == ["10⁻⁵", "10⁻⁴", "0.001", "0.01", "0.1"]
        assert named(figure, "tick:1") == ["sgd", "adam"]  # from the bottom: it reads downwards
        assert named(figure, "tick:3") == ["1", "2", "3", "4"]
        assert named(figure, "tick:4") == ["16", "32", "64", "128", "256"]

    def test_numbers_as_choices_ascend(self) -> None:
        space = SearchSpace({"batch": Categorical([128, 32, 64])})
        assert named(draw(trials(space, 5), space), "tick:0") == ["32", "64", "128"]

    def test_decades_are_evenly_apart(self) -> None:
        figure = draw(trials(MIXED, 5))
        places = [t.get_position()[1] for t in figure.axes[0].texts if (t.get_gid() or "").startswith("tick:0")]
        assert np.allclose(np.diff(places), places[1] - places[0])

    def test_parameters_that_are_not_set_run_through_a_lane_below(self) -> None:
        some = trials(MIXED, 30)
        figure = draw(some, axes=["momentum"])
        assert named(figure, "lane-label") == ["not set"]
        below = heights(figure, 0) < reach(figure, 0)[0] - 5
        assert below.sum() == sum("momentum" not in t.params for t in some if t.value is not None) > 0

    def test_there_is_no_lane_where_all_are_set(self) -> None:
        assert named(draw(trials(MIXED, 30), axes=["lr", "units"]), "lane-label") == []

    def test_axes_come_in_the_order_asked_for_and_may_be_metrics(self) -> None:
        assert named(draw(trials(MIXED, 9), axes=["units", "acc", "lr"]), "name") == ["units", "acc", "lr", "loss"]

    def test_a_minimised_metric_is_flipped_and_says_so(self) -> None:
        figure = draw(trials(MIXED, 30))
        places = [t.get_position()[1] for t in figure.axes[0].texts if (t.get_gid() or "").startswith("tick:5")]
        assert places == sorted(places, reverse=True)
        assert named(figure, "direction") == ["↑ lower is better"]
        assert "flipped" in named(figure, "notes")[0]
        assert named(draw(trials(MIXED, 30), goal="maximize"), "direction") == ["↑ higher is better"]


class TestMetric:
    def test_outliers_do_not_squash_the_rest(self) -> None:
        some = trials(MIXED, 30)
        for n in (0, 1):
            some[n] = replace(some[n], values=(10.0 ** (5 + n),), metrics={"loss": 10.0 ** (5 + n)})
        figure = draw(some)
        assert named(figure, "clipped") == ["2 clipped"]
        assert "the worst is 10⁶" in named(figure, "notes")[0]
        places = heights(figure, -1)
        assert places[0] == places[1] == reach(figure, 5)[0]
        assert np.ptp(places[3:]) > 200  # points: the others have nearly the whole axis

    def test_a_wide_range_of_losses_is_logarithmic(self) -> None:
        figure = draw(trials(MIXED, 60, lambda p, rng: float(10 ** rng.uniform(-3, 1))))
        assert "logarithmic" in named(figure, "notes")[0]
        assert {"0.01", "0.1", "1"} <= set(named(figure, "tick:5"))

    def test_equal_values_and_a_single_trial_have_one_tick(self) -> None:
        assert named(draw(trials(MIXED, 8, lambda p, rng: 0.25)), "tick:5") == ["0.25"]
        assert named(draw(trials(MIXED, 1, lambda p, rng: 0.123456789)), "tick:5") == ["0.1235"]

    def test_values_close_together_are_told_apart(self) -> None:
        labels = named(draw(trials(MIXED, 30, lambda p, rng: 1000 + 1e-4 * rng.random())), "tick:5")
        assert len(set(labels)) == len(labels) > 2

    def test_the_objective_goes_by_its_name_where_trials_were_told_without_one(self) -> None:
        some = [replace(t, metrics={"megabytes": 3.0}) for t in trials(MIXED, 5)]
        assert len(courses(draw(some, metric="val_loss"), "trials")) == 5

    def test_a_misspelt_metric_is_refused(self) -> None:
        with pytest.raises(ConfigError, match="no trial has reported 'los'; did you mean 'loss'"):
            draw(trials(MIXED, 5), metric="los")

    def test_so_are_a_misspelt_axis_and_goal(self) -> None:
        with pytest.raises(ConfigError, match=r"axes: nothing is called 'layer'; did you mean 'layers'.*units"):
            draw(trials(MIXED, 5), axes=["lr", "layer"])
        with pytest.raises(ConfigError, match="goal is 'max'"):
            draw(trials(MIXED, 5), goal="max")


class TestWhere:
    def test_the_others_are_grey_behind(self) -> None:
        some = trials(MIXED, 50)
        figure = draw(some, where="acc > 0.5 and layers >= 2")
        shown = [t for t in some if t.metrics.get("acc", 0) > 0.5 and t.params["layers"] >= 2]
        assert len(courses(figure, "trials")) == len(shown) > 3
        assert len(courses(figure, "excluded")) == 45 - len(shown)
        grey, colour = group(figure, "excluded"), group(figure, "trials")
        assert {to_hex(c) for c in grey.get_edgecolors()} == {FAINT}
        assert grey.get_zorder() < colour.get_zorder()
        assert f"{45 - len(shown)} outside acc > 0.5 and layers >= 2" in named(figure, "notes")[0]

    def test_where_none_matches_the_figure_says_so(self) -> None:
        figure = draw(trials(MIXED, 20), where="acc > 2")
        assert named(figure, "message") == ["None of 18 trials meets acc > 2"]
        assert len(courses(figure, "excluded")) == 18


@pytest.mark.parametrize(
    ("some", "message"),
    [
        ([], "No trial yet"),
        ([Trial(0), Trial(1, state=State.FAILED)], "No finished trial yet"),
        ([Trial(0, {"lr": 0.1}, State.COMPLETED, values=(math.nan,))], "No trial has a finite loss"),
    ],
)
def test_without_a_result_the_figure_says_so(some: list[Trial], message: str) -> None:
    figure = draw(some)
    assert named(figure, "message") == [message]
    assert named(figure, "name")[:2] == ["lr", "optimizer"]
    assert faults(figure) == []


@pytest.mark.parametrize(
    ("space", "n", "more"),
    [
        (MIXED, 1, {}),
        (MIXED, 5, {"title": "Five trials"}),
        (MIXED, 20, {"where": "acc > 0.5"}),
        (MIXED, 500, {"title": "x" * 300}),
        (WIDE, 20, {}),
        (WIDE, 60, {"metric": LONG, "title": "Fifteen axes"}),
        (KINDS, 40, {"metric": LONG}),
        (SearchSpace({"x": Float(-1, 1)}), 20, {}),
        (SearchSpace({"x": Float(-1, 1)}), 20, {"metric": LONG}),
        (SearchSpace({"a": Constant(1)}), 4, {}),
        (SearchSpace({"学习率": Float(0, 1), "$x^2$ & <b>": Categorical(["$\\alpha$", "\n", ""])}), 8, {}),
        (SearchSpace({f"p{i}": Int(1, 10**9) for i in range(15)}), 30, {}),
        (SearchSpace({f"p{i}": Float(1e-9, 1e9, log=True) for i in range(4)}), 30, {}),
        (SearchSpace({f"p{i}": Categorical([f"{'same beginning ' * 4}{c}" for c in "abc"]) for i in range(9)}), 30, {}),
    ],
)
def test_no_text_is_cut_off_or_meets_another(space: SearchSpace, n: int, more: dict[str, Any]) -> None:
    with house_style():
        assert faults(draw(trials(space, n, metric=more.get("metric", "loss")), space, **more)) == []


def test_shortened_labels_stay_different() -> None:
    space = SearchSpace({f"p{i}": Categorical([f"resnet_{c}_with_a_long_tail" for c in "abcd"]) for i in range(12)})
    figure = draw(trials(space, 10), space)
    for i in range(12):
        labels = named(figure, f"tick:{i}:")
        assert len(set(labels)) == len(labels) == 4


class TestSave:
    def test_the_suffix_is_the_format(self, tmp_path: Path) -> None:
        figure = draw(trials(MIXED, 5))
        begins = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF", ".PNG": b"\x89PNG"}
        for suffix, magic in begins.items():
            assert save(figure, tmp_path / f"figure{suffix}", dpi=50).read_bytes().startswith(magic)

    @pytest.mark.parametrize("name", ["figure.jpg", "figure", "figure.pngg"])
    def test_another_suffix_is_refused(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(ConfigError, match=r"ends in \.png, \.svg, \.pdf"):
            save(draw([]), tmp_path / name)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("suffix", ["svg", "pdf", "png"])
    def test_equal_figures_give_equal_files(self, tmp_path: Path, suffix: str) -> None:
        one, other = (save(draw(trials(MIXED, 20)), tmp_path / f"{n}.{suffix}", dpi=50).read_bytes() for n in "ab")
        assert one == other

    def test_letters_that_the_font_lacks_do_no_harm(self, tmp_path: Path) -> None:
        space = SearchSpace({"学习率": Float(0, 1)})
        assert save(draw(trials(space, 5), space), tmp_path / "figure.png", dpi=50).stat().st_size > 5_000

    def test_no_global_state_is_touched(self) -> None:
        code = (
            "import sys, matplotlib; before = matplotlib.rcParams.copy()\n"
            "from hyperopt_core.plots.parallel import parallel_coordinates\n"
            "from hyperopt_core.space import Float, SearchSpace\n"
            "parallel_coordinates([], SearchSpace({'x': Float(0, 1)}), metric='loss')\n"
            "assert 'matplotlib.pyplot' not in sys.modules and matplotlib.rcParams.copy() == before"
        )
        subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
