"""Collects what is wrong with a configuration, so that everything is reported at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hyperopt_core.config.reading import Keys
from hyperopt_core.errors import Fault, shown
from hyperopt_core.space.faults import FaultList
from hyperopt_core.space.parse import read_number
from hyperopt_core.spec import MOST


@dataclass(frozen=True)
class Report:
    """Faults found below a key of the configuration."""

    path: Keys = ()
    faults: FaultList = field(default_factory=FaultList)

    def at(self, *keys: str | int) -> Report:
        """The same report, for what is below `keys`."""
        return Report((*self.path, *keys), self.faults)

    def error(self, message: str) -> None:
        """The configuration is refused. Raises `EnoughFaults` where there are very many."""
        self.faults.append(Fault(self.path, message))

    def warn(self, message: str) -> None:
        """The configuration is taken, but should be looked at."""
        self.faults.append(Fault(self.path, message, "warning"))

    # --- values of one kind; None stands for a value that was refused -----------------------------------------------

    def text(self, value: Any) -> str | None:
        """A string, or a number written where a string is meant."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str) or not value.strip():
            self.error(f"is {shown(value)}: a text is needed")
            return None
        if "\0" in value:
            self.error(f"is {shown(value)}: NUL characters cannot be used")
            return None
        return value

    def number(self, value: Any) -> float | None:
        """A finite number, also one written as a text."""
        plain = read_number(value)
        if isinstance(plain, bool) or not isinstance(plain, int | float) or not -1e308 < plain < 1e308:
            self.error(f"is {shown(value)}: a number is needed")
            return None
        return plain

    def count(self, value: Any, least: int = 1) -> int | None:
        """A whole number of `least` or more."""
        plain = read_number(value)
        if isinstance(plain, bool) or not isinstance(plain, int | float) or not least <= plain <= MOST or plain % 1:
            self.error(f"is {shown(value)}: a whole number of {least} or more is needed")
            return None
        return int(plain)

    def flag(self, value: Any) -> bool | None:
        """true or false."""
        if not isinstance(value, bool):
            self.error(f"is {shown(value)}: true or false is needed")
            return None
        return value

    def mapping(self, value: Any, example: str) -> dict[str, Any] | None:
        """A mapping with text keys."""
        if not isinstance(value, dict):
            self.error(f"is {shown(value)}: a mapping is needed, e.g. {example}")
            return None
        return value
