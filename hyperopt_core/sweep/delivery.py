"""What trials measured and how they ended, brought to the storage even where that is out of reach for a while.

Measurements go through one courier, a thread of its own: a training that reports waits for it for a moment, so that it
hears at once what the scheduler says, but not for as long as a storage that hangs.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from hyperopt_core.errors import HyperoptError, LeaseLost, StorageError, StorageLost
from hyperopt_core.storage.protocol import Storage
from hyperopt_core.trial import Measurement, Outcome, Trial

log = logging.getLogger(__name__)

Lease = tuple[int, int]  # (trial number, attempt)

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0  # seconds between tries
_CLOSING_SECONDS = 5.0


@dataclass
class _Parcel:
    """What an attempt measured and the storage does not have yet."""

    unsent: list[Measurement] = field(default_factory=list)
    last_step: float = 0
    error: HyperoptError | None = None  # why nothing more is taken


class Delivery:
    """Writes of the attempts that this process runs, each attempt's in order.

    patience: seconds for which a result waits for a storage out of reach. learn: called after measurements were stored.
    """

    def __init__(self, storage: Storage, sweep: int, *, patience: float, learn: Callable[[], None]) -> None:
        self._storage, self._sweep, self._patience, self._learn = storage, sweep, patience, learn
        self._parcels: dict[Lease, _Parcel] = {}
        self._posted = self._tried = 0  # measurements handed in; those of them that the courier has been off with
        self._since = 0.0  # when it set off
        self._away = self._closing = False
        self._news = threading.Condition()  # guards all of the above
        self._sending = threading.Lock()  # one at a time: an attempt's measurements stay in order
        self._courier: threading.Thread | None = None

    def last_step(self, trial: Trial) -> float:
        """The largest step that an attempt has measured here; 0 for none."""
        with self._news:
            parcel = self._parcels.get((trial.number, trial.attempt))
            return 0 if parcel is None else parcel.last_step

    def measured(self, trial: Trial, new: Measurement, *, wait: float) -> bool:
        """Hand in a measurement; whether it was stored and learnt from within `wait` seconds.

        One that could not be stored is kept for the next time. No time is lost on a courier that has been away for
        longer than `wait` already. Raises `LeaseLost`, and what else the storage says of the attempt.
        """
        with self._news:
            parcel = self._parcels.setdefault((trial.number, trial.attempt), _Parcel())
            parcel.unsent.append(new)
            parcel.last_step = max(parcel.last_step, new.step)
            self._posted += 1
            mine = self._posted
            self._set_off()
            late = time.monotonic() - self._since if self._away else 0.0
            self._news.wait_for(lambda: self._tried >= mine, max(0.0, wait - late))
            if parcel.error is not None:
                raise parcel.error
            return self._tried >= mine and not parcel.unsent

    def flush(self, trial: Trial) -> bool:
        """Store what was kept of a trial; whether it has measured anything here.

        Raises `StorageError`; what a lost lease measured is dropped.
        """
        with self._news:
            leases = [lease for lease in self._parcels if lease[0] == trial.number]
        for lease in leases:
            with suppress(LeaseLost):
                self._send(lease)
        return bool(leases)

    def ended(self, trial: Trial, outcome: Outcome) -> None:
        """Store how an attempt ended, and what was kept before. Raises `LeaseLost`, `Conflict`, `StorageError`."""

        def store() -> None:
            self.flush(trial)
            self._storage.finish_trial(self._sweep, trial.number, trial.attempt, outcome)

        self.patiently(store, f"the result of trial {trial.number}")

    def forget(self, trial: Trial) -> None:
        """The attempt is over."""
        with self._news:
            self._parcels.pop((trial.number, trial.attempt), None)

    def patiently(self, call: Callable[[], object], what: str) -> None:
        """`call`, again and again while the storage is out of reach, for as long as results wait.

        A storage that is lost for good is not waited for.
        """
        deadline, pause = time.monotonic() + self._patience, _FIRST_PAUSE
        while True:
            try:
                call()
                return
            except StorageLost:
                raise
            except StorageError as fault:
                if time.monotonic() + pause > deadline:
                    raise
                log.warning("%s waits for the storage: %s", what, fault)
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    def close(self) -> None:
        """Let the courier end."""
        with self._news:
            self._closing = True
            self._news.notify_all()
        if self._courier is not None and self._courier is not threading.current_thread():
            self._courier.join(timeout=_CLOSING_SECONDS)

    # --- the courier -------------------------------------------------------------------------------------------------

    def _set_off(self) -> None:
        if self._courier is None or not self._courier.is_alive():  # a forked child has none
            self._courier = threading.Thread(target=self._run, name="hyperopt-courier", daemon=True)
            self._courier.start()
        self._news.notify_all()

    def _run(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._posted > self._tried or self._closing)
                if self._closing:
                    return
                taken = self._posted
                leases = [lease for lease, parcel in self._parcels.items() if parcel.unsent]
                self._away, self._since = True, time.monotonic()
            for lease in leases:
                self._try(lease)
            with suppress(HyperoptError):
                self._learn()
            with self._news:
                self._away, self._tried = False, taken
                self._news.notify_all()

    def _try(self, lease: Lease) -> None:
        try:
            self._send(lease)
        except StorageError as fault:
            log.warning("reports of trial %d are kept until they can be stored: %s", lease[0], fault)
        except HyperoptError as fault:
            with self._news:
                if lease in self._parcels:
                    self._parcels[lease].error = fault

    def _send(self, lease: Lease) -> None:
        with self._sending:
            with self._news:
                parcel = self._parcels.get(lease)
                sent = [] if parcel is None else list(parcel.unsent)
            if parcel is None or not sent:
                return
            try:
                self._storage.add_measurements(self._sweep, *lease, sent)
            except StorageError:
                raise
            except HyperoptError:  # the attempt is over, whatever it measures
                parcel.unsent.clear()
                raise
            with self._news:
                del parcel.unsent[: len(sent)]
