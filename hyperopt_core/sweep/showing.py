"""A sweep as people look at it: charts, and a table in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hyperopt_core.storage.protocol import Attempt, Status, Storage

if TYPE_CHECKING:
    from hyperopt_core.history import History
    from hyperopt_core.plots import Chart


class Shown:
    """What `Sweep` adds for the eye."""

    name: str
    _storage: Storage
    _id: int

    if TYPE_CHECKING:

        @property
        def history(self) -> History:
            """All that is known now."""

        @property
        def status(self) -> Status:
            """What people, or its budget, want of it."""

    def plot(self, kind: str = "parallel", **options: Any) -> Chart:
        """A chart of the sweep as it is now; a notebook shows it, and `Chart.save` writes it as PNG, SVG or PDF.

        kind: parallel, history, curves, importance, interactions, slices, contour, front, timeline, savings or
        calibration; each takes the options of its function in `hyperopt_core.plots.kinds`, as ``x="lr"`` for contour.
        Raises `ConfigError` for an unknown kind or option, and for what no trial has.
        """
        from hyperopt_core.plots import Subject, make_chart

        history = self.history
        attempts = several_attempts(self._storage, self._id, history) if kind == "timeline" else {}
        return make_chart(Subject(history, self.name, attempts=attempts), kind, **options)

    def _repr_html_(self) -> str:
        return self.history.to_html(f"{self.name}, {self.status}")


def several_attempts(storage: Storage, sweep: int, history: History) -> dict[int, list[Attempt]]:
    """The attempts of every trial that had more than one."""
    return {t.number: storage.attempts(sweep, t.number) for t in history.trials if t.attempt > 1}
