"""What trials measured and how they ended, brought to the storage even where that is out of reach for a while."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress

from hyperopt_core.errors import LeaseLost, StorageError, StorageLost
from hyperopt_core.storage.protocol import Storage
from hyperopt_core.trial import Measurement, Outcome, Trial

log = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0  # seconds between tries


class Delivery:
    """Writes of the attempts that this process runs, each attempt's in order.

    patience: seconds for which a result waits for a storage out of reach.
    """

    def __init__(self, storage: Storage, sweep: int, *, patience: float) -> None:
        self._storage, self._sweep, self._patience = storage, sweep, patience
        self._unsent: dict[tuple[int, int], list[Measurement]] = {}

    def last_step(self, trial: Trial) -> float:
        """The largest step that is not in the storage yet; 0 for none."""
        return max((m.step for m in self._unsent.get((trial.number, trial.attempt), ())), default=0)

    def measured(self, trial: Trial, new: Measurement) -> None:
        """Store `new`, or keep it for the next time: a storage out of reach costs no training time.

        Raises `LeaseLost`.
        """
        lease = (trial.number, trial.attempt)
        unsent = [*self._unsent.pop(lease, ()), new]
        try:
            self._storage.add_measurements(self._sweep, *lease, unsent)
        except StorageError as fault:
            if len(unsent) == 1:
                log.warning("reports of trial %d are kept until they can be stored: %s", trial.number, fault)
            self._unsent[lease] = unsent

    def flush(self, trial: Trial) -> None:
        """Store what was kept of an attempt. Raises `StorageError`; what a lost lease measured is dropped."""
        lease = (trial.number, trial.attempt)
        unsent = self._unsent.get(lease)
        if unsent:
            with suppress(LeaseLost):
                self._storage.add_measurements(self._sweep, *lease, unsent)
            del self._unsent[lease]

    def ended(self, trial: Trial, outcome: Outcome) -> None:
        """Store how an attempt ended, and what was kept before. Raises `LeaseLost`, `Conflict`, `StorageError`."""

        def store() -> None:
            self.flush(trial)
            self._storage.finish_trial(self._sweep, trial.number, trial.attempt, outcome)

        self.patiently(store, f"the result of trial {trial.number}")

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
                log.warning("%s waits to be stored: %s", what, fault)
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
