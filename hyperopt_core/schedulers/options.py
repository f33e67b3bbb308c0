"""Checks of options that several schedulers share: what is wrong, with its value and the remedy."""

from __future__ import annotations

from typing import Any

from hyperopt_core.errors import ConfigError, Fault


def check_ladder(min_steps: Any, max_steps: Any, eta: Any) -> None:
    """The options of a geometric ladder of rungs. Raises `ConfigError`."""
    faults = [*count_faults("min_steps", min_steps), *count_faults("max_steps", max_steps, needed=False)]
    if not (is_number(eta) and 1 < eta < float("inf")):
        faults.append(Fault(("eta",), f"is {eta!r}: a number above 1 is needed; one trial in eta goes on"))
    if not faults and max_steps is not None and min_steps > max_steps:
        faults.append(
            Fault(
                ("min_steps",), f"is {min_steps}, and a full training has {max_steps} steps: nothing could be stopped"
            )
        )
    if faults:
        raise ConfigError(faults)


def count_faults(key: str, value: Any, *, least: int = 1, needed: bool = True) -> list[Fault]:
    """A fault unless `value` is a whole number of `least` or more."""
    if value is None and not needed:
        return []
    if is_number(value) and least <= value < float("inf") and value == value // 1:
        return []
    return [Fault((key,), f"is {value!r}: a whole number of {least} or more is needed")]


def is_number(value: Any) -> bool:
    """True for numbers that are no flags."""
    return isinstance(value, int | float) and not isinstance(value, bool)
