"""A list of faults that ends the search where a configuration holds absurdly many."""

from __future__ import annotations

from collections.abc import Iterable

from hyperopt_core.errors import Fault

MOST_ERRORS = 100
_MOST_WARNINGS = 1000
_LONGEST = 600  # characters of a message


class EnoughFaults(Exception):
    """As many errors have been found as anybody reads."""


class FaultList(list[Fault]):
    """Faults with messages of a readable length. Raises `EnoughFaults` at the hundredth error."""

    _errors = 0
    _warnings = 0

    def append(self, fault: Fault, /) -> None:
        if len(fault.message) > _LONGEST:
            fault = Fault(fault.path, fault.message[:_LONGEST] + " ...", fault.severity, fault.line)
        if fault.severity == "warning":
            self._warnings += 1
            if self._warnings <= _MOST_WARNINGS:
                super().append(fault)
            return
        super().append(fault)
        self._errors += 1
        if self._errors >= MOST_ERRORS:
            raise EnoughFaults

    def extend(self, faults: Iterable[Fault], /) -> None:
        for fault in faults:
            self.append(fault)
