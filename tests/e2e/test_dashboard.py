"""The page in a real browser: what people do with it, and what it must never do."""

from __future__ import annotations

import csv
import io
import json
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from selenium.webdriver.common.keys import Keys

from hyperopt_core import Float, SearchSpace
from hyperopt_core.cli.opening import open_database
from hyperopt_core.storage import Status, open_storage
from hyperopt_core.storage.protocol import Storage
from hyperopt_core.storage.sql.tokens import Tokens
from hyperopt_core.sweep import Run, Sweep
from tests import sweeps
from tests.browser import Browser, chromium
from tests.servers import serving, serving_here

pytestmark = [pytest.mark.slow, pytest.mark.browser]

WHICH = "return d?.key ?? d?.name ?? d?.action ?? textContent"  # of what has the keyboard's focus
HOSTILE = "</script><img src=x onerror=alert(1)> \"' & ../x"


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    opened = open_storage(str(tmp_path_factory.mktemp("sweeps") / "sweeps.db"))
    sweeps.fill(opened, sweeps.make_sweep(opened, "digits", trials=60), 60)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def server(storage: Storage) -> Iterator[str]:
    """The server's address with a token for the page in it."""
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
    strangers = [url for url in window.requests() if not url.startswith((place, "data:", "blob:", "about:"))]
    assert not strangers
    assert not window.complaints()


def show(browser: Browser, server: str, rest: str) -> None:
    """Open a sweep's page by its address."""
    browser.open(server.partition("#")[0] + "#" + rest)
    browser.wait(lambda: "trial" in browser.text(".said").lower(), "the sweep's page")


def names(browser: Browser) -> list[str]:
    return [
        str(name) for name in browser.js("return [...document.querySelectorAll('.axis-name')].map(n => n.dataset.name)")
    ]


def axis(browser: Browser, name: str) -> None:
    """Put the keyboard on an axis."""
    browser.js("document.querySelector(`g.axis[data-key='${arguments[0]}']`).focus()", name)


def selected(browser: Browser) -> list[int]:
    return sorted(
        int(text) for text in browser.js("return [...document.querySelectorAll('tbody th')].map(t => t.textContent)")
    )


def test_the_list_shows_each_sweep_and_leads_to_its_page(browser: Browser) -> None:
    row = browser.one("tbody tr", "digits")
    assert "running" in row.text
    assert "60 of 60" in row.text
    browser.one("tbody a", "digits").click()
    browser.wait(lambda: browser.text(".said") == "59 trials, all selected", "the selection")  # one failed
    assert "token" not in browser.driver.current_url


def test_brushes_on_two_axes_and_the_metric_survive_a_reload(browser: Browser, server: str, storage: Storage) -> None:
    show(browser, server, "sweep=digits")
    zone = browser.one("g.axis[data-key='lr'] .zone")
    browser.drag(zone, (0, -60), (0, 60))  # by the pointer
    browser.wait(lambda: len(browser.all(".chip")) == 1, "the brush")
    axis(browser, "layers")  # by the keyboard: the upper quarter, one step down, the lower end further down
    browser.keys(Keys.ENTER, Keys.ARROW_DOWN)
    browser.chord(Keys.ALT, Keys.PAGE_DOWN)
    browser.one(".axis-name[data-name='val_acc']").click()  # by typing: show only accuracy > 92 %
    field = browser.one(".menu input")
    field.send_keys("0.92", Keys.TAB)
    browser.wait(lambda: len(browser.all(".chip")) == 3, "three brushes")
    browser.keys(Keys.ESCAPE)
    browser.drag(browser.one(".axis-name[data-name='layers']"), (0, 0), (-800, 0))  # to the front
    browser.wait(lambda: names(browser)[0] == "layers", "the new order")
    said, order, numbers = browser.text(".said"), names(browser), selected(browser)
    browser.wait(lambda: "axis=layers" in browser.driver.current_url, "the address")

    brushes = dict(text.split(":") for text in parse_qs(urlsplit(browser.driver.current_url).fragment)["brush"])
    assert brushes.keys() == {"lr", "layers", "val_acc"}
    assert (brushes["layers"], brushes["val_acc"]) == ("..7.5", "0.92..")
    low, high = map(float, brushes["lr"].split(".."))
    wanted = [
        t.number
        for t in storage.changes(1, 0).trials
        if t.value is not None and t.value >= 0.92 and low <= t.params["lr"] <= high and t.params["layers"] <= 7
    ]
    assert numbers == sorted(wanted) != []
    assert said.startswith(f"{len(wanted)} of 59 trials")

    show(browser, server, browser.driver.current_url.partition("#")[2])
    browser.wait(lambda: browser.text(".said") == said, said)
    assert names(browser) == order
    assert selected(browser) == numbers


