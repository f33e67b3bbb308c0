"""`run.summary`: one value for each name, at the end of the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ._record import Recorder


class Summary:
    """Values by attribute and by item: what was logged last, or as `define_metric` says, and what is written here."""

    def __init__(self, record: Recorder) -> None:
        vars(self)["_record"] = record

    def update(self, given: Mapping[str, Any] | None = None, **more: Any) -> None:
        """Write several values."""
        self._record.summarize({**(given or {}), **more})

    def get(self, key: str, default: Any = None) -> Any:
        """A value, or `default`."""
        return self._record.summary.get(key, default)

    def keys(self) -> list[str]:
        """The names."""
        return list(self._record.summary)

    def values(self) -> list[Any]:
        """The values."""
        return list(self._record.summary.values())

    def items(self) -> list[tuple[str, Any]]:
        """Names with their values."""
        return list(self._record.summary.items())

    def _as_dict(self) -> dict[str, Any]:
        return dict(self._record.summary)

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"summary has no {name!r}") from None

    def __getitem__(self, key: str) -> Any:
        known = self._record.summary
        if key in known:
            return known[key]
        nested = {name.removeprefix(f"{key}."): value for name, value in known.items() if name.startswith(f"{key}.")}
        if not nested:
            raise KeyError(key)
        return nested  # what was logged as a mapping

    def __setattr__(self, name: str, value: Any) -> None:
        self._record.summarize({name: value})

    def __setitem__(self, key: str, value: Any) -> None:
        self._record.summarize({key: value})

    def __delitem__(self, key: str) -> None:
        self._record.summary.pop(key, None)

    def __contains__(self, key: object) -> bool:
        return key in self._record.summary

    def __iter__(self) -> Iterator[str]:
        return iter(self._record.summary)

    def __len__(self) -> int:
        return len(self._record.summary)

    def __repr__(self) -> str:
        return repr(self._record.summary)
