"""A real browser for tests: Debian's chromium, headless, with what it asked for and complained about on record."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


class Browser:
    """One window."""

    def __init__(self, driver: webdriver.Chrome, downloads: Path) -> None:
        self.driver, self.downloads = driver, downloads

    def open(self, url: str) -> None:
        """Load a page anew, even where only what stands after # differs."""
        self.driver.get("about:blank")
        self.driver.get(url)

    def js(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str, text: str = "") -> WebElement:
        """The first visible element with `text` in it; waits for it."""

        def found() -> WebElement | None:
            return next((e for e in self.all(selector) if e.is_displayed() and text in e.text), None)

        self.wait(lambda: found() is not None, f"{selector} with {text!r}")
        element = found()
        assert element is not None
        return element

    def text(self, selector: str) -> str:
        return str(self.js("return document.querySelector(arguments[0])?.textContent ?? ''", selector))

    def wait(self, condition: Any, what: str = "", seconds: float = 30.0) -> None:
        """Until `condition()` holds; an element that went away meanwhile counts as not yet."""
        from selenium.common.exceptions import StaleElementReferenceException

        deadline = time.monotonic() + seconds
        while True:
            try:
                if condition():
                    return
            except StaleElementReferenceException:
                pass
            assert time.monotonic() < deadline, (
                f"waited in vain for {what or condition}; page: {self.text('main')[:500]}"
            )
            time.sleep(0.05)

    def drag(self, element: WebElement, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Press at `start` from the middle of an element, move to `end`, and let go."""
        actions = ActionChains(self.driver, duration=20).move_to_element_with_offset(element, *start).click_and_hold()
        steps = 4
        dx, dy = (end[0] - start[0]) / steps, (end[1] - start[1]) / steps
        for i in range(1, steps + 1):
            actions.move_by_offset(round(dx * i) - round(dx * (i - 1)), round(dy * i) - round(dy * (i - 1)))
        actions.release().perform()

    def keys(self, *keys: str) -> None:
        ActionChains(self.driver).send_keys(*keys).perform()

    def chord(self, held: str, key: str) -> None:
        """Press a key while another is held down."""
        ActionChains(self.driver).key_down(held).send_keys(key).key_up(held).perform()

    def download(self, name: str) -> bytes:
        """A file that the page had the browser save."""
        path = self.downloads / name
        self.wait(path.exists, name)
        self.wait(lambda: path.stat().st_size > 0, name)
        return path.read_bytes()

    def axe(self) -> tuple[int, list[str]]:
        """How many rules of accessibility the page passes, and what is wrong by the others."""
        self.js((files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8"))
        words = "v.nodes.map((n) => `${v.id}: ${n.html} ${n.failureSummary}`)"
        found = f"[r.passes.length, r.violations.flatMap((v) => {words})]"
        passed, wrong = self.driver.execute_async_script(f"axe.run().then((r) => arguments[0]({found}))")
        return int(passed), list(wrong)

    def complaints(self) -> list[str]:
        """What stands in the console since the last time."""
        return [entry["message"] for entry in self.driver.get_log("browser")]  # type: ignore[no-untyped-call]

    def requests(self) -> list[str]:
        """The addresses asked for since the last time."""
        log = self.driver.get_log("performance")  # type: ignore[no-untyped-call]
        events = [json.loads(entry["message"])["message"] for entry in log]
        return [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]


@contextmanager
def chromium(folder: Path, width: int = 1280, height: int = 800, *, phone: bool = False) -> Iterator[Browser]:
    """A browser of one's own. Skips the test where chromium is not installed, except in CI."""
    binary, driver_path = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or driver_path is None:
        if os.environ.get("CI"):
            pytest.fail("chromium and chromedriver are needed: apt-get install chromium chromium-driver")
        pytest.skip("tests of the page need chromium and chromedriver (Debian: chromium, chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for flag in (*_FLAGS, f"--window-size={width},{height}", f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    downloads = folder / "downloads"
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(driver_path))
    try:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        if phone:
            driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
        yield Browser(driver, downloads)
    finally:
        driver.quit()
