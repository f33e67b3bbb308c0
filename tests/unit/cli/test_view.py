"""The live view keeps to its screen, whatever the sweep holds."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
from rich.console import Console

from hyperopt_core import Sweep
from hyperopt_core.cli.display import Display
from hyperopt_core.cli.live import view
from hyperopt_core.cli.snapshot import Snapshot
from hyperopt_core.storage.memory import MemoryStorage


def shown(sweep: Sweep, width: int, height: int, **options: str) -> list[str]:
    """The lines of the view."""
    out = io.StringIO()
    console = Console(file=out, width=width, height=height, highlight=False, markup=False)
    console.print(view(Snapshot.of(sweep), width=width, height=height, elapsed=75.0, left=12.0, **options))
    return out.getvalue().splitlines()


@pytest.fixture
def sweep() -> Iterator[Sweep]:
    """Forty trials of which every third was stopped and six run."""
    names = {"[red]x": {"values": ["\x1b[2J\x07", "\u202e"]}} | {
        f"name_{i}": {"min": 0.0, "max": 1.0} for i in range(9)
    }
    config = {
        "method": "random",
        "seed": 1,
        "run_cap": 99,
        "metric": {"name": "val[bold]loss", "goal": "minimize"},
        "early_terminate": {"type": "hyperband", "min_iter": 1},
        "parameters": names,
    }
    made = Sweep.create(config, MemoryStorage(), "a [red]name " + "that is long " * 20)
    for number in range(40):
        trial = made.ask()
        for step in range(1, 4):
            if made.report(trial, step=step, value=1 / step + number % 3) != "continue":
                break
        if number < 34:
            made.tell(trial)
    yield made
    made.close()


@pytest.mark.parametrize(("width", "height"), [(80, 24), (140, 40), (40, 15)])
def test_it_fits_its_screen(sweep: Sweep, width: int, height: int) -> None:
    lines = shown(sweep, width, height)
    assert len(lines) <= height
    assert max(map(len, lines)) <= width
    assert "\x1b" not in "".join(lines)
    assert "\u202e" not in "".join(lines)


def test_it_says_what_matters(sweep: Sweep) -> None:
    text = "\n".join(shown(sweep, 120, 40))
    assert "random + hyperband" in text
    assert "34 of 99 trials  12 s left" in text
    assert "best val[bold]loss 0.3333  trial 0" in text
    assert "early stopping saved" in text
    assert r"[red]x=\x1b[2J" in text or r"[red]x=\u202e" in text
    assert "1:15" in text
    assert "Ctrl-C" in text
    assert "finishing" in shown(sweep, 120, 40, message="finishing the trials that run")[-1]


def test_a_new_sweep_has_a_view() -> None:
    made = Sweep.create({"method": "random", "parameters": {"x": {"min": 0, "max": 9}}}, MemoryStorage(), "new")
    text = "\n".join(shown(made, 80, 24))
    assert "best value: none yet" in text
    assert "0 of 10 trials" in text


def test_what_is_logged_is_shown_once_as_a_line_of_its_own(sweep: Sweep, capfd: pytest.CaptureFixture[str]) -> None:
    log = logging.getLogger("hyperopt_core.agents.executors")
    with Display(sweep):
        log.warning("worker %d died\x1b[2J", 3)
        log.info("of no interest")
    assert capfd.readouterr().err == "worker 3 died\\x1b[2J\n"
    assert not logging.getLogger("hyperopt_core").handlers
