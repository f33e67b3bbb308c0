"""Sweep files as plain values with the line of every key: YAML, JSON and mappings, with limits on what they may hold.

YAML is read from its events, with the scalars of YAML 1.2: ``1e-4`` is a number, ``no`` is a text. Tags other than the
standard ones, duplicate keys and what exceeds the limits are refused; aliases count with all that they stand for.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from hyperopt_core.errors import ConfigError, Fault, MissingExtra
from hyperopt_core.space import Parameter

Keys: TypeAlias = tuple[str | int, ...]

MAX_BYTES = 2**20
MAX_DEPTH = 32
MAX_KEY = 1000  # characters
MAX_NODES = 100_000  # after aliases are replaced by what they stand for

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {**dict.fromkeys(("true", "True", "TRUE"), True), **dict.fromkeys(("false", "False", "FALSE"), False)}
_INT = re.compile(r"[-+]?(\d+|\d{1,3}(_\d{3})+)")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?")
_INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)")
_NAN = frozenset({".nan", ".NaN", ".NAN"})
_OLD_BOOL = re.compile("yes|no|on|off", re.IGNORECASE)  # of YAML 1.1
_TAG = "tag:yaml.org,2002:"
_MAX_DIGITS = 400


@dataclass
class Document:
    """What a source holds, and where."""

    value: Any
    source: str = ""  # the file, for messages
    lines: dict[Keys, int] = field(default_factory=dict)  # keys from the top -> 1-based line
    faults: list[Fault] = field(default_factory=list)  # what does not keep it from being read further

    def line(self, path: Keys) -> int | None:
        """The line of a key, or of the nearest one around it that is known."""
        return next((self.lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in self.lines), None)


def read(source: str | Path | Mapping[str, Any]) -> Document:
    """The document that a file or a mapping holds. Raises `ConfigError`, and `MissingExtra` for YAML without PyYAML."""
    if isinstance(source, Mapping):
        return Document(_plain_tree(source, (), _Count()))
    path = Path(source)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
        raise ConfigError(f"the sweep file {str(source)[:200]!r} cannot be read: {reason}") from None
    return read_text(data, str(path), json_syntax=path.suffix.lower() == ".json")


def read_text(data: bytes | str, source: str = "", *, json_syntax: bool = False) -> Document:
    """The document that `data` writes in YAML or JSON. Raises `ConfigError`."""
    try:
        raw = data.encode() if isinstance(data, str) else data
        if len(raw) > MAX_BYTES:
            raise ConfigError(f"a sweep file holds at most {MAX_BYTES:,} bytes", source)
        text = raw.decode("utf-8-sig")
    except UnicodeError as fault:
        raise ConfigError(f"the file is not UTF-8 text ({fault.reason}): save it as UTF-8", source) from None  # type: ignore[attr-defined]
    return _read_json(text, source) if json_syntax else _read_yaml(text, source)


# --- mappings ---------------------------------------------------------------------------------------------------------


class _Count:
    """Counts nodes up to the limit."""

    def __init__(self) -> None:
        self.nodes = 0

    def add(self, nodes: int, line: int | None = None) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            raise ConfigError([Fault((), f"more than {MAX_NODES:,} values: a sweep file is smaller", line=line)])


def _plain_tree(value: Any, path: Keys, count: _Count) -> Any:
    """A copy of nested mappings and lists with text keys; anything else, Parameters too, stays as it is."""
    count.add(1)
    if len(path) > MAX_DEPTH:
        raise ConfigError([Fault(path[:3], f"is nested more than {MAX_DEPTH} deep, or contains itself")])
    if isinstance(value, Mapping) and not isinstance(value, Parameter):
        out: dict[str, Any] = {}
        for given, child in value.items():
            key = _key(str(given), path)
            if key in out:
                raise ConfigError([Fault((*path, key), "is there twice, as a text and as another value")])
            out[key] = _plain_tree(child, (*path, key), count)
        return out
    if isinstance(value, list | tuple):
        return [_plain_tree(child, (*path, i), count) for i, child in enumerate(value)]
    return value


def _key(text: str, path: Keys, line: int | None = None) -> str:
    if len(text) > MAX_KEY:
        raise ConfigError([Fault((*path, text[:40] + "..."), f"is longer than {MAX_KEY} characters", line=line)])
    return text


# --- JSON -------------------------------------------------------------------------------------------------------------


def _read_json(text: str, source: str) -> Document:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key, value in items:
            if key in out:
                raise ConfigError(f"the key {key[:80]!r} is there twice in one object: keep one", source)
            out[key] = value
        return out

    try:
        return Document(_plain_tree(json.loads(text, object_pairs_hook=pairs), (), _Count()), source)
    except json.JSONDecodeError as fault:
        raise ConfigError([Fault((), f"no JSON: {fault.msg}", line=fault.lineno)], source) from None
    except RecursionError:
        raise ConfigError(f"values are nested more than {MAX_DEPTH} deep", source) from None
    except ValueError as fault:
        if isinstance(fault, ConfigError):
            raise ConfigError(fault.faults, source) from None
        raise ConfigError(f"no JSON: {str(fault)[:200]}", source) from None


# --- YAML -------------------------------------------------------------------------------------------------------------


def _read_yaml(text: str, source: str) -> Document:
    try:
        import yaml
    except ImportError:
        raise MissingExtra("PyYAML", "sweeps", "reading a YAML sweep file") from None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Builder(yaml.parse(text, Loader=loader), source).document()
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        line = mark.line + 1 if mark is not None else None
        problem = getattr(fault, "problem", None) or str(fault).splitlines()[0]
        hint = "; indent with spaces, not tabs" if "\\t" in problem or _tab_indents(text, line) else ""
        raise ConfigError([Fault((), f"no YAML: {problem[:200]}{hint}", line=line)], source) from None
    except ConfigError as fault:
        raise ConfigError(fault.faults, source) from None


def _tab_indents(text: str, line: int | None) -> bool:
    lines = text.splitlines()
    return line is not None and line <= len(lines) and lines[line - 1].startswith("\t")


@dataclass(frozen=True)
class _Anchored:
    """What an alias stands for."""

    value: Any
    nodes: int
    height: int


class _Builder:
    """Values from the events of a YAML stream."""

    def __init__(self, events: Iterator[Any], source: str) -> None:
        self._events, self._count = events, _Count()
        self._document = Document(None, source)
        self._anchors: dict[str, _Anchored | None] = {}  # None: being read

    def document(self) -> Document:
        """The one document of the stream."""
        self._next()  # the start of the stream
        if self._kind(self._next()) == "StreamEnd":
            raise ConfigError("the file is empty")
        self._document.value, _ = self._node(self._next(), ())
        self._next()  # the end of the document
        if self._kind(event := self._next()) != "StreamEnd":
            raise self._fault(event, (), "a second document begins here: a sweep file holds one")
        return self._document

    def _next(self) -> Any:
        return next(self._events)

    @staticmethod
    def _kind(event: Any) -> str:
        return type(event).__name__.removesuffix("Event")

    @staticmethod
    def _line(event: Any) -> int:
        return int(event.start_mark.line) + 1

    def _fault(self, event: Any, path: Keys, message: str) -> ConfigError:
        return ConfigError([Fault(path, message, line=self._line(event))])

    def _node(self, event: Any, path: Keys) -> tuple[Any, int]:
        """(value, height) of the node that begins with `event`."""
        if len(path) > MAX_DEPTH:
            raise self._fault(event, path[:3], f"is nested more than {MAX_DEPTH} deep")
        kind = self._kind(event)
        if kind == "Alias":
            return self._alias(event, path)
        before = self._count.nodes
        self._count.add(1, self._line(event))
        if event.anchor:
            self._anchors[event.anchor] = None
        if kind == "Scalar":
            value, height = self._scalar(event, path), 0
        elif kind == "SequenceStart":
            self._check_tag(event, path, "seq")
            value, height = self._sequence(path)
        else:
            self._check_tag(event, path, "map")
            value, height = self._mapping(path)
        if event.anchor:
            self._anchors[event.anchor] = _Anchored(value, self._count.nodes - before, height)
        return value, height

    def _alias(self, event: Any, path: Keys) -> tuple[Any, int]:
        if event.anchor not in self._anchors:
            raise self._fault(event, path, f"there is no anchor &{event.anchor[:80]} before this line")
        anchored = self._anchors[event.anchor]
        if anchored is None:
            raise self._fault(event, path, f"*{event.anchor[:80]} stands inside of what it stands for")
        self._count.add(anchored.nodes, self._line(event))
        if len(path) + anchored.height > MAX_DEPTH:
            raise self._fault(event, path[:3], f"is nested more than {MAX_DEPTH} deep")
        return anchored.value, anchored.height

    def _sequence(self, path: Keys) -> tuple[list[Any], int]:
        out: list[Any] = []
        height = 0
        while self._kind(event := self._next()) != "SequenceEnd":
            here = (*path, len(out))
            self._document.lines[here] = self._line(event)
            value, below = self._node(event, here)
            out.append(value)
            height = max(height, below + 1)
        return out, height

    def _mapping(self, path: Keys) -> tuple[dict[str, Any], int]:
        out: dict[str, Any] = {}
        first: dict[str, int] = {}  # key -> line
        merged: list[Any] = []
        height = 0
        while self._kind(event := self._next()) != "MappingEnd":
            if self._kind(event) != "Scalar":
                raise self._fault(event, path, "a key is a list, a mapping or an alias: a name is needed")
            # As written: a parameter may be called `no` or `1`.
            key = _key(str(event.value), path, self._line(event))
            here = (*path, key)
            if first.setdefault(key, self._line(event)) != self._line(event) or key in out:
                message = f"is there twice, first in line {first[key]}: keep one"
                self._document.faults.append(Fault(here, message, line=self._line(event)))
            self._count.add(1, self._line(event))
            self._document.lines[here] = self._line(event)
            value, below = self._node(self._next(), here)
            height = max(height, below + 1)
            if key == "<<":
                merged += value if isinstance(value, list) else [value]
                if not all(isinstance(m, dict) for m in merged):
                    raise self._fault(event, here, "merges what is no mapping")
            else:
                out[key] = value
        for one in merged:
            out = {**one, **out}
        return out, height

    # --- scalars -----------------------------------------------------------------------------------------------------

    def _check_tag(self, event: Any, path: Keys, kind: str) -> None:
        if event.tag not in (None, "!", _TAG + kind):
            raise self._fault(event, path, f"the tag {str(event.tag)[:80]!r} is not allowed: remove it")

    def _scalar(self, event: Any, path: Keys) -> Any:
        text: str = event.value
        if event.tag in (None, "!", _TAG + "str"):
            if not event.implicit[0]:
                return text  # quoted, or tagged as a text
            if _OLD_BOOL.fullmatch(text):
                message = f"is the text {text!r}, which W&B reads as true or false: quote it, or write those"
                self._document.faults.append(Fault(path, message, "warning", self._line(event)))
            return self._resolved(event, path, text)
        value = self._resolved(event, path, text)
        match event.tag.removeprefix(_TAG):
            case "float" if isinstance(value, int | float) and not isinstance(value, bool):
                return float(value)
            case "int" if isinstance(value, int) and not isinstance(value, bool):
                return value
            case "bool" if isinstance(value, bool):
                return value
            case "null" if value is None:
                return value
            case "float" | "int" | "bool" | "null" as kind:
                raise self._fault(event, path, f"{text[:80]!r} is no {kind}")
        raise self._fault(event, path, f"the tag {event.tag[:80]!r} is not allowed: remove it")

    def _resolved(self, event: Any, path: Keys, text: str) -> Any:
        """The value of a plain scalar by the core schema of YAML 1.2, and 1_000 as the number that it looks like."""
        if len(text) > _MAX_DIGITS:
            return text
        if text in _NULL:
            return None
        if text in _BOOL:
            return _BOOL[text]
        if _INT.fullmatch(text):
            return int(text.replace("_", ""))
        if _BASED.fullmatch(text):
            return int(text, 0)
        if _FLOAT.fullmatch(text):
            return float(text)
        if _INFINITE.fullmatch(text):
            return -math.inf if text.startswith("-") else math.inf
        return math.nan if text in _NAN else text
