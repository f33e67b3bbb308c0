"""The charts of the page in a real browser: figures that Python builds, linked to the brushes and to the sweep."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from hyperopt_core.cli import main
from hyperopt_core.plots import KINDS
from hyperopt_core.storage import open_storage
from hyperopt_core.storage.protocol import Status, Storage, SweepRecord
from hyperopt_core.trial import Measurement, Origin, Outcome, State
from tests import postgresql, sweeps
from tests.browser import Browser, chromium
from tests.servers import serving, serving_here

pytestmark = [pytest.mark.slow, pytest.mark.browser]

CHARTS = [kind for kind in KINDS if kind != "parallel"]
ALL = "sweep=digits&charts=" + ",".join(CHARTS)
BLUE = (
    "const c = document.querySelector('.chart[data-kind=history] canvas'); let n = 0;"
    "const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
    "for (let i = 0; i < d.length; i += 4) n += d[i] < 90 && d[i + 1] > 80 && d[i + 1] < 140 && d[i + 2] > 110;"
    "return n"
)  # how many pixels of a chart have the colour of selected trials


def fill(storage: Storage, record: SweepRecord, count: int) -> None:
    """Trials that a model predicted; every fourth is stopped early, every tenth fails."""
    rng = np.random.default_rng(0)
    for i, params in enumerate(sweeps.SPACE.sample(rng, count)):
        claimed = storage.claim(record.id, sweeps.OWNER, cap=10**6)
        assert claimed is not None
        number, value = claimed.number, sweeps.accuracy(params)
        details = {"mean": value + 0.02 * float(rng.normal()), "sd": 0.02}
        storage.add_trial(record.id, number, claimed.attempt, params, Origin("gp", "explore", details))
        last = 3 if i % 4 == 3 else 9
        curve = [Measurement(s, {"val_acc": value - 0.3 / s}) for s in range(1, last + 1)]
        storage.add_measurements(record.id, number, claimed.attempt, curve)
        state = State.FAILED if i % 10 == 9 else State.STOPPED if i % 4 == 3 else State.COMPLETED
        known: Any = {"values": (value,), "metrics": {"val_acc": value, "loss": 1 - value}}
        failure: Any = {"error": "Traceback", "failed": True}
        outcome = Outcome(state, **(failure if state is State.FAILED else known))
        storage.finish_trial(record.id, number, claimed.attempt, outcome)


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    opened = open_storage(str(tmp_path_factory.mktemp("sweeps") / "sweeps.db"))
    fill(opened, sweeps.make_sweep(opened, "digits"), 60)
    sweeps.make_sweep(opened, "nothing")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def server(storage: Storage) -> Iterator[str]:
    with serving_here(Path(storage.url.removeprefix("sqlite:///"))) as url:
        token, _, place = url.removeprefix("http://:").partition("@")
        yield f"http://{place}/#token={token}"


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def browser(window: Browser, server: str) -> Iterator[Browser]:
    """The window, logged in; after each test nothing was amiss and nothing was asked of anybody else."""
    window.open(server)
    window.one("h1", "Sweeps")
    window.complaints(), window.requests()
    yield window
    place = server.partition("#")[0]
    assert not [url for url in window.requests() if not url.startswith((place, "data:", "blob:", "about:"))]
    assert not complaints(window)


def complaints(browser: Browser) -> list[str]:
    """What stands in the console, but for what is said of these tests' own looks at canvases."""
    return [text for text in browser.complaints() if "willReadFrequently" not in text]


def show(browser: Browser, server: str, rest: str) -> None:
    browser.open(server.partition("#")[0] + "#" + rest)
    browser.wait(lambda: "trial" in browser.text(".said").lower(), "the page")


def summary(browser: Browser, kind: str) -> str:
    """A chart's sentence; the page asks for a chart once it is in sight."""
    browser.js("document.querySelector(`.chart[data-kind=${arguments[0]}]`).scrollIntoView()", kind)
    browser.wait(lambda: browser.text(f".chart[data-kind={kind}] .summary") not in ("", "Loading …"), kind)
    return browser.text(f".chart[data-kind={kind}] .summary")


def drawn(browser: Browser, kind: str) -> int:
    """How many different colours a chart's canvas has."""
    script = (
        "const c = document.querySelector(`.chart[data-kind=${arguments[0]}] canvas`); if (!c.width) return 0;"
        "const d = new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer);"
        "return new Set(d).size"
    )
    return int(browser.js(script, kind))


