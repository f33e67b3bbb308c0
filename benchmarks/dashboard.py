"""How fast the dashboard draws and brushes many trials, in headless chromium without a GPU.

    python -m benchmarks.dashboard                  # 10,000 trials x 8 axes; some minutes, most to make the trials
    python -m benchmarks.dashboard --trials 1000

Prints the time from asking for the page to its first lines and to all of them, and from a step of a brush to the next
frame and to all selected lines.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from hyperopt_core.space import Categorical, Float, Int, SearchSpace
from hyperopt_core.storage import open_storage
from hyperopt_core.trial import Outcome, State
from tests import sweeps
from tests.browser import Browser, chromium
from tests.servers import serving_here

SPACE = SearchSpace(
    {
        "learning_rate": Float(1e-5, 1e-1, log=True),
        "batch_size": Categorical([16, 32, 64, 128, 256]),
        "optimizer": Categorical(["adam", "sgd", "rmsprop"]),
        "momentum": Float(0.0, 0.99, when={"optimizer": ["sgd"]}),
        "layers": Int(1, 8),
        "dropout": Float(0.0, 0.6),
        "width": Int(16, 1024, log=True),
    }
)  # the eighth axis is the metric's

#: Notes when lines come onto the canvas of what is selected.
_WATCH = """
for (const name of ["stroke", "putImageData"]) {
  const draw = CanvasRenderingContext2D.prototype[name];
  CanvasRenderingContext2D.prototype[name] = function (...given) {
    draw.apply(this, given);
    if (this.canvas.className !== "front") return;
    globalThis.firstDrawn ??= performance.now();
    globalThis.lastDrawn = performance.now();
  };
}
"""
_BRUSH = """
const done = arguments[0];
const axis = [...document.querySelectorAll("g.axis")].at(-1);
const box = axis.querySelector(".zone").getBoundingClientRect();
const at = (type, y) => new PointerEvent(type, { clientX: box.left + box.width / 2, clientY: y, bubbles: true });
const out = [];
(async () => {
  axis.dispatchEvent(at("pointerdown", box.top + 15));
  for (let i = 1; i <= 15; i += 1) {
    const begun = performance.now();
    dispatchEvent(at("pointermove", box.top + 15 + i * 20));
    await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
    const frame = performance.now() - begun;
    await new Promise((go) => setTimeout(go, 700));
    out.push([frame, lastDrawn - begun]);
  }
  dispatchEvent(at("pointerup", box.top + 315));
  done(out);
})();
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=10_000)
    trials = parser.parse_args().trials
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder / "sweeps.db", trials)
        with serving_here(folder / "sweeps.db") as url, chromium(folder) as browser:
            measure(browser, url)


def make(path: Path, trials: int) -> None:
    storage, rng = open_storage(str(path)), np.random.default_rng(0)
    sweep = sweeps.make_sweep(storage, "many", space=SPACE, trials=trials)
    for params in SPACE.sample(rng, trials):
        value = 0.97 - abs(np.log10(params["learning_rate"]) + 2.5) / 8 - params["dropout"] / 5 + rng.normal(0, 0.01)
        trial = sweeps.begin(storage, sweep, params)
        outcome = Outcome(State.COMPLETED, (float(value),), {"val_acc": float(value)})
        storage.finish_trial(sweep.id, trial.number, trial.attempt, outcome)
    storage.close()


def measure(browser: Browser, url: str) -> None:
    token, _, place = url.removeprefix("http://:").partition("@")
    browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _WATCH})
    browser.driver.set_script_timeout(120)
    browser.open(f"http://{place}/#token={token}")
    browser.one("h1", "Sweeps")
    first, last = [], []
    for _ in range(5):
        browser.open(f"http://{place}/#sweep=many")
        time.sleep(4)
        first.append(browser.js("return firstDrawn"))
        last.append(browser.js("return lastDrawn"))
    frames, whole = zip(*browser.driver.execute_async_script(_BRUSH), strict=True)
    for what, times in (("first lines", first), ("all lines", last), ("brush: a frame", frames), ("brush: all", whole)):
        print(f"{what:15} median {median(times):5.0f} ms, most {max(times):5.0f} ms")


if __name__ == "__main__":
    main()
