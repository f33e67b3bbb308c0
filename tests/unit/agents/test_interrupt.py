"""Interrupts and the signals that raise them."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from hyperopt_core.agents.interrupt import Interrupt, Level
from hyperopt_core.agents.run import Run
from hyperopt_core.agents.signals import handle_signals
from hyperopt_core.trial import Outcome, State


def test_levels_go_up_and_never_down() -> None:
    interrupt = Interrupt()
    levels = [interrupt.escalate(), interrupt.escalate(Level.KILL), interrupt.escalate(Level.END), interrupt.escalate()]
    assert levels == [Level.FINISH, Level.KILL, Level.KILL, Level.KILL]


def test_waiting_ends_with_an_escalation() -> None:
    interrupt = Interrupt()
    threading.Timer(0.1, interrupt.escalate).start()
    start = time.monotonic()
    assert interrupt.wait(20) is Level.FINISH
    assert time.monotonic() - start < 10


def test_sharing_keeps_the_level() -> None:
    interrupt = Interrupt()
    interrupt.escalate(Level.END)
    interrupt.share()
    assert interrupt.level is Level.END


@pytest.mark.parametrize(
    ("state", "told", "expected"),
    [
        (State.COMPLETED, True, State.WAITING),
        (State.FAILED, True, State.WAITING),
        (State.COMPLETED, False, State.COMPLETED),  # it ended without knowing: its result counts
        (State.FAILED, False, State.FAILED),
        (State.STOPPED, True, State.STOPPED),  # the scheduler had stopped it already
        (State.CANCELLED, True, State.CANCELLED),
    ],
)
def test_only_what_an_interrupt_cut_short_is_given_back(state: State, told: bool, expected: State) -> None:
    interrupt = Interrupt()
    interrupt.escalate(Level.END)
    run = Run({}, _stop_reason=lambda: "the agent was interrupted")
    if told:
        assert run.should_stop
    outcome = interrupt.cut_short(run, Outcome(state, (1.0,), exit_code=3))
    assert (outcome.state, outcome.exit_code) == (expected, 3)


@pytest.mark.skipif(os.name != "posix", reason="sends signals to itself")
def test_each_signal_is_one_level_and_one_line() -> None:
    interrupt, lines = Interrupt(), list[str]()
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with handle_signals(interrupt, lines.append):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT, signal.SIGINT):
            os.kill(os.getpid(), number)
    assert interrupt.level is Level.KILL
    assert [line.split()[0] for line in lines] == ["finishing", "ending", "killing", "killing"]
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_other_threads_leave_signals_alone() -> None:
    before, errors = signal.getsignal(signal.SIGINT), list[BaseException]()

    def use() -> None:
        try:
            with handle_signals(Interrupt()):
                assert signal.getsignal(signal.SIGINT) is before
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert errors == []
