"""Filters on trials as people write them: ``val_acc > 0.92 and lr < 1e-2``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hyperopt_core.analysis.fields import Fields
from hyperopt_core.errors import ConfigError, Fault, suggest
from hyperopt_core.space import Constraint, SearchSpace
from hyperopt_core.trial import Trial


def where(text: str, trials: Sequence[Trial], space: SearchSpace) -> Callable[[Trial], bool]:
    """A predicate on trials from a condition on their metrics, dotted parameters and facts (see `Fields`).

    A trial that lacks one of the names (an inactive parameter, a metric never reported) does not meet it. Names with
    other characters than letters, digits, ``_`` and ``.`` stand in backticks: ```val/loss` < 0.1``. Raises
    `ConfigError` for what cannot be read and for names that no trial has.

    >>> from hyperopt_core.space import Float
    >>> trials = [Trial(n, {"lr": 0.1}, metrics={"acc": acc}) for n, acc in enumerate([0.90, 0.95])]
    >>> wanted = where("acc > 0.92", trials, SearchSpace({"lr": Float(0, 1)}))
    >>> [t.number for t in trials if wanted(t)]
    [1]
    """
    try:
        condition = Constraint(text)
    except ConfigError as fault:
        raise ConfigError([Fault(("where",), fault.faults[0].message.replace("constraint ", "", 1))]) from None
    fields = Fields(trials, space)
    unknown = sorted(condition.names - set(fields.names))
    if unknown:
        known = ", ".join(fields.names)
        hints = "; ".join(f"{text!r}: nothing is called {n!r}{suggest(n, fields.names)}" for n in unknown)
        raise ConfigError([Fault(("where",), f"{hints}; there are: {known}")])

    def holds(trial: Trial) -> bool:
        row = fields(trial)
        # A Constraint holds where a name is missing; a filter does not.
        return condition.names <= row.keys() and condition.holds(row)

    return holds
