"""Keeping one's own trials and taking over those of agents that are gone: a thread beside every sweep that asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from hyperopt_core.errors import StorageError, SweepNotFound
from hyperopt_core.storage.owner import is_gone
from hyperopt_core.storage.protocol import Held, Status, Storage

Lease = tuple[int, int]  # (trial number, attempt)


class LeaseKeeper:
    """Beats for the leases it holds and reclaims those whose owner is gone.

    An owner is gone when its process has ended on this host, or when its beat stood still for `ttl` seconds of this
    process's own monotonic clock: wall clocks of other machines are never compared. Time in which this process did not
    look does not count in full: it was stopped, or the storage hung, and then for the owner as well.
    """

    def __init__(
        self,
        storage: Storage,
        sweep: int,
        *,
        ttl: float,
        resume: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._storage, self._sweep, self._ttl, self._resume, self._clock = storage, sweep, ttl, resume, clock
        self._interval = min(1.0, ttl / 4)
        self._rounds = max(1, round(ttl / 12 / self._interval))  # beats for each look at the others' leases
        self._mine: set[Lease] = set()
        self._revoked: set[Lease] = set()
        self._standing: dict[int, tuple[int, int, float]] = {}  # number -> (attempt, beat, seconds seen so)
        self._looked = clock()
        self._status = Status.RUNNING
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def hold(self, lease: Lease) -> None:
        """Beat for `lease` from now on."""
        self.watch()
        with self._lock:
            self._mine.add(lease)

    def watch(self) -> None:
        """Take over what is abandoned from now on."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="hyperopt-leases", daemon=True)
                self._thread.start()

    def let_go(self, lease: Lease) -> None:
        """The attempt has ended."""
        with self._lock:
            self._mine.discard(lease)
            self._revoked.discard(lease)

    def holds(self, number: int) -> bool:
        """Whether trial `number` is ours at this moment, and nobody wants it to end. Raises `StorageError`."""
        with self._lock:
            mine = [lease for lease in self._mine if lease[0] == number]
        return bool(mine) and not self._storage.beat(self._sweep, mine)

    def revoked(self, lease: Lease) -> bool:
        """Whether the lease is lost, or somebody wants its trial to end."""
        return lease in self._revoked

    @property
    def status(self) -> Status:
        """What people want of the sweep, as of the last beat."""
        return self._status

    def reap(self) -> int:
        """Take back the trials of owners that are gone; returns how many."""
        count = 0
        held = self._storage.held(self._sweep)
        now = self._clock()
        passed, self._looked = min(now - self._looked, self._ttl / 2), now
        for one in held:
            why = self._why_gone(one, passed)
            if why and self._storage.reclaim(
                self._sweep, one.number, one.attempt, one.beat, resume=self._resume, reason=why
            ):
                count += 1
        numbers = {one.number for one in held}
        self._standing = {n: seen for n, seen in self._standing.items() if n in numbers}
        return count

    def close(self) -> None:
        """Stop beating."""
        self._closing.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=5)

    def _why_gone(self, held: Held, passed: float) -> str:
        if (held.number, held.attempt) in self._mine:
            return ""
        if is_gone(held.owner):
            return f"the process of {held.owner.id} has ended"
        attempt, beat, seconds = self._standing.get(held.number, (0, -1, 0.0))
        seconds = seconds + passed if (attempt, beat) == (held.attempt, held.beat) else 0.0
        self._standing[held.number] = (held.attempt, held.beat, seconds)
        return f"no sign of life from {held.owner.id} for {self._ttl:g} s" if seconds > self._ttl else ""

    def _run(self) -> None:
        beats = 0
        while not self._closing.wait(self._interval):
            try:
                self._beat()
                beats += 1
                if beats % self._rounds == 0:  # with many agents that is the larger part of what a storage is asked
                    self.reap()
            except StorageError:
                continue  # the medium may come back; leases outlive a short cut
            except SweepNotFound:
                return  # deleted

    def _beat(self) -> None:
        with self._lock:
            mine = list(self._mine)
        gone = self._storage.beat(self._sweep, mine) if mine else ()
        self._status = self._storage.status(self._sweep)[0]
        with self._lock:
            self._revoked |= self._mine.intersection(gone)
