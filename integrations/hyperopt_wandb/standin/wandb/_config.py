"""`wandb.config`: what a run is configured with; the values that the sweep gives are locked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from ._ignored import warn_once
from ._values import mapping, merged, plain
from .errors import ConfigError


class Config:
    """Values by attribute and by item. Those in `locked` stay: writing them is ignored with a warning.

    ``vars(config)["_items"]`` and ``["_locked"]`` are W&B's own private names, which some programs read.

    >>> config = Config({"lr": 0.1, "epochs": 3}, locked={"lr": 0.01})
    >>> config.lr, config["epochs"]
    (0.01, 3)
    """

    def __init__(
        self, given: Mapping[str, Any] | None = None, locked: Mapping[str, Any] | None = None, *, free: bool = False
    ) -> None:
        vars(self)["_items"] = merged(given or {}, locked or {})
        vars(self)["_locked"] = dict.fromkeys(locked or {}, True)
        vars(self)["_free"] = free  # whether a change of any value is allowed

    def update(self, given: Any = None, allow_val_change: bool | None = None, **more: Any) -> None:
        """Take values from a mapping, a namespace, absl's flags or a file. Raises `ConfigError` for another value."""
        for key, value in {**mapping(given), **plain(more)}.items():
            self._write(key, value, free=bool(allow_val_change))

    def setdefaults(self, given: Any) -> None:
        """Take the values that are not there yet."""
        for key, value in mapping(given).items():
            self._items.setdefault(key, value)

    def _write(self, key: str, value: Any, *, free: bool = False) -> None:
        items, old = self._items, self._items.get(key)
        if key in self._locked:
            if value != old:
                warn_once(f"config.{key} is {old!r} by the sweep and stays; {value!r} is ignored")
        elif key in items and value != old and not (free or self._free):
            raise ConfigError(
                f'Attempted to change value of key "{key}" from {old!r} to {value!r}: '
                "config.update(..., allow_val_change=True) allows that"
            )
        else:
            items[key] = value

    def as_dict(self) -> dict[str, Any]:
        """A copy of all values."""
        return deepcopy(self._items)

    def keys(self) -> list[str]:
        """The names."""
        return [key for key in self._items if not key.startswith("_")]

    def values(self) -> list[Any]:
        """The values."""
        return [self._items[key] for key in self.keys()]

    def items(self) -> list[tuple[str, Any]]:
        """Names with their values."""
        return [(key, self._items[key]) for key in self.keys()]

    def get(self, key: str, default: Any = None) -> Any:
        """A value, or `default`."""
        return self._items.get(key, default)

    def pop(self, key: str, *default: Any) -> Any:
        """Take a value out that the sweep does not give."""
        return self._items.get(key, *default) if key in self._locked else self._items.pop(key, *default)

    def persist(self) -> None:
        """Nothing is to be sent."""

    def update_locked(self, given: Any, user: str | None = None) -> None:
        """Values that stay, as W&B's own frameworks set them."""
        found = mapping(given)
        self._items.update(merged(self._items, found))
        self._locked.update(dict.fromkeys(found, True))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name not in self._items:
            raise AttributeError(f"config has no {name!r}; it has {', '.join(self.keys()) or 'nothing'}")
        return self._items[name]

    def __setattr__(self, name: str, value: Any) -> None:
        self._write(name, plain(value))

    def __getitem__(self, key: str) -> Any:
        return self._items[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._write(key, plain(value))

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def __bool__(self) -> bool:
        return True  # as W&B's; programs ask `config or defaults`

    def __deepcopy__(self, memo: Any) -> Config:
        copy = Config(free=self._free)
        vars(copy).update(_items=self.as_dict(), _locked=dict(self._locked))
        return copy

    __copy__ = __deepcopy__

    def __getstate__(self) -> dict[str, Any]:
        return dict(vars(self))

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)

    def __repr__(self) -> str:
        return repr(self._items)


class ConfigView:
    """`run.config_static`: values by attribute and by item that nobody can write."""

    def __init__(self, config: Config) -> None:
        vars(self).update(config.as_dict())

    def __getitem__(self, key: str) -> Any:
        return vars(self)[key]

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("config_static cannot be written")

    def keys(self) -> list[str]:
        """The names."""
        return list(vars(self))
