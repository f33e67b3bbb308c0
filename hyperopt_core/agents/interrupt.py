"""Ctrl-C in three steps, as a state that every slot of an agent looks at."""

from __future__ import annotations

import time
from enum import IntEnum
from types import SimpleNamespace
from typing import Any

from hyperopt_core.agents.run import Run
from hyperopt_core.trial import Decision, Outcome, State

_TICK = 0.05  # seconds between looks at the level


class Level(IntEnum):
    """How urgently an agent should end."""

    NONE = 0
    FINISH = 1  # ask for no more trials; let those that run finish
    END = 2  # end the trials that run now; they go back to be tried again
    KILL = 3  # kill what does not end by itself


class Interrupt:
    """Raised level by level, from a signal handler or by a program; never lowered.

    It holds no lock: a signal handler that waits for one which its own thread holds never returns.

    >>> interrupt = Interrupt()
    >>> interrupt.escalate()
    <Level.FINISH: 1>
    """

    def __init__(self) -> None:
        self._cell: Any = SimpleNamespace(value=0)

    @property
    def level(self) -> Level:
        """The level now."""
        return Level(self._cell.value)

    def escalate(self, to: Level | None = None) -> Level:
        """Go one level up, or up to `to`."""
        wanted = min(self._cell.value + 1, Level.KILL) if to is None else to
        self._cell.value = max(self._cell.value, int(wanted))
        return self.level

    def wait(self, seconds: float) -> Level:
        """Sleep, but not longer than until the level changes."""
        before, end = self._cell.value, time.monotonic() + seconds
        while self._cell.value == before and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _TICK))
        return self.level

    def share(self) -> None:
        """Keep the level in shared memory from now on: processes that are spawned with this object follow it."""
        from multiprocessing.sharedctypes import RawValue

        own, self._cell = self._cell, RawValue("b", 0)
        self.escalate(Level(own.value))

    def cut_short(self, run: Run, outcome: Outcome) -> Outcome:
        """`outcome` as it counts: a training that this interrupt told to end has no result and is given back.

        So is one whose machine is about to be taken away, and then nothing new begins here.
        """
        told = self.level >= Level.END and run.decision is not Decision.CONTINUE
        if run.preempting:
            self.escalate(Level.FINISH)
        if (told or run.preempting) and outcome.state in (State.COMPLETED, State.FAILED, State.WAITING):
            why = "its machine was pre-empted" if run.preempting else "the agent was interrupted"
            return Outcome(State.WAITING, reason=why, exit_code=outcome.exit_code)
        return outcome