def test_every_chart_is_a_click_away_and_stays_in_the_address(browser: Browser, server: str) -> None:
    show(browser, server, "sweep=digits")
    assert [e.get_attribute("data-kind") for e in browser.all(".chart")] == ["history", "curves"]
    for kind in CHARTS[2:]:
        browser.one(f"[data-chart={kind}]").click()
    browser.one("[data-chart=curves]").click()
    browser.wait(lambda: browser.driver.current_url.endswith("calibration"), "the address")
    browser.wait(lambda: "curves" not in browser.driver.current_url, "the address without curves")
    show(browser, server, browser.driver.current_url.partition("#")[2])
    wanted = [kind for kind in CHARTS if kind != "curves"]
    assert [e.get_attribute("data-kind") for e in browser.all(".chart")] == wanted
    for kind in wanted:
        assert summary(browser, kind).endswith(".")
        browser.wait(lambda kind=kind: drawn(browser, kind) > 5, f"a drawing of {kind}")


def test_nothing_to_draw_is_a_sentence(browser: Browser, server: str) -> None:
    show(browser, server, ALL.replace("digits", "nothing"))
    assert summary(browser, "history") == "No trial has ended yet."
    for kind in CHARTS:
        assert summary(browser, kind).endswith(".")
        assert not browser.one(f".chart[data-kind={kind}]").find_element("css selector", "canvas").is_displayed()


def test_what_is_not_brushed_fades(browser: Browser, server: str) -> None:
    show(browser, server, "sweep=digits&charts=history")
    summary(browser, "history")
    browser.wait(lambda: browser.js(BLUE) > 300, "the trials")
    before = browser.js(BLUE)
    browser.js("document.querySelector(`g.axis[data-key=val_acc]`).focus()")
    browser.keys(Keys.ENTER)
    browser.wait(lambda: browser.js(BLUE) < before * 0.8, "the trials outside the brush to fade")


def test_by_keyboard_a_chart_says_its_marks_and_pins_a_trial(browser: Browser, server: str) -> None:
    show(browser, server, "sweep=digits&charts=history")
    summary(browser, "history")
    browser.wait(lambda: drawn(browser, "history") > 5, "the drawing")
    browser.js("document.querySelector('.chart canvas').focus()")
    browser.keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    said = browser.text(".chart .heard")
    assert browser.one(".tip").text == said
    browser.keys(Keys.ENTER)
    assert browser.one(".card h2").text.lower() == said.partition(":")[0]
    browser.one(".chart details summary").click()
    assert len(browser.all(".chart ol li")) == 60
    browser.one(".chart button", "Save as PNG").click()
    assert browser.download("history.png").startswith(b"\x89PNG")


def seen(browser: Browser) -> list[int]:
    """The trials of the chart's marks that are in sight, by walking over them."""
    browser.js("document.querySelector('.chart canvas').focus()")
    browser.keys(Keys.ESCAPE)
    said: list[str] = []
    while len(said) < 80:
        browser.keys(Keys.ARROW_RIGHT)
        text = browser.text(".chart .heard")
        if text in said:
            break
        said.append(text)
    return sorted(int(text.partition(":")[0].removeprefix("trial ")) for text in said if text.startswith("trial"))


def test_a_drag_zooms_and_a_double_click_shows_everything_again(browser: Browser, server: str) -> None:
    show(browser, server, "sweep=digits&charts=history")
    summary(browser, "history")
    browser.wait(lambda: drawn(browser, "history") > 5, "the drawing")
    everything = seen(browser)
    assert everything == list(range(60))
    assert browser.js(
        "const c = document.querySelector('.chart'); return c.offsetWidth === c.parentElement.offsetWidth"
    )
    canvas = browser.one(".chart canvas")
    browser.drag(canvas, (-60, 0), (60, 4))
    browser.one(".chart button", "Reset zoom")
    some = seen(browser)
    assert 5 < len(some) < 40
    assert some == [n for n in everything if some[0] <= n <= some[-1]]  # a flat drag leaves the metric's range
    assert not browser.all(".card h2")  # a drag pins no trial
    ActionChains(browser.driver).double_click(canvas).perform()
    browser.wait(lambda: "Reset zoom" not in browser.one(".chart").text, "everything")
    assert seen(browser) == everything


