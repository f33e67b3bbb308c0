"""How a sweep comes to a name and lets go of what it holds."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from hyperopt_core.errors import SweepExists
from hyperopt_core.storage.protocol import Storage, SweepRecord
from hyperopt_core.sweep.delivery import Delivery
from hyperopt_core.sweep.leases import LeaseKeeper


def close_all(keeper: LeaseKeeper, delivery: Delivery, storage: Storage | None) -> None:
    """Let go of a sweep's threads and, where it opened one, its storage."""
    keeper.close()
    delivery.close()
    if storage is not None:
        storage.close()


def close_later(*held: Any) -> None:
    """`close_all` for a sweep that nobody has closed and nobody holds any more.

    A collector of garbage interrupts any thread, perhaps one that has a lock which closing waits for; so closing gets a
    thread of its own. At the interpreter's end, when no thread can start, none has a lock either.
    """
    if threading.main_thread().is_alive():
        threading.Thread(target=close_all, args=held, name="hyperopt-closing").start()
    else:
        close_all(*held)


def close_now(later: weakref.finalize[..., Any]) -> None:
    """What `close_later` would do, at once and once only."""
    if held := later.detach():
        close_all(*held[2])


def weakly(method: Callable[[], None]) -> Callable[[], None]:
    """`method` of an object that need not live as long as whoever calls it."""
    reference = weakref.WeakMethod(method)

    def call() -> None:
        bound = reference()
        if bound is not None:
            bound()

    return call


def create_under_a_free_name(storage: Storage, base: str, spec: Mapping[str, Any], seed: int) -> SweepRecord:
    """A new sweep named `base`, `base-2`, `base-3`, ..."""
    name, count = base, 1
    while True:
        with suppress(SweepExists):
            return storage.create_sweep(name, spec, seed)
        count += 1
        name = f"{base}-{count}"
