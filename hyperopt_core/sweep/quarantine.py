"""A host that only fails must not use up a sweep: a full disk, a broken driver, a missing data set."""

from __future__ import annotations

import platform
import time

from hyperopt_core.history import History
from hyperopt_core.trial import State

#: A host whose first so many trials fail ...
FIRST = 5
#: ... within so many seconds each, while most of other hosts' trials succeed, is left out.
SECONDS = 30.0


class Quarantine:
    """Watches the trials of one process."""

    def __init__(self) -> None:
        self._began: dict[int, float] = {}
        self._cleared = False
        self.failed: list[int] = []  # the trials that it would not count
        self.reason = ""  # why this host gets no more trials

    def began(self, number: int) -> None:
        """A trial begins here."""
        self._began[number] = time.monotonic()

    def ended(self, number: int, *, failed: bool) -> None:
        """A trial has ended here."""
        seconds = time.monotonic() - self._began.pop(number, 0.0)
        if not failed or seconds > SECONDS:
            self._cleared = True
        elif not self._cleared:
            self.failed.append(number)

    def look(self, history: History, last: str) -> bool:
        """Whether this host has just turned out to be what fails. last: the last failure's reason."""
        if self._cleared or self.reason or len(self.failed) < FIRST:
            return False
        here = platform.node()
        others = [t for t in history.trials if t.state.ended and t.owner and t.owner.rsplit("-", 2)[0] != here]
        good = sum(t.state in (State.COMPLETED, State.STOPPED) for t in others)
        if not good or good * 2 < len(others):
            return False
        self.reason = (
            f"{here} is left out: its first {len(self.failed)} trials failed within {SECONDS:g} s each, while"
            f" {good} of {len(others)} of other hosts succeeded; the last failed with: {last}"
        )
        return True