def test_by_keyboard_a_chart_zooms_around_a_mark(browser: Browser, server: str) -> None:
    show(browser, server, "sweep=digits&charts=slices")
    summary(browser, "slices")
    browser.wait(lambda: drawn(browser, "slices") > 5, "the drawing")
    browser.js("document.querySelector('.chart canvas').focus()")
    browser.keys(Keys.ARROW_RIGHT)
    mark = browser.one(".tip").text
    browser.keys("+", "+", "+")
    assert browser.one(".tip").text == mark
    said = browser.text(".chart .heard")
    assert said.startswith("Zoomed. lr: ")
    assert "val_acc" in said
    browser.chord(Keys.SHIFT, Keys.ARROW_LEFT)
    assert browser.text(".chart .heard") != said
    browser.keys("0")
    assert browser.text(".chart .heard").startswith("Everything. lr: ")


def test_the_contour_is_of_any_two_parameters(browser: Browser, server: str) -> None:
    show(browser, server, "sweep=digits&charts=contour")
    summary(browser, "contour")
    Select(browser.one(".choices select")).select_by_value("momentum")
    browser.wait(lambda: "over momentum and" in browser.text(".chart .summary"), "another contour")
    across, upright = (Select(e).first_selected_option.text for e in browser.all(".choices select"))
    assert across == "momentum" != upright


def test_charts_follow_the_sweep(browser: Browser, server: str, storage: Storage) -> None:
    record = sweeps.make_sweep(storage, "growing")
    fill(storage, record, 3)
    show(browser, server, "sweep=growing&charts=history")
    assert summary(browser, "history").startswith("3 completed.")
    fill(storage, record, 1)
    browser.wait(lambda: browser.text(".chart .summary").startswith("4 completed."), "the new trial")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_pass_axe_in_light_and_dark(browser: Browser, server: str, scheme: str) -> None:
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    try:
        show(browser, server, ALL)
        for kind in CHARTS:
            summary(browser, kind)
        page = browser.js(
            "const c = document.querySelector('.chart canvas'); return getComputedStyle(document.body).backgroundColor"
        )
        assert (page == "rgb(255, 255, 255)") == (scheme == "light")
        passes, violations = browser.axe()
        assert passes > 20
        assert not violations
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_on_a_phone_charts_are_as_wide_as_it_is(server: str, tmp_path: Path) -> None:
    with chromium(tmp_path, 390, 844, phone=True) as phone:
        phone.open(server + "&" + ALL)
        phone.wait(lambda: "all selected" in phone.text(".said"), "the page")
        for kind in CHARTS:
            summary(phone, kind)
            phone.wait(lambda kind=kind: drawn(phone, kind) > 5, kind)
        assert phone.js("return document.documentElement.scrollWidth") <= 390
        widths = phone.js("return [...document.querySelectorAll('.chart canvas')].map((c) => c.clientWidth)")
        assert all(240 < width <= 390 for width in widths)
        assert not complaints(phone)


def test_a_report_holds_them_all(storage: Storage, tmp_path: Path) -> None:
    place = tmp_path / "digits.html"
    assert main(["report", "digits", "--storage", storage.url, "-o", str(place)]) == 0
    assert place.stat().st_size < 600_000
    with chromium(tmp_path) as browser:
        browser.open(f"{place.as_uri()}#{ALL}")
        for kind in CHARTS:
            summary(browser, kind)
            browser.wait(lambda kind=kind: drawn(browser, kind) > 5, kind)
        assert not browser.all(".choices select")  # there is nobody to ask
        assert not [url for url in browser.requests() if url.startswith("http")]
        assert not complaints(browser)


def test_over_postgresql(tmp_path: Path) -> None:
    url = postgresql.shared_server().schema_url()
    storage = open_storage(url)
    record = sweeps.make_sweep(storage, "digits")
    fill(storage, record, 40)
    with serving(url, tmp_path) as server, chromium(tmp_path) as browser:
        token = server.with_token().partition("://:")[2].partition("@")[0]
        browser.open(f"{server.url}/#token={token}&{ALL}")
        browser.wait(lambda: browser.text(".said").startswith("36 trials"), "the trials that did not fail")
        for kind in CHARTS:
            assert summary(browser, kind).endswith(".")
            browser.wait(lambda kind=kind: drawn(browser, kind) > 5, kind)
        fill(storage, record, 1)
        browser.wait(lambda: browser.text(".said").startswith("37 trials"), "the new trial")
        browser.one("[data-action=pause]").click()
        browser.one("dialog button.primary", "Pause").click()
        browser.wait(lambda: browser.text(".head .badge") == "paused", "the pause")
        assert storage.status(record.id)[0] is Status.PAUSED
        assert not complaints(browser)
    storage.close()
