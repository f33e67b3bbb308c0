"""Whether a process that held a trial is still there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from hyperopt_core.storage import Owner
from hyperopt_core.storage.owner import is_gone, this_owner

pytestmark = pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="needs /proc")

SAY = "from hyperopt_core.storage.owner import this_owner; import sys; print(repr(this_owner(3))); sys.stdin.read()"


@pytest.fixture
def child() -> Iterator[tuple[subprocess.Popen[str], Owner]]:
    process = subprocess.Popen([sys.executable, "-c", SAY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    owner = eval(process.stdout.readline(), {"Owner": Owner})
    yield process, owner
    process.kill()
    process.communicate()


def test_this_process_is_here() -> None:
    assert is_gone(this_owner()) is False
    assert this_owner(1).id != this_owner(2).id


def test_another_process_is_gone_once_it_was_killed(child: tuple[subprocess.Popen[str], Owner]) -> None:
    process, owner = child
    assert owner.pid == process.pid
    assert owner.id.endswith(f"-{process.pid}-3")
    assert is_gone(owner) is False
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert is_gone(owner) is True  # dead, although nobody has collected it yet
    process.wait()
    assert is_gone(owner) is True


def test_a_reused_pid_is_not_mistaken() -> None:
    me = this_owner()
    namespace = me.pid_start.partition(":")[0]
    assert is_gone(replace(me, pid_start=f"{namespace}:1")) is True


def test_a_host_that_was_started_again_has_lost_its_processes() -> None:
    assert is_gone(replace(this_owner(), boot_id="before")) is True


@pytest.mark.parametrize(
    "changed",
    [
        {"host": "elsewhere"},
        {"pid": 0},
        {"boot_id": ""},
        {"pid_start": "another namespace:1"},
        {"pid_start": this_owner().pid_start.partition(":")[0] + ":"},
    ],
)
def test_nobody_can_tell_of_what_is_elsewhere_or_unknown(changed: dict[str, object]) -> None:
    assert is_gone(replace(this_owner(), **changed)) is None  # type: ignore[arg-type]
    assert is_gone(Owner("someone")) is None