def test_several_ranges_an_axis_categories_and_inactive_parameters(
    browser: Browser, server: str, storage: Storage
) -> None:
    show(browser, server, "sweep=digits&brush=momentum:unset,0.5..&brush=lr:..0.001,0.01..&brush=optimizer:1.5..")
    wanted = [
        t.number
        for t in storage.changes(1, 0).trials
        if t.number != 1
        and t.params.get("momentum", 1.0) >= 0.5
        and not 0.001 < t.params["lr"] < 0.01
        and t.params["optimizer"] == "rmsprop"
    ]
    assert selected(browser) == sorted(wanted) != []


def test_flip_log_hide_and_colours_stay_in_the_address(browser: Browser, server: str) -> None:
    show(browser, server, "sweep=digits")
    for label in ("Flip", "Logarithmic"):
        browser.one(".axis-name[data-name='lr']").click()
        browser.one(".menu .item", label).click()
    browser.one(".axis-name[data-name='optimizer']").click()
    browser.one(".menu .item", "Hide axis").click()
    browser.one("select[aria-label='Colours']").send_keys("cividis")
    browser.wait(lambda: "colours=cividis" in browser.driver.current_url, "the address")
    address = browser.driver.current_url
    assert "flip=lr" in address
    assert "linear=lr" in address
    assert "axis=optimizer" not in address
    show(browser, server, address.partition("#")[2])
    assert names(browser) == ["lr", "momentum", "layers", "val_acc"]
    assert "log" not in browser.one(".axis-name[data-name='lr']").text


def test_what_is_brushed_is_searched_by_a_new_sweep(browser: Browser, server: str, storage: Storage) -> None:
    show(browser, server, "sweep=digits&brush=lr:0.003..0.03&brush=val_acc:0.9..")
    browser.one("[data-action=search]").click()
    browser.one("dialog button.primary", "Begin").click()
    browser.one("h1", "digits-here")
    browser.wait(lambda: "all selected" in browser.text(".said"), "the trials that it knows")
    record = storage.get_sweep("digits-here")
    assert record.spec["parameters"]["lr"] == {"distribution": "log_uniform_values", "min": 0.003, "max": 0.03}
    known = [t for t in storage.changes(record.id, 0).trials if t.value is not None]
    assert len(known) == record.spec["run_cap"] - 30 > 0
    browser.one("[data-action=budget]").click()
    field = browser.one("dialog input")
    field.clear()
    field.send_keys("500", Keys.ENTER)
    browser.wait(lambda: "of 500" in browser.text(".facts"), "the new budget")


def test_what_is_selected_is_exported(browser: Browser, server: str) -> None:
    show(browser, server, "sweep=digits&brush=val_acc:0.9..")
    numbers = selected(browser)
    for label in ("CSV", "JSON", "PNG", "SVG"):
        browser.one("details[data-key=export] summary").click()
        browser.one(".menu .item", label).click()
    rows = list(csv.DictReader(io.StringIO(browser.download("digits.csv").decode())))
    assert sorted(int(row["number"]) for row in rows) == numbers != []
    assert all(float(row["val_acc"]) >= 0.9 and row["optimizer"] in ("adam", "sgd", "rmsprop") for row in rows)
    objects = json.loads(browser.download("digits.json"))
    assert [row["number"] for row in objects] == numbers
    assert {row["momentum"] is None for row in objects if row["optimizer"] != "sgd"} == {True}
    assert browser.download("digits.png").startswith(b"\x89PNG")
    picture = ElementTree.fromstring(browser.download("digits.svg"))
    assert picture.tag.endswith("svg")
    assert "lr" in [element.text for element in picture.iter() if element.tag.endswith("text")]


