"""`current_run()`: how a training function or program finds the trial that it trains. Light to import."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from typing import Any

from hyperopt_core.agents import wire
from hyperopt_core.agents.run import Run
from hyperopt_core.errors import InvalidTrial
from hyperopt_core.trial import Decision

_inside: ContextVar[Run | None] = ContextVar("hyperopt_core_run", default=None)  # the function's run, on its thread
_program: Run | None = None  # the run of this whole process
_lock = threading.Lock()


def current_run(defaults: Mapping[str, Any] | None = None, **more: Any) -> Run:
    """The run of this training, always the same one: of the function or the program that an agent has started.

    Child processes of a program join its trial. Without an agent it is a run alone: `report` stores nothing and says
    CONTINUE, so the same script works by hand. defaults: parameters where the sweep has none, nested as they are.

    A program whose agent is gone is nobody's: its next `report` or `should_stop` ends it (`SystemExit`, one line on
    stderr) instead of training on unseen.

    >>> current_run(lr=0.1).params["lr"]
    0.1
    """
    global _program
    run = _inside.get()
    if run is None:
        with _lock:
            if _program is None:
                address, token = os.environ.get(wire.ADDRESS), os.environ.get(wire.TOKEN)
                _program = Link(address, token).run() if address and token else Run({})
            run = _program
    run.params = _filled(run.params, {**(defaults or {}), **more})
    return run


@contextmanager
def running(run: Run) -> Iterator[None]:
    """Make `run` the current one of this thread."""
    token = _inside.set(run)
    try:
        yield
    finally:
        _inside.reset(token)


def _filled(params: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    out = {**defaults, **params}
    for key, default in defaults.items():
        if isinstance(default, Mapping) and isinstance(out[key], Mapping):
            out[key] = _filled(out[key], default)
    return out


class Link:
    """The program's end of the channel. A forked child makes a connection of its own."""

    def __init__(self, address: str, token: str) -> None:
        self._address, self._token = address, token
        self._hello = self._connect()

    def run(self) -> Run:
        """The trial as the agent describes it."""
        hello = self._hello
        return Run(
            hello["params"],
            number=hello["number"],
            next_step=hello["next_step"],
            budget=hello["budget"],
            device=hello["device"],
            gpus=tuple(hello["gpus"]),
            alone=False,
            _directory=partial(Path, hello["directory"]),
            _report=self._report,
            _stop_reason=self._stop_reason,
            _summarize=self._summarize,
            _mark=self._mark,
        )

    def _report(self, step: float | None, value: float | None, metrics: Mapping[str, float]) -> Decision:
        return Decision(self._ask({"report": [step, value, dict(metrics)]})["decision"])

    def _summarize(self, metrics: Mapping[str, float]) -> None:
        self._ask({"summarize": dict(metrics)})

    def _mark(self, what: str) -> None:
        self._ask({"mark": what})

    def _stop_reason(self) -> str:
        return str(self._ask({"poll": True})["reason"])

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            line = wire.encode(request)
        except ValueError as error:
            raise InvalidTrial(str(error)) from None
        if os.getpid() != self._pid:
            self._connect()
        with self._one_at_a_time:
            answer = self._exchange(line)
        if "error" in answer:
            raise InvalidTrial(answer["error"])
        return answer

    def _connect(self) -> dict[str, Any]:
        self._pid, self._one_at_a_time = os.getpid(), threading.Lock()
        host, _, port = self._address.rpartition(":")
        try:
            with socket.create_connection((host, int(port)), timeout=10) as connection:
                connection.settimeout(None)  # an agent that is busy is waited for; one that dies hangs up
                self._file = connection.makefile("rwb")  # the connection lasts as long as its file
        except (OSError, ValueError) as error:
            raise self._gone(error) from None
        hello = self._exchange(wire.encode({"hello": self._token}))
        if "error" in hello:
            raise self._gone(hello["error"])
        return hello

    def _exchange(self, line: bytes) -> dict[str, Any]:
        try:
            self._file.write(line)
            self._file.flush()
            return wire.decode(self._file.readline())
        except (OSError, ValueError) as error:
            with suppress(OSError):
                self._file.close()
            raise self._gone(error) from None

    def _gone(self, why: object) -> SystemExit:
        return SystemExit(
            f"hyperopt_core: the agent of this trial at {self._address} is gone ({why}), so its program ends;"
            f" to run it by hand unset {wire.ADDRESS}"
        )
