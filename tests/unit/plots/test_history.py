"""The history of a sweep as a figure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hyperopt_core.analysis import history_best
from hyperopt_core.plots import history
from hyperopt_core.plots.style import house_style
from hyperopt_core.trial import State, Trial
from tests.unit.plots.pictures import MIXED, faults, group, named, trials


def test_every_ended_trial_is_a_mark_by_its_state() -> None:
    some = [*trials(MIXED, 40), Trial(40, state=State.CANCELLED), Trial(41)]
    figure = history(some, metric="loss")
    for state in (State.COMPLETED, State.STOPPED, State.FAILED, State.CANCELLED):
        assert group(figure, str(state)).get_offsets()[:, 0].tolist() == [t.number for t in some if t.state is state]
    assert group(figure, str(State.RUNNING)) is None


def test_the_line_is_the_best_value_so_far() -> None:
    some = trials(MIXED, 40)
    for goal in ("minimize", "maximize"):
        [line] = [line for line in history(some, metric="loss", goal=goal).axes[0].lines if line.get_gid() == "best"]
        assert np.asarray(line.get_ydata()).tolist() == history_best(some, goal)


def test_outliers_are_clipped_and_told() -> None:
    some = trials(MIXED, 30)
    some[0] = replace(some[0], values=(1e6,), metrics={"loss": 1e6})
    figure = history(some, metric="loss", title="Outlier")
    assert figure.axes[0].get_ylim()[1] < 2
    assert named(figure, "clipped") == ["1 clipped at the upper edge, the worst is 10⁶"]
    with house_style():
        assert faults(figure) == []


def test_without_a_result_it_says_so() -> None:
    for some in ([], [Trial(0)]):
        assert named(history(some, metric="loss"), "") == ["No finished trial yet"]