def test_a_trial_is_pinned_with_its_error_and_its_reasons(browser: Browser, server: str) -> None:
    show(browser, server, "sweep=digits&trial=1")
    browser.wait(lambda: "<b>RuntimeError</b>: out of memory" in browser.text(".card pre"), "the traceback")
    browser.one("[data-tab=stops]").click()
    assert "worse than others at step 1" in browser.text(".panel_")
    browser.one("[data-tab=failures]").click()
    browser.one(".panel_ summary").click()
    browser.wait(lambda: "Traceback" in browser.text(".panel_ pre"), "the traceback")
    browser.one("[data-tab=origins]").click()
    assert "drawn at random" in browser.text(".panel_")


def test_a_running_sweep_is_seen_live_paused_resumed_and_given_a_configuration(
    browser: Browser, server: str, storage: Storage
) -> None:
    path = storage.url
    steps = threading.Event()

    def objective(run: Run) -> float:
        for step in range(1, 6):
            time.sleep(0.05)
            run.report(val_acc=run.params["x"] * step / 5, step=step)
        steps.set()
        return float(run.params["x"])

    config = {
        "method": "random",
        "metric": {"name": "val_acc", "goal": "maximize"},
        "parameters": {"x": {"min": 0.0, "max": 1.0}},
    }
    with Sweep.create(config | {"name": "live", "run_cap": 500}, path) as sweep:
        agent = threading.Thread(target=sweep.run, args=(objective,))
        agent.start()
        try:
            steps.wait(30)
            show(browser, server, "sweep=live")
            browser.js("window.mark = 1")
            before = browser.text(".said")
            browser.wait(lambda: browser.text(".said") != before, "live trials")
            browser.one("[data-action=pause]").click()
            browser.one("dialog button.primary", "Pause").click()
            browser.wait(lambda: browser.text(".head .badge") == "paused", "the pause")
            assert sweep.status is Status.PAUSED
            browser.one("[data-action=enqueue]").click()
            field = browser.one("dialog input")
            field.clear()
            field.send_keys("7", Keys.ENTER)  # outside the space
            browser.wait(lambda: "outside" in browser.text("dialog .fault"), "the refusal")
            field.clear()
            field.send_keys("0.5", Keys.ENTER)
            browser.wait(lambda: not browser.all("dialog"), "the dialog to go")
            browser.one("[data-action=resume]").click()
            browser.one("dialog button.primary", "Resume").click()
            browser.wait(lambda: browser.text(".head .badge") == "running", "the sweep to go on")
            browser.wait(
                lambda: any(t.params.get("x") == 0.5 and t.state.ended for t in sweep.trials), "the configuration"
            )
            browser.one("[data-action=cancel]").click()
            browser.one("dialog button", "Keep as it is").click()
            browser.one("[data-action=stop]").click()
            browser.one("dialog button.primary", "Stop").click()
            browser.wait(lambda: browser.text(".head .badge") == "stopped", "the end")
            assert browser.js("return window.mark") == 1  # all without a reload
        finally:
            sweep.stop()
            agent.join()
    ended = [text for text in browser.complaints() if "422" not in text]  # the refused configuration
    assert not ended


def test_the_stream_goes_on_where_it_broke(window: Browser, storage: Storage, tmp_path: Path) -> None:
    record = sweeps.make_sweep(storage, "stream")
    sweeps.complete(storage, record, sweeps.begin(storage, record, {"lr": 0.01, "optimizer": "adam", "layers": 4}), 0.5)
    with serving(storage.url, tmp_path) as server:
        token = server.with_token().partition("://:")[2].partition("@")[0]
        window.open(f"{server.url}/#token={token}&sweep=stream")
        window.wait(lambda: window.text(".said").startswith("1 trial"), "the first trial")
        started = time.monotonic()
        server.kill(signal.SIGTERM)
        assert time.monotonic() - started < 4  # an open stream does not hold it up
        window.wait(lambda: "connection lost" in window.text(".head"), "the break")
        sweeps.complete(
            storage, record, sweeps.begin(storage, record, {"lr": 0.02, "optimizer": "adam", "layers": 5}), 0.6
        )
        server.start()
        window.wait(lambda: window.text(".said").startswith("2 trials"), "what happened meanwhile")
        window.wait(lambda: "live" in window.text(".head .live"), "the stream")
        server.kill(signal.SIGTERM)
        tokens = open_database(storage.url)
        for known in Tokens(tokens.database).list():
            Tokens(tokens.database).revoke(known.name)
        tokens.close()
        server.start()
        window.one("h1", "A token is needed")  # nobody waits for what does not come back
    assert all("ERR_CONNECTION" in text or "INCOMPLETE" in text or "401" in text for text in window.complaints())


