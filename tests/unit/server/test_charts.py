"""Charts for the page: the figures of the package, made anew only where the sweep has changed."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from hyperopt_core.errors import ConfigError
from hyperopt_core.history import History
from hyperopt_core.plots import Subject, make_chart
from hyperopt_core.server.charts import ON_THE_PAGE
from hyperopt_core.server.mirror import Mirror
from hyperopt_core.storage import open_storage
from hyperopt_core.storage.protocol import Storage
from hyperopt_core.sweep import Sweep
from tests import sweeps


@pytest.fixture
def storage() -> Iterator[Storage]:
    opened = open_storage("memory://")
    sweeps.fill(opened, sweeps.make_sweep(opened, "digits"), 30)
    yield opened
    opened.close()


@pytest.mark.parametrize("kind", ON_THE_PAGE)
def test_the_page_has_the_figures_of_notebooks(storage: Storage, kind: str) -> None:
    shown = Mirror(storage).named("digits").chart(kind, {})
    json.dumps(shown, allow_nan=False)
    with Sweep.open("digits", storage) as sweep:
        chart = sweep.plot(kind)
    assert (shown["figure"], shown["summary"], shown["chosen"]) == (chart.figure, chart.summary, chart.chosen)


def test_a_chart_is_made_once_for_each_state_of_the_sweep(storage: Storage) -> None:
    mirror = Mirror(storage).named("digits")
    first = mirror.chart("interactions", {})
    assert mirror.chart("interactions", {})["figure"] is first["figure"]
    record = storage.get_sweep("digits")
    params = {"lr": 0.01, "optimizer": "adam", "layers": 4}
    sweeps.complete(storage, record, sweeps.begin(storage, record, params), 0.97)
    again = mirror.chart("interactions", {})
    assert again["seq"] > first["seq"]
    assert again["figure"] is not first["figure"]
    assert mirror.chart("history", {})["figure"]["data"][-1]["x"][-1] == 30  # the best line reaches the new trial


def test_options_are_those_of_the_kind(storage: Storage) -> None:
    mirror = Mirror(storage).named("digits")
    assert mirror.chart("contour", {"x": "momentum"})["chosen"]["x"] == "momentum"
    for kind, options in (("nonsense", {}), ("contour", {"x": "nonsense"}), ("history", {"colour": "red"})):
        with pytest.raises(ConfigError, match=r"nonsense|colour"):
            mirror.chart(kind, options)


def test_a_retried_trials_old_curve_does_not_count(storage: Storage) -> None:
    with Sweep.open("digits", storage) as sweep:
        sweep.retry(1)
        trial = sweep.ask()
        sweep.report(trial, 1, 0.5)
        shown = Mirror(storage).named("digits").chart("curves", {})
        wanted = make_chart(Subject(sweep.history), "curves")
        assert isinstance(sweep.history, History)
    assert shown["figure"] == wanted.figure
