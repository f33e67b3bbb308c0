"""Successive halving (Jamieson & Talwalkar 2016), in brackets that all begin at the shortest trainings."""

from __future__ import annotations

from hyperopt_core.maths.brackets import Plan
from hyperopt_core.schedulers.hyperband import Hyperband
from hyperopt_core.schedulers.synchronous import Rungs


class SuccessiveHalving(Hyperband):
    """Rounds of one bracket: eta^s trials to min_steps, the best 1/eta of them to eta times as far, and so on.

    All trials of a rung are compared at once: the first bracket of `Hyperband`, again and again. It trusts short
    trainings: where they mislead, take `hyperband`. Pauses, budgets and re-training are those of `Hyperband`.
    max_steps: default the optimizer's, else 81. Raises `ConfigError`.

    >>> SuccessiveHalving(max_steps=9).plan
    [(9, 1), (3, 3), (1, 9)]
    """

    name = "successive_halving"

    def __init__(self, min_steps: int = 1, max_steps: int | None = None, eta: float = 3) -> None:
        super().__init__(min_steps, max_steps, eta)
        self.plans = self.plans[:1]
        self._rungs = Rungs(self.plans)

    @property
    def plan(self) -> Plan:
        """(trials, steps) of each rung."""
        return self.plans[0]
