"""Sweep files as values: YAML 1.2 scalars, lines, limits, and files that mean harm."""

from __future__ import annotations

import builtins
import math
import time
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperopt_core import ConfigError
from hyperopt_core.config import load, loads
from hyperopt_core.config.keys import KEYS
from hyperopt_core.config.reading import MAX_BYTES, read, read_text
from hyperopt_core.errors import MissingExtra


def values(text: str) -> Any:
    return read_text(text).value


def refused(text: str | bytes, **options: Any) -> str:
    with pytest.raises(ConfigError) as raised:
        read_text(text, "sweep.yaml", **options)
    return str(raised.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-4", 1e-4),
        ("5e-7", 5e-7),
        ("1.e-5", 1e-5),
        ("-.5", -0.5),
        (".9", 0.9),
        ("1.", 1.0),
        ("1E3", 1000.0),
        ("12", 12),
        ("+12", 12),
        ("012", 12),
        ("0o14", 12),
        ("0x1F", 31),
        ("1_000_000", 1_000_000),
        ("1_0", "1_0"),
        ("12:30:45", "12:30:45"),
        ("2024-01-31", "2024-01-31"),
        ("true", True),
        ("False", False),
        ("no", "no"),
        ("y", "y"),
        ("~", None),
        ("null", None),
        ("None", "None"),
        ("'1e-4'", "1e-4"),
        ("!!float 0.00001", 1e-5),
        ("!!float 3", 3.0),
        ("!!int 3", 3),
        ("!!str 3", "3"),
        ("!!bool true", True),
        ("!!null null", None),
        (".inf", math.inf),
        ("-.Inf", -math.inf),
        ("[1, 2,]", [1, 2]),
        ("1" * 500, "1" * 500),
    ],
)
def test_scalars(text: str, value: Any) -> None:
    found = values(f"a: {text}\n")["a"]
    assert found == value
    assert type(found) is type(value)


def test_keys_are_the_texts_that_were_written() -> None:
    assert values("no: 1\n1e-3: 2\n~: 3\n") == {"no": 1, "1e-3": 2, "~": 3}


def test_anchors_aliases_and_merges() -> None:
    text = "base: &b {x: 1, y: 2}\nsame: *b\nmore:\n  <<: *b\n  y: 3\nboth:\n  <<: [{x: 5}, *b]\n"
    found = values(text)
    assert found["same"] == {"x": 1, "y": 2}
    assert found["more"] == {"x": 1, "y": 3}
    assert found["both"] == {"x": 5, "y": 2}


def test_every_key_has_its_line() -> None:
    document = read_text("a: 1\n\nb:\n  c:\n  - 5\n  - d: 6\n")
    assert document.lines == {
        ("a",): 1,
        ("b",): 3,
        ("b", "c"): 4,
        ("b", "c", 0): 5,
        ("b", "c", 1): 6,
        ("b", "c", 1, "d"): 6,
    }
    assert document.line(("b", "c", 1, "x", "y")) == 6
    assert document.line(("z",)) is None


def test_duplicate_keys_are_all_named_and_the_rest_is_read() -> None:
    document = read_text("a: 1\nb: {c: 1, c: 2}\na: 3\n")
    assert [str(f) for f in document.faults] == [
        "line 2: b.c: is there twice, first in line 2: keep one",
        "line 3: a: is there twice, first in line 1: keep one",
    ]


def test_words_that_an_old_reader_takes_for_booleans_are_a_warning() -> None:
    document = read_text("a: [no, 'yes', maybe, On]\n")
    assert [(f.path, f.severity) for f in document.faults] == [(("a", 0), "warning"), (("a", 3), "warning")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the file is empty"),
        ("# only a comment\n", "the file is empty"),
        ("a: 1\n---\nb: 2\n", "line 2: a second document begins here"),
        ("a:\n\tb: 1\n", "line 2: no YAML: found character that cannot start any token; indent with spaces, not tabs"),
        ("a: [1, 2\nb: 3\n", "line 2: no YAML"),
        ("a: \0\n", "control characters"),
        ("a: \ud800\n", "not UTF-8"),
        (b"\xff\xfea\x00", "not UTF-8"),
        ("a: !!python/object/apply:os.system [ls]\n", "line 1: a: the tag 'tag:yaml.org,2002:python/object"),
        ("a: !thing 5\n", "is not allowed"),
        ("a: !!set {b}\n", "is not allowed"),
        ("a: !!int x\n", "'x' is no int"),
        ("a: &a [*a]\n", "stands inside of what it stands for"),
        ("a: *b\n", "no anchor &b"),
        ("? [a]\n: 1\n", "a name is needed"),
        ("a: {<<: 5}\n", "merges what is no mapping"),
        ("a: 1\n" * 250_000, "at most 1,048,576 bytes"),
        ("k" * 2000 + ": 1\n", "no YAML"),
        ("? " + "k" * 1_000_000 + "\n: 1\n", "longer than 1000 characters"),
        ("[" * 1_000_000, "nesting depth"),
        ("{a: " * 100_000, "more than 32 deep"),
        ("".join(" " * i + "-\n" for i in range(1, 1300)), "more than 32 deep"),
        ("- a\n" * 250_000, "more than 100,000 values"),
    ],
)  # fmt: skip
def test_bad_files_are_refused_in_one_line_and_soon(text: str | bytes, says: str) -> None:
    start = time.perf_counter()
    message = refused(text)
    assert says in message
    assert message.startswith("sweep.yaml: ")
    assert len(message) < 300
    assert time.perf_counter() - start < 5  # well under 1 s where the machine is not busy


