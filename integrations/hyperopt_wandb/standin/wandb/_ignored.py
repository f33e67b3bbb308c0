"""What is accepted and ignored: a word about it on stderr, once, and never an error after an hour of training."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import FunctionType
from typing import Any

_said: set[str] = set()


def warn(text: str) -> None:
    """Say something on stderr."""
    print(f"wandb (stand-in): {text}", file=sys.stderr, flush=True)


def warn_once(text: str) -> None:
    """Say something on stderr, the first time only."""
    if text not in _said:
        _said.add(text)
        warn(text)


class Ignored:
    """Stands for whatever the stand-in does not know: can be called, entered, iterated, subclassed, and does nothing.

    >>> with Ignored("wandb.unheard_of").deeper(1, two=3) as nothing:
    ...     list(nothing)
    []
    """

    def __init__(self, name: str = "") -> None:
        self.__dict__["_name"] = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name[:1].isupper():  # wandb.sdk.lib.config_util.ConfigError is still that error
            from ._submodules import lookup

            return lookup(str(self._name), name)
        return Ignored(f"{self._name}.{name}")

    def __setattr__(self, name: str, value: object) -> None: ...

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        warn_once(f"{self._name} is not supported and does nothing")
        decorates = len(args) == 1 and not kwargs and isinstance(args[0], FunctionType)
        return args[0] if decorates else Ignored(f"{self._name}()")

    def __getitem__(self, key: object) -> Ignored:
        return Ignored(f"{self._name}[{key!r}]")

    def __setitem__(self, key: object, value: object) -> None: ...

    def __enter__(self) -> Ignored:
        return self

    def __exit__(self, *error: object) -> None: ...

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return False

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return ()

    def __instancecheck__(self, instance: object) -> bool:
        return False

    def __repr__(self) -> str:
        return f"<{self._name}, which the stand-in ignores>"


class Lenient:
    """Base of what programs hold and ask for more than it has."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return Ignored(f"{type(self).__name__}.{name}")
