"""Strategies: the table of their names, and how one is made. Each is one file that imports no other strategy."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from hyperopt_core.errors import ConfigError, suggest
from hyperopt_core.strategies.protocol import Point, Strategy

if TYPE_CHECKING:
    from hyperopt_core.history import History

__all__ = ["STRATEGIES", "Point", "Strategy", "explain_strategy", "make_strategy", "strategy_names"]

#: name -> "module:Class", imported when it is first asked for.
STRATEGIES: dict[str, str] = {
    "auto": "hyperopt_core.strategies.auto:Auto",
    "cokriging": "hyperopt_core.strategies.cokriging:CoKrigingSearch",
    "gp": "hyperopt_core.strategies.gp:GaussianProcess",
    "grid": "hyperopt_core.strategies.grid:Grid",
    "random": "hyperopt_core.strategies.random:Random",
    "sobol": "hyperopt_core.strategies.sobol:Sobol",
    "tpe": "hyperopt_core.strategies.tpe:TreeParzen",
}
#: Names of W&B sweep files -> ours.
ALIASES = {"bayes": "cokriging"}
_ENTRY_POINTS = "hyperopt_core.strategies"


def strategy_names() -> list[str]:
    """Every name that `strategy=` and `method:` take, those of installed plug-ins too."""
    return sorted({*STRATEGIES, *ALIASES, *(e.name for e in entry_points(group=_ENTRY_POINTS))})


def make_strategy(strategy: str | Strategy, options: Mapping[str, Any] | None = None) -> Strategy:
    """The strategy of that name with its `options`; an instance is given back. Raises `ConfigError`.

    >>> make_strategy("random").name
    'random'
    """
    if not isinstance(strategy, str):
        return strategy
    name = ALIASES.get(strategy, strategy)
    if name in STRATEGIES:
        module, _, attribute = STRATEGIES[name].partition(":")
        make = getattr(import_module(module), attribute)
    else:
        plugins = {e.name: e for e in entry_points(group=_ENTRY_POINTS)}
        if name not in plugins:
            known = strategy_names()
            raise ConfigError(f"strategy is {strategy!r}: one of {', '.join(known)}{suggest(strategy, known)}")
        make = plugins[name].load()
    try:
        return make(**(options or {}))
    except TypeError as fault:
        raise ConfigError(f"strategy {strategy!r} does not take these options: {fault}") from None


def explain_strategy(strategy: Strategy, history: History, asked: str) -> str:
    """The strategy that chooses the next trial and why. asked: the name that the user gave.

    >>> explain_strategy(make_strategy("bayes"), ..., "bayes")
    'cokriging, which bayes stands for'
    """
    if (choose := getattr(strategy, "explain", None)) is not None:
        return f"{strategy.name} takes {choose(history)}"
    return f"{strategy.name}, as asked for" if asked == strategy.name else f"{strategy.name}, which {asked} stands for"
