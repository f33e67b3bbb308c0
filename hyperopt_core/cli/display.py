"""Showing a sweep while it runs: a live view on a terminal, a line an event elsewhere, JSON lines for programs."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from hyperopt_core.cli.events import Event, Watch
from hyperopt_core.cli.printing import console, say, say_json
from hyperopt_core.cli.snapshot import Pace, Snapshot
from hyperopt_core.cli.text import safe
from hyperopt_core.errors import StorageError

if TYPE_CHECKING:
    from hyperopt_core.sweep import Sweep

_INTERVAL = 0.25  # seconds between looks, more where a look takes long
_LOGGER = logging.getLogger("hyperopt_core")
_SHARE = 0.2  # of the time at most is spent on looking


class Screen(Protocol):
    """Where news go."""

    def show(self, events: list[Event]) -> None:
        """What has happened since the last time; called often, also with no events."""

    def tell(self, words: str) -> None:
        """A message of the agents, e.g. what Ctrl-C did. Called from signal handlers."""

    def close(self) -> None:
        """The sweep or its agents have ended."""


class Display:
    """Looks at a sweep on a thread of its own and shows what it sees, inside a ``with`` block."""

    def __init__(self, sweep: Sweep, *, as_json: bool = False) -> None:
        self._watch = Watch(sweep)
        if as_json:
            self._screen: Screen = JsonScreen()
        else:
            terminal = console()
            live = terminal.is_terminal and not terminal.is_dumb_terminal
            self._screen = LiveScreen(sweep) if live else LineScreen()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._look, name="hyperopt-display", daemon=True)
        self.tell = self._screen.tell
        self._log = _ToScreen(self._screen)

    def __enter__(self) -> Self:
        _LOGGER.addHandler(self._log)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._thread.join()
        self._screen.close()
        _LOGGER.removeHandler(self._log)

    def _look(self) -> None:
        pause, last = 0.0, False
        while not last:
            last = self._closing.wait(pause)
            began = time.monotonic()
            try:
                self._screen.show(self._watch.news())
            except StorageError:
                pass  # the agents say what became of it; the view goes on once it is back
            except BrokenPipeError:
                return  # nobody reads; the trials are what counts
            except Exception as error:  # a view that breaks must not take the trials with it
                self._screen.tell(f"the view has ended: {type(error).__name__}: {error}")
                return
            pause = max(_INTERVAL, (time.monotonic() - began) / _SHARE)


class _ToScreen(logging.Handler):
    """What the package logs is a message like others; written to stderr it would end up inside the live view."""

    def __init__(self, screen: Screen) -> None:
        super().__init__(logging.WARNING)
        self._screen = screen

    def emit(self, record: logging.LogRecord) -> None:
        """Show a record."""
        self._screen.tell(record.getMessage())


class LineScreen:
    """A line an event on stdout."""

    def show(self, events: list[Event]) -> None:
        for event in events:
            say(event.to_line())
        if events:
            sys.stdout.flush()

    def tell(self, words: str) -> None:
        _to_stderr(words)

    def close(self) -> None:
        """Every line is out."""


class JsonScreen:
    """A JSON object an event on stdout."""

    def show(self, events: list[Event]) -> None:
        for event in events:
            say_json(event.to_json())

    def tell(self, words: str) -> None:
        _to_stderr(words)

    def close(self) -> None:
        """Every line is out."""


class LiveScreen:
    """The live view; it vanishes at the end, where the summary takes its place."""

    def __init__(self, sweep: Sweep) -> None:
        from rich.live import Live

        self._sweep, self._message = sweep, ""
        self._pace = Pace(sum(t.state.ended for t in sweep.trials))
        self._console = console()
        self._live = Live(console=self._console, auto_refresh=False, transient=True, vertical_overflow="crop")
        self._live.start()

    def show(self, events: list[Event]) -> None:
        from hyperopt_core.cli.live import view

        snapshot = Snapshot.of(self._sweep)
        width, height = self._console.size
        body = view(
            snapshot,
            width=width,
            height=height - 1,
            elapsed=self._pace.elapsed,
            left=self._pace.left(snapshot, self._sweep.created_at),
            message=self._message,
        )
        self._live.update(body, refresh=True)

    def tell(self, words: str) -> None:
        self._message = words

    def close(self) -> None:
        self._live.stop()


def _to_stderr(words: str) -> None:
    # Not print: a signal handler may have interrupted a write to the same buffer, which does not take a second one.
    try:
        os.write(2, f"{safe(words)}\n".encode())
    except OSError:
        return
