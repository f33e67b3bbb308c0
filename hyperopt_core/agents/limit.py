"""How many trials several loops may run in all."""

from __future__ import annotations

import multiprocessing
import threading
from multiprocessing.sharedctypes import RawArray
from typing import Any

from hyperopt_core.errors import ConfigError


class Limit:
    """At most `count` trials over all slots, whichever of them is the fastest.

    A slot takes a permit before it asks for a trial and uses it up once one has ended. shared: for processes that get
    it when they are started; whoever started them gives back the permit of one that has died.

    >>> limit = Limit(1)
    >>> limit.take(0), limit.take(1)
    (True, False)
    >>> limit.settle(0, ended=False)
    >>> limit.take(1)
    True
    """

    def __init__(self, count: int, slots: int = 2, *, shared: bool = False) -> None:
        if count < 0:
            raise ConfigError(f"limit is {count}: 0 or more trials can be run")
        # Semaphores, not a number under a lock: a process that is killed while it holds a lock would stop all others.
        spawn = multiprocessing.get_context("spawn")
        self._left: Any = spawn.Semaphore(count) if shared else threading.Semaphore(count)
        self._holds: Any = RawArray("b", slots) if shared else bytearray(slots)

    def take(self, slot: int) -> bool:
        """Whether `slot` may run one more."""
        self._holds[slot] = self._left.acquire(False)
        return bool(self._holds[slot])

    def settle(self, slot: int, *, ended: bool) -> None:
        """Use up what `slot` holds, where a trial has `ended`, or give it back."""
        held, self._holds[slot] = self._holds[slot], False
        if held and not ended:
            self._left.release()
