"""What early stopping saved: by rung, and over the sweep."""

from __future__ import annotations

from hyperopt_core.analysis import Rung, rungs
from hyperopt_core.plots import ticks
from hyperopt_core.plots.chart import Chart
from hyperopt_core.plots.figure import Panel, axis, bars, figure, line, number_axis
from hyperopt_core.plots.palette import ACCENT, BAND, BLUE
from hyperopt_core.plots.subject import Subject
from hyperopt_core.trial import State

_MOST = 24  # rungs with a bar of their own
_CORNERS = 500  # of a line over the trials


def savings(subject: Subject) -> Chart:
    """Steps trained and saved by the step at which trials ended, and both summed over the trials.

    A trial that was stopped or is paused saves the steps that a full training would have taken on top.
    """
    title = "What early stopping saved"
    found = rungs(subject.history)
    trained, saved = sum(r.trained for r in found), sum(r.saved for r in found)
    if not trained:
        said = "No trial that has ended reported a step."
        return Chart.empty("savings", title, said, subject=subject)
    stopped = sum(r.stopped for r in found)
    share = saved / (trained + saved)
    summary = (
        f"{ticks.number(trained, 5)} steps trained, {ticks.number(saved, 5)} saved: {share:.0%} of full trainings. "
    )
    summary += f"{stopped} trial{'s' if stopped != 1 else ''} stopped early or paused."
    panels = [_by_rung(_grouped(found)), _over_trials(subject, found)]
    return Chart("savings", title, summary, figure(panels, columns=2), subject=subject)


def _grouped(found: list[Rung]) -> list[tuple[str, Rung]]:
    """The rungs with their labels; neighbours together where there are many."""
    size = -(-len(found) // _MOST)
    out = []
    for start in range(0, len(found), size):
        some = found[start : start + size]
        label = ticks.number(some[-1].step, 4)
        if len(some) > 1:
            label = f"{ticks.number(some[0].step, 4)}–{label}"
        total = [sum(getattr(r, name) for r in some) for name in ("stopped", "others", "trained", "saved")]
        out.append((label, Rung(some[-1].step, *total)))
    return out


def _by_rung(found: list[tuple[str, Rung]]) -> Panel:
    heights = list(range(len(found), 0, -1))
    text = [f"ended at step {label}: {r.stopped} stopped or paused, {r.others} others" for label, r in found]
    kept = [f"{ticks.number(r.saved, 4)} steps saved at step {label}" for label, r in found]
    trained, saved = [r.trained for _, r in found], [r.saved for _, r in found]
    traces = [
        bars(heights, trained, name="trained", colour=BLUE, text=text),
        bars(heights, saved, base=trained, name="saved", colour=BAND, text=kept),
    ]
    end = 1.04 * max(t + s for t, s in zip(trained, saved, strict=True))
    shown = ticks.linear(0, end)
    x = axis("steps of all trials that ended there", 0, end, list(zip(shown, ticks.labels(shown), strict=True)))
    y = axis(
        "ended at step",
        min(0.4, len(found) - 3.6),
        len(found) + 0.6,
        [(h, label) for h, (label, _) in zip(heights, found, strict=True)],
    )
    return Panel(x, y | {"showgrid": False}, traces)


def _over_trials(subject: Subject, found: list[Rung]) -> Panel:
    history = subject.history
    full = max((r.step + r.saved / r.stopped for r in found if r.stopped), default=0.0)
    numbers, trained, budget = [], [0.0], [0.0]
    for trial in subject.trials:
        if trial.state.ended or trial.state is State.PAUSED:
            last = history.last_step(trial.number)
            early = trial.state in (State.STOPPED, State.PAUSED)
            numbers.append(trial.number)
            trained.append(trained[-1] + last)
            budget.append(budget[-1] + (max(full, last) if early else last))
    every = -(-len(numbers) // _CORNERS)
    x, trained, budget = ([*some[:-1:every], some[-1]] for some in ([-1, *numbers], trained, budget))
    traces = [
        line(x, budget, name="full trainings", colour=ACCENT, width=1.6, dash="dash", steps=True),
        line(x, trained, name="as it was", colour=BLUE, steps=True),
    ]
    return Panel(number_axis("trial", [0, numbers[-1]], whole=True), number_axis("steps so far", budget), traces)