def test_an_alias_bomb_ends_at_the_limit() -> None:
    letters = "abcdefghij"
    text = "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
    text += "".join(f"{b}: &{b} [{','.join([f'*{a}'] * 10)}]\n" for a, b in pairwise(letters))
    assert "more than 100,000 values" in refused(text)


def test_aliases_count_their_depth() -> None:
    inner = "&a0 [x]"
    text = f"a0: {inner}\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 40))
    assert "more than 32 deep" in refused(text)


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read_text(b"\xef\xbb\xbfa: 1\n").value == {"a": 1}


def test_the_reader_in_pure_python_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    assert values("a: [1e-4, {b: no}]\nc: &x 5\nd: *x\n") == {"a": [1e-4, {"b": "no"}], "c": 5, "d": 5}
    assert "more than 32 deep" in refused("[" * 2000)
    assert "line 2: no YAML" in refused("a: [1, 2\nb: 3\n")


def test_without_pyyaml_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *args: Any, **options: Any) -> Any:
        if name == "yaml":
            raise ImportError(name)
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(MissingExtra, match=r"hyperopt-core\[sweeps\]"):
        read_text("a: 1\n")
    assert read_text('{"a": 1}', json_syntax=True).value == {"a": 1}


# --- JSON and mappings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"a": 1, "a": 2}', "the key 'a' is there twice"),
        ('{"a": 1\n,}', "line 2: no JSON"),
        ("[" * 500_000, "more than 32 deep"),
        ("[" * 100 + "]" * 100, "more than 32 deep"),
        ("1" * 5000, "no JSON"),
        ("[" + "1," * 200_000 + "1]", "more than 100,000 values"),
    ],
)
def test_bad_json_is_refused(text: str, says: str) -> None:
    assert says in refused(text, json_syntax=True)


def test_mappings_get_text_keys_and_stay_untouched() -> None:
    source = {"a": {1: (2, 3)}}
    assert read(source).value == {"a": {"1": [2, 3]}}
    assert source == {"a": {1: (2, 3)}}


def test_mappings_that_contain_themselves_are_refused() -> None:
    endless: dict[str, Any] = {}
    endless["a"] = endless
    with pytest.raises(ConfigError, match="contains itself"):
        read(endless)
    with pytest.raises(ConfigError, match="is there twice"):
        read({"a": {1: 2, "1": 3}})


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.yaml", tmp_path, "x\0y", "x" * 5000):
        with pytest.raises(ConfigError, match="cannot be read"):
            load(path)
    (tmp_path / "large.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(ConfigError, match="at most"):
        load(tmp_path / "large.yaml")


# --- anything at all --------------------------------------------------------------------------------------------------

_WORDS = st.sampled_from(["parameters", "method", "metric", "a", "values", "min", "max", "1e-4", "grid", "'", '"'])
_SIGNS = st.sampled_from(["[", "]", "{", "}", ", ", ": ", ":\n  ", "\n", "- ", "# ", "? ", "|", ">\n", "---\n", "\t"])
_TAGS = st.sampled_from(["&x ", "*x", "<<: ", "!!int ", "!!str ", "!", "%YAML 1.1\n"])
_PIECES = _WORDS | _SIGNS | _TAGS | st.text(max_size=4)


@settings(max_examples=300)
@given(st.lists(_PIECES, max_size=40).map("".join) | st.binary(max_size=60))
def test_any_text_is_a_sweep_or_a_config_error(text: str | bytes) -> None:
    with suppress(ConfigError):
        loads(text)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_CONFIG_KEYS = [*KEYS, "parameters", "sweep", "config", "metrics"]


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(_CONFIG_KEYS), _JSON, max_size=6), st.booleans(), st.booleans())
def test_any_values_are_a_sweep_or_a_config_error(config: dict[str, Any], valid_space: bool, strict: bool) -> None:
    if valid_space:
        config["parameters"] = {"x": {"min": 0, "max": 1}}
    with suppress(ConfigError):
        load(config, strict=strict)
