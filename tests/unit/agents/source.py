"""A source of trials in memory: what a sweep is to an agent, without a storage."""

from __future__ import annotations

import sys
import textwrap
import threading
import time
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from hyperopt_core.agents.command import CommandEvaluator
from hyperopt_core.agents.interrupt import Interrupt
from hyperopt_core.agents.loop import make_run
from hyperopt_core.errors import BudgetSpent
from hyperopt_core.optimizer import Optimizer, ended
from hyperopt_core.space import Categorical, Float, SearchSpace
from hyperopt_core.spec import Limits, Objective, SweepSpec
from hyperopt_core.trial import Changes, Decision, Outcome, State, Trial

ROOT = Path(__file__).resolve().parents[3]
SPACE = SearchSpace({"x": Float(0.0, 1.0), "name": Categorical(["a b", '"; rm -rf ~', "$HOME"])})


class MemorySource:
    """A `TrialSource` over an optimizer; tests say with `unwanted` and `answer` what people and schedulers want."""

    name = "digits"

    def __init__(self, directory: Path, **options: Any) -> None:
        objective = options.pop("objective", Objective("loss"))
        options = {"strategy": "random", "seed": 0, "limits": Limits(trials=1), **options}
        self.optimizer = Optimizer.from_spec(SweepSpec(SPACE, objective, **options))
        self.directory = directory
        self.outcomes: list[tuple[int, Outcome]] = []
        self.unwanted: dict[int, str] = {}
        self.answer: Decision | None = None
        self._lock = threading.RLock()

    @property
    def spec(self) -> SweepSpec:
        return self.optimizer.spec

    def ask(self, slot: int = 0) -> Trial:
        with self._lock:
            history, cap = self.optimizer.history, self.spec.limits.trials
            if not history.open_numbers(State.WAITING) and cap is not None and len(history) >= cap:
                raise BudgetSpent("all given out")
            return self.optimizer.ask()

    def report(
        self,
        trial: Trial,
        step: float | None = None,
        value: float | None = None,
        metrics: Mapping[str, float] | None = None,
    ) -> Decision:
        with self._lock:
            decision = self.optimizer.report(trial.number, step, value, metrics)
            return Decision.STOP if trial.number in self.unwanted else self.answer or decision

    def stop_reason(self, trial: Trial) -> str:
        return self.unwanted.get(trial.number, "")

    def settle(
        self,
        trial: Trial,
        value: float | None = None,
        *,
        metrics: Mapping[str, float] | None = None,
        error: BaseException | str | None = None,
    ) -> Outcome:
        with self._lock:
            outcome = self.optimizer.settle(trial.number, value, metrics=metrics, error=error)
        if trial.number in self.unwanted:
            return replace(outcome, state=State.CANCELLED, reason=self.unwanted[trial.number])
        if self.answer is Decision.STOP and outcome.state is State.COMPLETED:
            return replace(outcome, state=State.STOPPED)
        return outcome

    def finish(self, trial: Trial, outcome: Outcome) -> None:
        with self._lock:
            self.outcomes.append((trial.number, outcome))
            known = self.optimizer.history[trial.number]
            self.optimizer.apply(Changes(self.optimizer.seq + 1, (ended(known, outcome, time.time()),)))

    def release(self, trial: Trial, reason: str) -> None:
        self.finish(trial, Outcome(State.WAITING, reason=reason))

    def open_count(self) -> int:
        return len(self.optimizer.history.open_numbers(State.RUNNING, State.WAITING))

    def ended_count(self) -> int:
        return len(self.optimizer.history) - self.open_count()

    def trial_directory(self, trial: Trial) -> Path:
        path = self.directory / f"{trial.number:05d}"
        path.mkdir(parents=True, exist_ok=True)
        return path


class Bench:
    """Runs one program as a trial, and lets tests interfere meanwhile."""

    def __init__(
        self, folder: Path, program: str, *, grace: float = 0.3, gpus: tuple[str, ...] = (), **options: Any
    ) -> None:
        (folder / "train.py").write_text(textwrap.dedent(program))
        options = {"program": "train.py", "command": ("${interpreter}", "${program}", "${args}"), **options}
        self.source, self.interrupt = MemorySource(folder / "trials", **options), Interrupt()
        self.folder, self.grace, self.gpus = folder, grace, gpus
        self.outcome: Outcome | None = None

    def run(self) -> Outcome:
        """The outcome of one trial."""
        environment = {"PYTHONPATH": str(ROOT)}
        evaluate = CommandEvaluator(
            self.source, self.interrupt, directory=self.folder, environment=environment, grace=self.grace
        )
        try:
            return evaluate(make_run(self.source, self.interrupt, self.source.ask(), self.gpus))
        finally:
            evaluate.close()

    @contextmanager
    def running(self, until: str = "started") -> Any:
        """The block is run once the program has made the file `until`; `outcome` is known after it."""

        def call() -> None:
            self.outcome = self.run()

        thread = threading.Thread(target=call)
        thread.start()
        wait_for(self.folder / until)
        yield
        thread.join(20)
        assert not thread.is_alive()

    def log(self, name: str) -> str:
        return (self.folder / "trials" / "00000" / name).read_text()


def wait_for(path: Path, seconds: float = 20) -> str:
    """What is in a file, once there is something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if path.exists() and path.stat().st_size:
            return path.read_text()
        time.sleep(0.01)
    raise AssertionError(f"{path} did not come up")


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


PYTHON = sys.executable
