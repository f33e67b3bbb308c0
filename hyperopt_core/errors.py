"""Every exception of the package; each also subclasses the builtin that fits it.

::

    HyperoptError
    ├── ConfigError (ValueError)        a sweep file, a space or an argument is wrong; carries every fault found
    ├── InvalidTrial (ValueError)       parameters or a result that the space or the sweep cannot take
    ├── InvalidTransition (RuntimeError)  a trial cannot go from its state to the wanted one
    ├── Conflict (RuntimeError)         a second, different result for a trial that has ended
    ├── LeaseLost (RuntimeError)        another agent has taken the trial over
    ├── SweepEnded (RuntimeError)       there is nothing more to ask for
    │   ├── SpaceExhausted              every point of a finite space has been proposed
    │   ├── BudgetSpent                 the sweep's limit on trials, time or target is reached
    │   └── SweepStopped                somebody stopped the sweep
    ├── SweepPaused (RuntimeError)      somebody paused the sweep; ask again after `resume`
    ├── WorkerDied (RuntimeError)       worker processes die one after the other
    ├── SweepNotFound (LookupError)     no sweep of that name in the storage
    ├── SweepExists (ValueError)        the name is taken
    ├── StorageError (OSError)          the database cannot be reached, read or written
    │   └── StorageLost                 it was deleted or replaced, or may not be written: waiting changes nothing
    │       └── AccessDenied            the server does not know the token, or it allows less than is asked for
    ├── MissingMetric (LookupError)     a training does not log the metric that it is watched by
    └── MissingExtra (ImportError)      an optional package is not installed
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from reprlib import Repr
from typing import Any


class HyperoptError(Exception):
    """Base of every error that this package raises on purpose."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a configuration: where, what, and what would be right."""

    path: tuple[str | int, ...]  # keys from the top of the configuration, e.g. ("parameters", "lr", "min")
    message: str
    severity: str = "error"  # "error" | "warning"
    line: int | None = None  # 1-based line of a file, where it is known

    @property
    def key(self) -> str:
        """The path as users write it: ``parameters.lr.min``."""
        return ".".join(map(str, self.path))

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line is not None else ""
        return f"{place}{self.key}: {self.message}" if self.path else f"{place}{self.message}"


class ConfigError(HyperoptError, ValueError):
    """A configuration is refused; `faults` holds everything that is wrong with it, not only the first."""

    def __init__(self, faults: Sequence[Fault] | str, source: str = "") -> None:
        self.faults: tuple[Fault, ...] = (Fault((), faults),) if isinstance(faults, str) else tuple(faults)
        self.source = source
        if len(self.faults) == 1:
            text = f"{source}: {self.faults[0]}" if source else str(self.faults[0])
        else:
            head = f"{source}: {len(self.faults)} faults" if source else f"{len(self.faults)} faults"
            text = head + "".join(f"\n  {fault}" for fault in self.faults)
        super().__init__(text)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.faults, self.source)


class InvalidTrial(HyperoptError, ValueError):
    """Parameters or a result that the space or the sweep cannot take."""


class InvalidTransition(HyperoptError, RuntimeError):
    """A trial cannot go from the state it is in to the one asked for."""

    def __init__(self, number: int, current: str, wanted: str) -> None:
        self.number, self.current, self.wanted = number, current, wanted
        super().__init__(f"trial {number} is {current} and cannot become {wanted}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.number, self.current, self.wanted)


class Conflict(HyperoptError, RuntimeError):
    """A trial that has ended was given a second, different result; the first one stands."""

    def __init__(self, number: int, stored: object, given: object) -> None:
        self.number, self.stored, self.given = number, stored, given
        super().__init__(f"trial {number} has already ended with {stored}; the different result {given} is not taken")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.number, self.stored, self.given)


class LeaseLost(HyperoptError, RuntimeError):
    """Another agent owns the trial now; this one's writes are kept as a note and otherwise ignored."""

    def __init__(self, number: int, attempt: int) -> None:
        self.number, self.attempt = number, attempt
        super().__init__(
            f"attempt {attempt} of trial {number} is no longer valid: the trial was taken over, cancelled or ended"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.number, self.attempt)


class SweepEnded(HyperoptError, RuntimeError):
    """There is nothing more to ask for."""


class SpaceExhausted(SweepEnded):
    """Every point of a finite space has been proposed."""


class BudgetSpent(SweepEnded):
    """The sweep's limit on trials, time or target is reached."""


class SweepStopped(SweepEnded):
    """Somebody stopped the sweep."""


class SweepPaused(HyperoptError, RuntimeError):
    """Somebody paused the sweep; ask again once it is resumed."""


class TooEarly(HyperoptError, RuntimeError):
    """The next trial of a deterministic sweep depends on one that still runs; ask again once that has ended."""


class HostFails(HyperoptError, RuntimeError):
    """What this host runs fails, while other hosts' trials succeed: it gets no more of them."""


class SweepNotFound(HyperoptError, LookupError):
    """The storage holds no sweep of that name."""

    def __init__(self, name: str, known: Iterable[str] = (), where: str = "") -> None:
        self.name, self.known, self.where = name, tuple(known), where
        place = f" in {where}" if where else ""
        held = f"; it holds: {', '.join(self.known[:20])}" if self.known else ""
        super().__init__(f"there is no sweep {name!r}{place}{suggest(name, self.known)}{held}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.name, self.known, self.where)


class SweepExists(HyperoptError, ValueError):
    """A sweep of that name is already in the storage."""

    def __init__(self, name: str, where: str = "") -> None:
        self.name, self.where = name, where
        place = f" in {where}" if where else ""
        super().__init__(f"a sweep {name!r} exists already{place}; open it, or choose another name")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.name, self.where)


class StorageError(HyperoptError, OSError):
    """The database cannot be reached, read or written."""


class StorageLost(StorageError):
    """The database was deleted or replaced while it was in use, or may not be written: waiting changes nothing."""


class AccessDenied(StorageLost):
    """The server of a storage does not know the token, or the token allows less than is asked for."""


class MissingExtra(HyperoptError, ImportError):
    """An optional package is not installed."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        self.package, self.extra, self.purpose = package, extra, purpose
        super().__init__(f"{purpose} needs {package}: pip install 'hyperopt-core[{extra}]'")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.package, self.extra, self.purpose)


class MissingMetric(HyperoptError, LookupError):
    """A training does not log the metric that it is watched by."""

    def __init__(self, name: str, logged: Iterable[str], remedy: str = "") -> None:
        self.name, self.logged, self.remedy = name, tuple(sorted(logged)), remedy
        advice = f": {remedy}" if remedy else ""
        held = f"there are: {', '.join(self.logged)}" if self.logged else "nothing was"
        super().__init__(f"monitor is {name!r}, which was not logged{advice}; {held}{suggest(name, self.logged)}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.name, self.logged, self.remedy)


def suggest(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?`` for the closest known word, else an empty string.

    >>> suggest("log_unifrom", ["uniform", "log_uniform"])
    "; did you mean 'log_uniform'?"
    """
    close = get_close_matches(str(word), list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def shown(value: object) -> str:
    """`value` in a message, cut where it is long or deep.

    >>> len(shown("x" * 200))
    80
    """
    try:
        return _short.repr(value)
    except ValueError:  # an int of more digits than Python prints
        return "a number of thousands of digits"


_short = Repr()
_short.maxstring = _short.maxother = _short.maxlong = 80
