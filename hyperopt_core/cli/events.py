"""What happens to a sweep's trials, seen from outside: the changes between two looks at it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hyperopt_core.cli.snapshot import varying
from hyperopt_core.cli.text import number, params_text, seconds, short
from hyperopt_core.trial import State, Trial

if TYPE_CHECKING:
    from hyperopt_core.sweep import Sweep

_LINE = 200  # characters of a reason or an error in an event


@dataclass(frozen=True)
class Event:
    """One thing that happened to a trial."""

    kind: str  # "started", "best", or the state that the trial is in now
    trial: Trial
    text: str  # in words
    fields: Mapping[str, Any] = field(default_factory=dict)  # for programs
    at: float = field(default_factory=time.time)  # seconds since the epoch, when it was seen

    def to_json(self) -> dict[str, Any]:
        """The event as an object for programs."""
        return {"event": self.kind, "trial": self.trial.number, "at": round(self.at, 3), **self.fields}

    def to_line(self) -> str:
        """The event as a line for people."""
        return f"{time.strftime('%H:%M:%S', time.localtime(self.at))}  trial {self.trial.number} {self.text}"


class Watch:
    """Looks at a sweep again and again; what it has seen before its first look is no news."""

    def __init__(self, sweep: Sweep) -> None:
        self._sweep = sweep
        self._known = {t.number: (t.attempt, t.state) for t in sweep.trials}
        self._best = sweep.best

    def news(self) -> list[Event]:
        """What has happened since the last look, in the order of the trials' ends."""
        changed = [t for t in self._sweep.trials if self._known.get(t.number) != (t.attempt, t.state)]
        events: list[Event] = []
        for trial in sorted(changed, key=lambda t: t.seq):
            attempt = self._known.get(trial.number, (0, State.PROPOSING))[0]
            began = trial.params and (trial.attempt > attempt or trial.state is State.RUNNING)
            if began and trial.state not in (State.PROPOSING, State.WAITING):
                events.append(self._started(trial))
            if trial.state not in (State.PROPOSING, State.RUNNING):
                events += self._ended(trial)
            self._known[trial.number] = (trial.attempt, trial.state)
        return events

    def _started(self, trial: Trial) -> Event:
        flat = varying(self._sweep.spec, trial)
        again = f" again (attempt {trial.attempt})" if trial.attempt > 1 else ""
        fields = {"attempt": trial.attempt, "params": dict(trial.params), "origin": trial.origin.strategy}
        return Event("started", trial, f"started{again}: {params_text(flat)}", fields)

    def _ended(self, trial: Trial) -> list[Event]:
        metric = self._sweep.spec.objective.metric
        last = self._sweep.history.last_step(trial.number)
        words = [str(trial.state)]
        words += [f"at step {last:g}"] if last and trial.state in (State.STOPPED, State.PAUSED) else []
        words += [f"with {short(metric, 40)} {number(trial.value)}"] if trial.values else []
        words += [f"after {seconds(trial.seconds)}"] if trial.seconds is not None else []
        text = " ".join(words) + (f": {short(trial.reason, _LINE)}" if trial.reason else "")
        fields = {
            "value": trial.value,
            "step": last or None,
            "seconds": None if trial.seconds is None else round(trial.seconds, 3),
            "reason": trial.reason or None,
            "metrics": dict(trial.metrics),
        }
        events = [Event(str(trial.state), trial, text, {k: v for k, v in fields.items() if v not in (None, {})})]
        best = self._sweep.best
        if best is not None and best.number == trial.number and (self._best is None or best.value != self._best.value):
            self._best = best
            text = f"is the best so far: {short(metric, 40)} {number(best.value)}"
            events.append(Event("best", best, text, {"value": best.value, "params": dict(best.params)}))
        return events
