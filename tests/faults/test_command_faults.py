"""Programs that hang, crash, ignore signals or leave children behind; agents that are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hyperopt_core.agents.channel import Channel
from hyperopt_core.agents.interrupt import Level
from hyperopt_core.agents.run import Run
from hyperopt_core.trial import Decision, State
from tests.unit.agents.source import PYTHON, ROOT, Bench, is_running, wait_for

pytestmark = pytest.mark.skipif(os.name != "posix", reason="process groups and signals")

SLEEPS = """
    import time
    open("started", "w").write("1")
    time.sleep(60)
    """
STUBBORN = """
    import signal, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    open("started", "w").write("1")
    time.sleep(60)
    """
POLITE = """
    import signal, sys, time
    def leave(number, frame):
        open("left", "w").write("saved")
        sys.exit(0)
    signal.signal(signal.SIGTERM, leave)
    open("started", "w").write("1")
    time.sleep(60)
    """


@pytest.mark.parametrize("program", [SLEEPS, STUBBORN])
def test_a_program_that_takes_too_long_is_ended(tmp_path: Path, program: str) -> None:
    outcome = Bench(tmp_path, program, timeout=0.5).run()
    assert (outcome.state, outcome.reason) == (State.FAILED, "timed out after 0.5 s")
    assert outcome.exit_code == (-signal.SIGTERM if program is SLEEPS else -signal.SIGKILL)


def test_a_crash_says_which_signal_it_was(tmp_path: Path) -> None:
    outcome = Bench(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)").run()
    assert (outcome.state, outcome.reason, outcome.exit_code) == (State.FAILED, "killed by SIGSEGV", -signal.SIGSEGV)


def test_a_program_that_goes_on_although_told_to_stop_is_ended_after_the_grace(tmp_path: Path) -> None:
    program = """
        import time, hyperopt_core
        hyperopt_core.current_run().report(loss=1.0)
        time.sleep(60)
        """
    bench = Bench(tmp_path, program)
    bench.source.answer = Decision.STOP
    outcome = bench.run()
    assert (outcome.state, outcome.values, outcome.exit_code) == (State.STOPPED, (1.0,), -signal.SIGTERM)


def test_a_cancelled_program_may_save_and_is_cancelled(tmp_path: Path) -> None:
    bench = Bench(tmp_path, POLITE, grace=20)
    with bench.running():
        bench.source.unwanted[0] = "cancelled by a person"
    assert bench.outcome is not None
    assert (bench.outcome.state, bench.outcome.reason) == (State.CANCELLED, "cancelled by a person")
    assert (tmp_path / "left").read_text() == "saved"


def test_an_interrupted_program_is_given_back_to_be_tried_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path, POLITE, grace=20)
    with bench.running():
        bench.interrupt.escalate(Level.END)
    assert bench.outcome is not None
    assert (bench.outcome.state, bench.outcome.failed) == (State.WAITING, False)


def test_the_first_interrupt_lets_a_program_finish(tmp_path: Path) -> None:
    program = """
        import time, hyperopt_core
        open("started", "w").write("1")
        time.sleep(0.5)
        hyperopt_core.current_run().report(loss=1.0)
        """
    bench = Bench(tmp_path, program)
    with bench.running():
        bench.interrupt.escalate(Level.FINISH)
    assert bench.outcome is not None
    assert bench.outcome.state is State.COMPLETED


def test_the_third_interrupt_kills_at_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path, STUBBORN, grace=60)
    with bench.running():
        bench.interrupt.escalate(Level.KILL)
    assert bench.outcome is not None
    assert (bench.outcome.state, bench.outcome.exit_code) == (State.WAITING, -signal.SIGKILL)


CHILDREN = """
    import subprocess, sys, time
    same = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
    own = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"], start_new_session=True)
    open("started.tmp", "w").write(f"{same.pid} {own.pid}")
    import os
    os.rename("started.tmp", "started")
    time.sleep(%s)
    """


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_children_are_gone_when_their_program_has_ended(tmp_path: Path) -> None:
    bench = Bench(tmp_path, CHILDREN % 0)
    assert bench.run().exit_code == 0
    pids = [int(pid) for pid in (tmp_path / "started").read_text().split()]
    assert [pid for pid in pids if is_running(pid)] == []


AGENT = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.unit.agents.source import Bench
Bench(Path({folder!r}), {program!r}).run()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_programs_and_their_children_are_gone_when_the_agent_is_killed(tmp_path: Path) -> None:
    code = AGENT.format(root=str(ROOT), folder=str(tmp_path), program=CHILDREN % 60)
    with subprocess.Popen([PYTHON, "-c", code]) as agent:
        pids = [int(pid) for pid in wait_for(tmp_path / "started").split()]
        assert all(is_running(pid) for pid in pids)
        agent.kill()
    end = time.monotonic() + 10
    while any(is_running(pid) for pid in pids) and time.monotonic() < end:
        time.sleep(0.02)
    assert [pid for pid in pids if is_running(pid)] == []


def test_a_program_that_loses_its_agent_ends_itself_with_one_line(tmp_path: Path) -> None:
    program = """if True:
        import time, hyperopt_core
        run = hyperopt_core.current_run()
        open("started", "w").write("1")
        while True:
            try:
                run.report(loss=1.0)
                time.sleep(0.02)
            except Exception:
                pass
        """
    channel = Channel()
    with channel.open(Run({})) as link:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **link}
        started = subprocess.Popen(
            [PYTHON, "-c", program], env=environment, cwd=tmp_path, stderr=subprocess.PIPE, text=True
        )
        wait_for(tmp_path / "started")
    channel.close()
    with started:
        _, words = started.communicate(timeout=20)
    assert started.returncode == 1
    assert words.startswith("hyperopt_core: the agent of this trial")
    assert len(words.splitlines()) == 1


def test_a_program_whose_agent_is_not_there_ends_itself_with_one_line(tmp_path: Path) -> None:
    program = "import hyperopt_core\ntry:\n    hyperopt_core.current_run().report(1.0)\nexcept Exception:\n    pass\n"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HYPEROPT_CORE_ADDRESS": "127.0.0.1:9"}
    done = subprocess.run(
        [PYTHON, "-c", program], env={**environment, "HYPEROPT_CORE_TOKEN": "t"}, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "the agent of this trial at 127.0.0.1:9 is gone" in done.stderr