def test_hostile_names_are_text_and_inline_scripts_do_not_run(browser: Browser, server: str, storage: Storage) -> None:
    space = SearchSpace({HOSTILE: Float(0, 1)})
    record = sweeps.make_sweep(storage, HOSTILE, space=space)
    sweeps.complete(storage, record, sweeps.begin(storage, record, {HOSTILE: 0.5}), 0.5)
    browser.one("tbody a", "</script>").click()
    browser.one("h1", HOSTILE)
    assert not browser.all("main img")
    assert not browser.complaints()
    browser.js(
        "const b = document.createElement('button'); b.id = 'bad'; b.textContent = 'bad';"
        "b.setAttribute('onclick', 'window.ran = 1'); document.querySelector('main').prepend(b)"
    )
    browser.one("#bad").click()
    assert browser.js("return window.ran ?? 0") == 0
    assert any("Content Security Policy" in text for text in browser.complaints())


def test_without_a_token_nothing_is_shown(window: Browser, server: str) -> None:
    place, _, token = server.partition("#token=")
    window.driver.delete_all_cookies()
    window.open(place)
    field = window.one("input[name=token]")
    assert "digits" not in window.text("main")
    field.send_keys("wrong", Keys.ENTER)
    window.wait(lambda: "does not know this token" in window.text(".fault"), "the refusal")
    window.one("input[name=token]").send_keys(token, Keys.ENTER)
    window.one("tbody a", "digits")
    assert window.js("return document.cookie") == ""  # no script can read it
    cookie = window.driver.get_cookies()[0]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    window.complaints()


def test_the_keyboard_reaches_everything(browser: Browser, server: str) -> None:
    show(browser, server, "sweep=digits")
    reached: set[str] = set()
    for _ in range(60):
        browser.keys(Keys.TAB)
        reached.add(str(browser.js("const { dataset: d, textContent } = document.activeElement; " + WHICH)))
    assert {
        "lr",
        "optimizer",
        "momentum",
        "layers",
        "val_acc",
        "pause",
        "stop",
        "cancel",
        "enqueue",
        "Sweeps",
    } <= reached


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_names_and_roles_pass_axe(browser: Browser, server: str, scheme: str) -> None:
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    try:
        for address in ("", "sweep=digits&trial=1&brush=val_acc:0.9.."):
            browser.open(server.partition("#")[0] + "#" + address)
            browser.wait(lambda: "digits" in browser.text("main"), "the page")
            tabs = browser.all("[role=tab]")
            for i in range(max(len(tabs), 1)):
                if tabs:
                    browser.all("[role=tab]")[i].click()
                passes, violations = browser.axe()
                assert passes > 20
                assert not violations
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_on_a_phone(server: str, tmp_path: Path) -> None:
    with chromium(tmp_path, 390, 844, phone=True) as phone:
        phone.open(server + "&sweep=digits")
        phone.wait(lambda: "all selected" in phone.text(".said"), "the page")
        assert (
            phone.js("return document.documentElement.scrollWidth") <= 390
        )  # only the plot and tables scroll sideways
        zone = phone.one("g.axis[data-key='lr'] .zone").rect
        box = (zone["x"] + zone["width"] / 2, zone["y"] + zone["height"] / 2)

        def touch(kind: str, y: float) -> None:
            points = [] if kind == "touchEnd" else [{"x": box[0], "y": y}]
            phone.driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        touch("touchStart", box[1] - 40)
        for dy in (-20, 0, 20, 40):
            touch("touchMove", box[1] + dy)
        touch("touchEnd", 0)
        phone.wait(lambda: len(phone.all(".chip")) == 1, "the brush of a finger")
        assert not phone.complaints()
