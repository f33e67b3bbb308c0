"""The run of a trial: what a training function or program holds while it trains."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol, Self, SupportsFloat

from hyperopt_core.trial import Decision, Trial, as_float, as_floats, as_step, step_after

#: What a training may say of its machine.
PREEMPTING, PREEMPTIBLE = "preempting", "preemptible"


class Reporter(Protocol):
    """Takes measurements and says whether to go on: a sweep, or the channel to an agent."""

    def __call__(self, step: float | None, value: float | None, metrics: Mapping[str, float]) -> Decision: ...


class AskTell(Protocol):
    """What hands out trials and is told how they go: an `Optimizer`, or a `Sweep`."""

    def report(
        self,
        trial: Trial,
        step: float | None = None,
        value: float | None = None,
        metrics: Mapping[str, float] | None = None,
    ) -> Decision:
        """What a running trial measured, and whether it should go on."""


def _alone(step: float | None, value: float | None, metrics: Mapping[str, float]) -> Decision:
    return Decision.CONTINUE


def _unheard(metrics: Mapping[str, float]) -> None: ...


def _untold(mark: str) -> None: ...


def _nobody() -> str:
    return ""


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@dataclass
class Run:
    """A trial being trained.

    Sent to another process, as those of a distributed training are, it reports through this one while this one lives.

    >>> run = Run({"lr": 0.1})                  # made by an agent, `Run.of(optimizer, trial)`, or `current_run()`
    >>> run.report(val_loss=0.5, step=1)        # CONTINUE, PAUSE or STOP
    <Decision.CONTINUE: 'continue'>
    """

    params: Mapping[str, Any]
    number: int = 0
    next_step: float = 1  # the step to go on with: 1 for a new trial
    budget: int | None = None  # train to this step; None: to the end
    device: str | None = None  # e.g. "cuda:0" where the agent gives out GPUs
    gpus: tuple[str, ...] = ()  # their ids, as CUDA_VISIBLE_DEVICES has them
    alone: bool = True  # no agent: nothing is stored and nothing stops it
    _directory: Callable[[], Path] = field(default=Path, repr=False)
    _report: Reporter = field(default=_alone, repr=False)
    _stop_reason: Callable[[], str] = field(default=_nobody, repr=False)
    _summarize: Callable[[Mapping[str, float]], None] = field(default=_unheard, repr=False)
    _mark: Callable[[str], None] = field(default=_untold, repr=False)
    _decision: Decision = field(default=Decision.CONTINUE, init=False, repr=False)
    _step: float = field(default=0, init=False, repr=False)
    _heard_at: float = field(default_factory=time.monotonic, init=False, repr=False, compare=False)
    _marks: set[str] = field(default_factory=set, init=False, repr=False)
    _summary: dict[str, float] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self._step = self.next_step - 1

    @classmethod
    def of(cls, source: AskTell, trial: Trial, directory: str | Path | None = None) -> Self:
        """The run of a trial in an ask/tell loop of yours, for code that trains the runs of a sweep too.

        You tell the trial yourself. directory: for the trial's files, the same when it is paused and goes on; default
        ``trials/NUMBER`` in the working directory, made when it is first asked for.

        >>> from hyperopt_core import Float, Optimizer
        >>> opt = Optimizer({"lr": Float(0, 1)}, metric="val_loss", seed=0)
        >>> trial = opt.ask()
        >>> Run.of(opt, trial).report(val_loss=0.5)
        <Decision.CONTINUE: 'continue'>
        >>> opt.tell(trial)
        """
        folder = Path("trials", f"{trial.number:05d}") if directory is None else Path(directory)
        return cls(
            trial.params,
            number=trial.number,
            next_step=trial.next_step,
            budget=trial.budget,
            alone=False,
            _directory=partial(_made, folder),
            _report=partial(source.report, trial),
        )

    def report(
        self,
        metrics: Mapping[str, SupportsFloat] | SupportsFloat | None = None,
        /,
        *,
        step: float | None = None,
        **named: SupportsFloat,
    ) -> Decision:
        """Report metrics at `step` (default: the next whole one): by name, as a mapping, or the objective's value.

        Anything but CONTINUE means: save what you need and return. Raises `InvalidTrial` for what is no number.
        """
        value = None if metrics is None or isinstance(metrics, Mapping) else metrics
        given = {**(metrics if isinstance(metrics, Mapping) else {}), **named}
        return self.record(step_after(self._step) if step is None else step, value, given)

    def record(self, step: float, value: SupportsFloat | None, metrics: Mapping[str, SupportsFloat]) -> Decision:
        """`report`, for code that passes on what others measured."""
        step = as_step(step)
        number = None if value is None else as_float(value)
        decision = self._report(step, number, as_floats(metrics))
        self._step, self._heard_at = step, time.monotonic()
        if decision is not Decision.CONTINUE:
            self._decision = decision
        return self._decision

    def summarize(self, metrics: Mapping[str, SupportsFloat] | None = None, /, **named: SupportsFloat) -> None:
        """Metrics as they hold for the whole training, whatever was reported last: the best of all epochs, a mean.

        They count once the trial ends, and stop nothing. Raises `InvalidTrial` for what is no number.
        """
        given = as_floats({**(metrics or {}), **named})
        self._summarize(given)
        self._summary |= given

    def mark_preempting(self) -> None:
        """This machine is about to be taken away: give the trial back, whatever the training does from here on.

        It is no failure. Another agent goes on with it from its checkpoint where the sweep is `resumable`, else from
        scratch, and the agent of this machine asks for no more trials.
        """
        self.mark(PREEMPTING)

    def mark_preemptible(self) -> None:
        """This machine may be taken away at any time: where the training fails from here on, it is tried again.

        From its checkpoint where the sweep is `resumable`, and 5 times at most: the fault may be its own. Its agent
        goes on.
        """
        self.mark(PREEMPTIBLE)

    def mark(self, what: str) -> None:
        """One of the marks above, for code that passes it on."""
        self._mark(what)
        self._marks.add(what)

    @property
    def preempting(self) -> bool:
        """Whether `mark_preempting` was called."""
        return PREEMPTING in self._marks

    @property
    def preemptible(self) -> bool:
        """Whether `mark_preemptible` was called."""
        return PREEMPTIBLE in self._marks

    @property
    def summary(self) -> Mapping[str, float]:
        """What `summarize` was given."""
        return self._summary

    def epochs(self, last: int) -> Iterator[int]:
        """The epochs that are left, up to `last`; ends early once a report, or somebody, says so.

        >>> run = Run({}, next_step=3)              # a trial that was paused after its second epoch
        >>> [epoch for epoch in run.epochs(5) if run.report(val_loss=1 / epoch, step=epoch)]
        [3, 4, 5]
        """
        for epoch in range(step_after(self.next_step - 1), last + 1):
            if self.should_stop:
                return
            yield epoch

    @property
    def decision(self) -> Decision:
        """What the training has been told so far, by `report` or `should_stop`: CONTINUE, or to end now."""
        return self._decision

    @property
    def silence(self) -> float:
        """Seconds since the last report, or the start."""
        return time.monotonic() - self._heard_at

    @property
    def should_stop(self) -> bool:
        """Whether the trial should end now: by its last report, or because somebody cancelled it."""
        if self._decision is Decision.CONTINUE and self._stop_reason():
            self._decision = Decision.STOP
        return self._decision is not Decision.CONTINUE

    @property
    def stop_reason(self) -> str:
        """Why somebody wants it to end now, or an empty string."""
        return self._stop_reason()

    @property
    def directory(self) -> Path:
        """The folder for the files of this trial; it exists."""
        return self._directory()

    @property
    def checkpoint_dir(self) -> Path:
        """A folder that a later attempt of this trial finds again; it exists."""
        path = self.directory / "checkpoint"
        path.mkdir(parents=True, exist_ok=True)
        return path

    def __reduce_ex__(self, protocol: Any) -> str | tuple[Any, ...]:
        if self.alone:
            return super().__reduce_ex__(protocol)
        from hyperopt_core.agents.remote import joined, share

        return joined, share(self)
