"""The evaluator of a program: starts the sweep's command once a trial and looks after it until it is gone."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from enum import Enum, auto
from os import environ
from pathlib import Path

from hyperopt_core.agents import wire
from hyperopt_core.agents.channel import Channel
from hyperopt_core.agents.failures import ending
from hyperopt_core.agents.gpus import VISIBLE
from hyperopt_core.agents.interrupt import Interrupt, Level
from hyperopt_core.agents.program import Program, Watchdog
from hyperopt_core.agents.protocol import TrialSource
from hyperopt_core.agents.run import Run
from hyperopt_core.config.command import command_line
from hyperopt_core.trial import Decision, Outcome, State, Trial

_TICK = 0.1  # seconds between looks at a running program
_KEPT = 8192  # bytes of stderr that go into `Outcome.error`


class _Why(Enum):
    """Why a program has to end."""

    TOLD = auto()  # by the answer to its own report; it may take the grace to do so
    INTERRUPTED = auto()
    TIMEOUT = auto()
    STALLED = auto()  # it has not reported for too long
    UNWANTED = auto()  # cancelled, or taken over by another agent


class CommandEvaluator:
    """Runs `spec.command` in `directory` for every trial; stdout and stderr go to files in the trial's folder.

    environment: more variables for the programs. grace: seconds from telling a program to end to SIGTERM, and from
    SIGTERM to SIGKILL. Whatever a program has started is gone when its trial has ended, or the agent has died.
    """

    def __init__(
        self,
        source: TrialSource,
        interrupt: Interrupt,
        *,
        directory: Path,
        environment: Mapping[str, str] | None = None,
        grace: float = 10.0,
    ) -> None:
        self._source, self._interrupt, self._grace = source, interrupt, grace
        self._directory, self._environment = Path(directory), dict(environment or {})
        self._channel, self._guard = Channel(), Watchdog()

    def __call__(self, run: Run) -> Outcome:
        folder = run.directory.absolute()
        if run.gpus:
            run.device = "cuda:0"  # the first of those that its program sees
        with (
            self._channel.open(run) as link,
            (folder / "stdout.log").open("ab") as stdout,
            (folder / "stderr.log").open("ab") as stderr,
        ):
            before = stderr.tell()  # an earlier attempt may have written there
            argv: list[str] = []
            try:
                argv = command_line(self._source.spec, run.params, directory=folder)
                program = Program(
                    argv,
                    cwd=self._directory,
                    environment={**environ, **self._environment, **self._names(run), **link},
                    stdout=stdout,
                    stderr=stderr,
                    guard=self._guard,
                )
            except (OSError, ValueError) as error:
                return self._source.settle(Trial(run.number), error=self._not_started(argv, error))
            why = None
            try:
                why = self._watch(run, program)
            finally:
                code = program.close()
        return self._outcome(run, why, code, _tail(folder / "stderr.log", before))

    def close(self) -> None:
        """Close the channel."""
        self._channel.close()
        self._guard.close()

    def _names(self, run: Run) -> dict[str, str]:
        names = {wire.SWEEP: self._source.name, wire.TRIAL: str(run.number), "PYTHONUNBUFFERED": "1"}
        return names | ({VISIBLE: ",".join(run.gpus)} if run.gpus else {})

    def _not_started(self, argv: list[str], error: Exception) -> str:
        if not argv:
            return str(error)
        if isinstance(error, FileNotFoundError) and not self._directory.is_dir():
            return f"cannot start {argv[0]!r}: there is no folder {self._directory}"
        return f"cannot start {argv[0]!r} in {self._directory.absolute()}: {getattr(error, 'strerror', error)}"

    def _watch(self, run: Run, program: Program) -> _Why | None:
        """Wait for the program's end and see to it where it must end; returns why, None where it ended by itself."""
        why, told, terminated = None, 0.0, None
        started = time.monotonic()
        while program.wait(_TICK) is None:
            now = time.monotonic()
            if why is None:
                why, told = self._why(run, now - started), now
            if why is None:
                continue
            level = self._interrupt.level
            if level is Level.KILL or (terminated is not None and now - terminated > self._grace):
                break
            patient = why is _Why.TOLD and level < Level.END and now - told <= self._grace
            if terminated is None and not patient:
                program.terminate()
                terminated = now
        return why

    def _why(self, run: Run, seconds: float) -> _Why | None:
        timeout, stall = self._source.spec.timeout, self._source.spec.stall
        if run.decision is not Decision.CONTINUE:
            return _Why.TOLD
        if self._interrupt.level >= Level.END and run.should_stop:
            return _Why.INTERRUPTED
        if timeout is not None and seconds > timeout:
            return _Why.TIMEOUT
        if stall is not None and min(seconds, run.silence) > stall:
            return _Why.STALLED
        return _Why.UNWANTED if run.stop_reason else None

    def _outcome(self, run: Run, why: _Why | None, code: int, stderr: str) -> Outcome:
        error = None
        if why is _Why.TIMEOUT:
            error = f"timed out after {self._source.spec.timeout:g} s"
        elif why is _Why.STALLED:
            error = f"stalled: no report for {self._source.spec.stall:g} s"
        elif why is _Why.UNWANTED:
            error = run.stop_reason or "ended by its agent"
        elif code != 0 and run.decision is Decision.CONTINUE:  # how it ends after it was told to is no failure
            error = ending(code, stderr)
        if error is not None and stderr:
            error = f"{error}\n\n{stderr}"
        outcome = self._source.settle(Trial(run.number), metrics=run.summary, error=error)
        if error is None and outcome.state is State.FAILED and not outcome.metrics:
            outcome = replace(outcome, reason=f"{outcome.reason}, where run = hyperopt_core.current_run()")
        return self._interrupt.cut_short(run, replace(outcome, exit_code=code))


def _tail(path: Path, start: int) -> str:
    """The last part of what a file holds from byte `start` on."""
    with path.open("rb") as file:
        end = file.seek(0, 2)
        file.seek(max(start, end - _KEPT))
        return file.read().decode(errors="replace")
