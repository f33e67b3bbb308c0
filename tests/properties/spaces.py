"""Hypothesis strategies that make search spaces: every kind of parameter, conditions of any depth, nesting."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from hyperopt_core.space import (
    Beta,
    Categorical,
    Constant,
    Float,
    Int,
    LogNormal,
    Normal,
    Parameter,
    SearchSpace,
    canonical,
)

_NAMES = ["lr", "wd", "layers", "units", "kernel", "degree", "x-1", "a b", "ünit", "momentum"]
_JSON = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.floats(-3, 3),
    st.text(max_size=3),
    st.lists(st.integers(0, 2), max_size=2),
)


@st.composite
def _numeric_range(draw: st.DrawFn, positive: bool = False) -> tuple[float, float]:
    low = draw(st.floats(1e-6, 1e3) if positive else st.floats(-1e3, 1e3))
    return low, low + draw(st.floats(1e-3, 1e3))


@st.composite
def floats(draw: st.DrawFn, when: Any = None) -> Float:
    log = draw(st.booleans())
    low, high = draw(_numeric_range(positive=log))
    form = draw(st.sampled_from(["plain", "step", "q", "prior"]))
    if form == "step":
        return Float(low, high, log=log, step=(high - low) / draw(st.integers(1, 40)), when=when)
    if form == "q":
        size = (high - low) / draw(st.integers(2, 40))
        return Float(low, high, log=log, q=size, when=when)
    if form == "prior":
        return Float(low, high, log=log, prior=low, prior_confidence=draw(st.sampled_from(["low", "high"])), when=when)
    return Float(low, high, log=log, when=when)


@st.composite
def ints(draw: st.DrawFn, when: Any = None) -> Int:
    log = draw(st.booleans())
    low = draw(st.integers(1 if log else -50, 50))
    return Int(low, low + draw(st.integers(0, 300)), log=log, step=draw(st.integers(1, 7)), when=when)


@st.composite
def categoricals(draw: st.DrawFn, when: Any = None) -> Categorical:
    choices = draw(st.lists(_JSON, min_size=1, max_size=5, unique_by=canonical))
    weights = None
    if draw(st.booleans()):
        raw = draw(st.lists(st.integers(0, 5), min_size=len(choices), max_size=len(choices)).filter(any))
        weights = [w / sum(raw) for w in raw]
    return Categorical(choices, probabilities=weights, when=when)


@st.composite
def families(draw: st.DrawFn, when: Any = None) -> Parameter:
    q = draw(st.sampled_from([None, 0.25, 1]))
    kind = draw(st.sampled_from([Normal, LogNormal]))
    if draw(st.booleans()):
        return kind(draw(st.floats(-3, 3)), draw(st.floats(0.1, 2)), q=q, when=when)
    return Beta(draw(st.floats(0.5, 5)), draw(st.floats(0.5, 5)), q=None if q is None else 0.1, when=when)


def finite_parameters(when: Any = None) -> st.SearchStrategy[Parameter]:
    return st.one_of(
        categoricals(when),
        st.builds(lambda low, n: Int(low, low + n, when=when), st.integers(-3, 3), st.integers(0, 4)),
        st.builds(lambda n: Float(0.0, 1.0, step=1 / n, when=when), st.integers(1, 3)),
        st.builds(lambda v: Constant(v, when=when), st.integers(0, 2)),
    )


def searched_parameters(when: Any = None) -> st.SearchStrategy[Parameter]:
    """Parameters that have a coordinate: all but constants."""
    return st.one_of(floats(when), ints(when), categoricals(when), families(when))


def parameters(when: Any = None) -> st.SearchStrategy[Parameter]:
    return st.one_of(searched_parameters(when), finite_parameters(when))


@st.composite
def _condition(draw: st.DrawFn, earlier: dict[str, Parameter]) -> dict[str, Any] | None:
    """A `when` on up to two earlier parameters, by value or by range."""
    out: dict[str, Any] = {}
    for name in draw(st.lists(st.sampled_from(sorted(earlier)), max_size=2, unique=True)) if earlier else []:
        parent = earlier[name]
        if parent.levels is not None:
            indices = draw(st.lists(st.integers(0, min(parent.levels, 9) - 1), min_size=1, max_size=3, unique=True))
            out[name] = [parent.level(i) for i in indices]
        elif parent.kind == "float":
            out[name] = {"min": parent.decode(draw(st.floats(0.1, 0.9)))}
    return out or None


@st.composite
def search_spaces(draw: st.DrawFn, finite: bool = False) -> SearchSpace:
    """Spaces of one to six parameters, some in a nested group, children of earlier ones."""
    names = draw(st.lists(st.sampled_from(_NAMES), min_size=1, max_size=6, unique=True))
    make = finite_parameters if finite else parameters
    flat: dict[str, Parameter] = {}
    for name in names:
        flat[name] = draw(make(draw(_condition(flat))))
    if draw(st.booleans()):  # the last ones, which nobody depends on by a relative name, move into a group
        last = names[-1]
        tree: dict[str, Any] = {n: p for n, p in flat.items() if n != last}
        return SearchSpace({**tree, "group": {last: flat[last]}})
    return SearchSpace(flat)
