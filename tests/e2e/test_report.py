"""A report in a real browser: one file, no server, no network."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hyperopt_core import Float, SearchSpace
from hyperopt_core.cli import main
from hyperopt_core.storage import open_storage
from hyperopt_core.sweep import Sweep
from tests import sweeps
from tests.browser import Browser, chromium

pytestmark = [pytest.mark.slow, pytest.mark.browser]

HOSTILE = "</script><script>window.ran = 1</script><!-- & '"


def test_it_brushes_without_a_network(tmp_path: Path) -> None:
    storage = open_storage(str(tmp_path / "sweeps.db"))
    sweeps.fill(storage, sweeps.make_sweep(storage, "digits", trials=30), 30)
    record = sweeps.make_sweep(storage, HOSTILE, space=SearchSpace({HOSTILE: Float(0, 1)}))
    sweeps.complete(storage, record, sweeps.begin(storage, record, {HOSTILE: 0.5}), 0.5)
    storage.close()
    place = ["--storage", str(tmp_path / "sweeps.db"), "-o"]
    assert main(["report", "digits", *place, str(tmp_path / "digits.html")]) == 0
    assert main(["report", HOSTILE, *place, str(tmp_path / "hostile.html")]) == 0
    with chromium(tmp_path) as browser:
        browser.requests()
        digits = (tmp_path / "digits.html").as_uri()
        browser.open(f"{digits}#brush=val_acc:0.9..")
        browser.wait(lambda: re.fullmatch(r"\d+ of 29 trials selected", browser.text(".said")) is not None, "the page")
        assert not browser.all("[data-action]")  # there is nobody to ask
        before = browser.text(".said")
        browser.drag(browser.one("g.axis[data-key='lr'] .zone"), (0, -60), (0, 60))
        browser.wait(lambda: browser.text(".said") != before, "the brush")
        _tabs(browser)
        browser.one(".axis-name[data-name='lr']").click()
        browser.one("details[data-key=export] summary").click()
        browser.one(".menu .item", "CSV").click()
        assert browser.download("digits.csv").startswith(b"number,state,lr,")

        browser.open((tmp_path / "hostile.html").as_uri())
        browser.one("h1", "window.ran")
        assert browser.js("return window.ran ?? 0") == 0
        assert not [url for url in browser.requests() if not url.startswith(("file:", "data:", "blob:", "about:"))]
        assert not browser.complaints()


def test_a_sweep_without_a_metric_has_a_page(tmp_path: Path) -> None:
    with Sweep.create(
        {"method": "grid", "parameters": {"x": {"values": [1, 2, 3]}, "y": {"values": ["a", "b"]}}},
        tmp_path / "sweeps.db",
        "grid",
    ) as sweep:
        sweep.run(lambda run: {"acc": run.params["x"] / 4, "loss": 1.0})
    place = ["--storage", str(tmp_path / "sweeps.db"), "-o", str(tmp_path / "grid.html")]
    assert main(["report", "grid", *place]) == 0
    with chromium(tmp_path) as browser:
        browser.open((tmp_path / "grid.html").as_uri())
        browser.wait(lambda: browser.text(".said") == "6 trials, all selected", "the page")
        axes = browser.js("return [...document.querySelectorAll('.axis-name')].map(n => n.dataset.name)")
        assert axes == ["x", "y", "acc", "loss"]
        assert "Metricnone is named" in browser.text(".facts")
        assert "Best" not in browser.text(".facts")
        assert "The sweep names no metric;" in browser.text(".charts")
        browser.one("tbody th .link", "5").click()
        browser.wait(lambda: "acc0.75" in browser.text(".card dl"), "the trial")
        assert "value" not in browser.text(".card dl")
        browser.one("[data-tab=origins]").click()
        assert "Best" not in browser.text(".panel_")
        assert not browser.complaints()


def _tabs(browser: Browser) -> None:
    browser.one("[data-tab=failures]").click()
    browser.one(".panel_ summary").click()
    browser.wait(lambda: "<b>RuntimeError</b>" in browser.text(".panel_ pre"), "the traceback")
    browser.one("[data-tab=config]").click()
    assert "method: random" in browser.text(".panel_ pre")
    browser.one("[data-tab=again]").click()
    assert "hyperopt-core run sweep.yaml" in browser.text(".panel_ pre")
