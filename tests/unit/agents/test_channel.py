"""The channel between an agent and the programs of its trials: both ends, and strangers."""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from hyperopt_core.agents import current, wire
from hyperopt_core.agents.channel import Channel
from hyperopt_core.agents.current import current_run, running
from hyperopt_core.agents.run import Run
from hyperopt_core.errors import InvalidTrial
from hyperopt_core.trial import Decision
from tests.unit.agents.source import PYTHON, ROOT


@pytest.fixture
def channel() -> Iterator[Channel]:
    made = Channel()
    yield made
    made.close()


@pytest.fixture
def as_program(monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, str]], None]:
    """Makes this process the program of a trial."""
    monkeypatch.setattr(current, "_program", None)

    def become(environment: Mapping[str, str]) -> None:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)

    return become


def connect(environment: Mapping[str, str]) -> socket.socket:
    host, _, port = environment[wire.ADDRESS].rpartition(":")
    return socket.create_connection((host, int(port)), timeout=20)


def say(connection: socket.socket, line: bytes) -> list[dict[str, Any]]:
    """What comes back until the other end hangs up."""
    with connection, connection.makefile("rb") as file:
        connection.sendall(line)
        connection.shutdown(socket.SHUT_WR)
        return [json.loads(answer) for answer in file]


def test_a_program_finds_its_trial(
    channel: Channel, as_program: Callable[[Mapping[str, str]], None], tmp_path: Path
) -> None:
    seen: list[Any] = []

    def report(step: float | None, value: float | None, metrics: Mapping[str, float]) -> Decision:
        seen.append((step, value, dict(metrics)))
        return Decision.PAUSE if step == 9 else Decision.CONTINUE

    params = {"lr": 0.1, "net": {"layers": 3}, "name": "ü\n"}
    run = Run(params, number=5, next_step=7, budget=9, device="cuda:1", _directory=lambda: tmp_path, _report=report)
    with channel.open(run) as environment:
        as_program(environment)
        mine = current_run({"lr": 1.0, "net": {"width": 8}}, epochs=27)
        assert mine.params == {**params, "net": {"layers": 3, "width": 8}, "epochs": 27}
        assert (mine.number, mine.next_step, mine.budget, mine.device, mine.alone) == (5, 7, 9, "cuda:1", False)
        assert mine.checkpoint_dir == tmp_path / "checkpoint"
        assert current_run() is mine
        assert mine.report(0.5, inf=math.inf, nan=math.nan) is Decision.CONTINUE
        assert not mine.should_stop
        assert mine.report(loss=1.0, step=9) is Decision.PAUSE
        assert run.decision is Decision.PAUSE
    assert seen[0][:2] == (7, 0.5)
    assert seen[0][2]["inf"] == math.inf
    assert math.isnan(seen[0][2]["nan"])
    with pytest.raises(SystemExit, match="is gone"):
        mine.report(loss=1.0)


def test_a_program_is_told_why_it_should_stop(
    channel: Channel, as_program: Callable[[Mapping[str, str]], None]
) -> None:
    run = Run({}, _stop_reason=lambda: "cancelled by a person")
    with channel.open(run) as environment:
        as_program(environment)
        mine = current_run()
        assert mine.stop_reason == "cancelled by a person"
        assert mine.should_stop


def test_what_the_sweep_refuses_is_refused_in_the_program(
    channel: Channel, as_program: Callable[[Mapping[str, str]], None]
) -> None:
    def report(step: float | None, value: float | None, metrics: Mapping[str, float]) -> Decision:
        raise InvalidTrial("report of trial 0 holds nothing")

    with channel.open(Run({}, _report=report)) as environment:
        as_program(environment)
        with pytest.raises(InvalidTrial, match="holds nothing"):
            current_run().report({})
        with pytest.raises(InvalidTrial, match="bytes"):
            current_run().report({"x" * (1 << 20): 1.0})
        with pytest.raises(InvalidTrial, match="holds nothing"):  # and the channel still works
            current_run().report(loss=1.0)


def test_a_fault_of_the_agent_is_told_and_the_connection_lasts(
    channel: Channel, as_program: Callable[[Mapping[str, str]], None]
) -> None:
    def report(step: float | None, value: float | None, metrics: Mapping[str, float]) -> Decision:
        return {1: Decision.CONTINUE}[int(step or 0)]

    with channel.open(Run({}, _report=report)) as environment:
        as_program(environment)
        with pytest.raises(InvalidTrial, match="KeyError: 2"):
            current_run().report(1.0, step=2)
        assert current_run().report(1.0, step=1) is Decision.CONTINUE


def test_child_processes_join_the_trial(channel: Channel, as_program: Callable[[Mapping[str, str]], None]) -> None:
    seen: list[float | None] = []

    def report(step: float | None, value: float | None, metrics: Mapping[str, float]) -> Decision:
        seen.append(value)
        return Decision.CONTINUE

    with channel.open(Run({}, _report=report)) as environment:
        as_program(environment)
        mine = current_run()
        mine.report(1.0)
        code = "import hyperopt_core; hyperopt_core.current_run().report(2.0)"
        subprocess.run([PYTHON, "-c", code], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
        if "fork" in multiprocessing.get_all_start_methods():
            pid = os.fork()
            if not pid:
                mine.report(3.0)
                os._exit(0)
            assert os.waitpid(pid, 0)[1] == 0
        mine.report(4.0)
    assert seen[:2] + seen[-1:] == [1.0, 2.0, 4.0]
    assert set(seen) <= {1.0, 2.0, 3.0, 4.0}
    assert len(seen) == (4 if hasattr(os, "fork") else 3)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b'{"hello": "wrong"}\n',
        b'{"hello": "\xc3\xbc"}\n',
        b'{"hello": null}\n',
        b'{"report": [1, 0.5, {}]}\n',
        b"[" * 4000 + b"\n",
        b"x" * (1 << 21),
        b"\xff\xfe\x00\n",
    ],
)
def test_strangers_are_refused_and_hurt_nobody(channel: Channel, line: bytes) -> None:
    run = Run({})
    with channel.open(run) as environment:
        try:
            answers = say(connect(environment), line)
        except OSError:  # hung up on before it had said all
            answers = [{"error": ""}]
        assert [set(answer) for answer in answers] == [{"error"}]
        hello = json.dumps({"hello": environment[wire.TOKEN]}).encode() + b"\n"
        assert say(connect(environment), hello)[0]["number"] == 0


@pytest.mark.parametrize(
    "line",
    [
        b"no json\n",
        b'{"report": "all"}\n',
        b'{"report": ["1", 0.5, {}]}\n',
        b'{"report": [1, [], {}]}\n',
        b'{"report": [1' + b"0" * 400 + b", 0.5, {}]}\n",
        b'{"report": [-1, 0.5, {}]}\n',
        b'{"report": [NaN, 0.5, {}]}\n',
        b'{"report": [1, 0.5, []]}\n',
        b'{"report": [1, 0.5, {"loss": "low"}]}\n',
        b'{"report": [1, 1' + b"0" * 5000 + b", {}]}\n",
        b'{"fetch": 1}\n',
        b"[" * 100_000 + b"\n",
        b'{"poll": true}',  # cut off
        b'{"report": [1, 0.5, {"' + b"x" * (1 << 20) + b'": 1}]}\n',
    ],
)
def test_a_malformed_request_is_answered_in_words(channel: Channel, line: bytes) -> None:
    with channel.open(Run({})) as environment:
        hello = json.dumps({"hello": environment[wire.TOKEN]}).encode() + b"\n"
        try:
            answers = say(connect(environment), hello + line)
        except OSError:
            answers = [{}, {"error": "hung up"}]
        assert answers[1]["error"]
        assert say(connect(environment), hello + b'{"poll": true}\n')[1] == {"reason": ""}


def test_a_token_is_good_for_its_own_trial_and_no_longer(channel: Channel) -> None:
    with channel.open(Run({}, number=1)) as first, channel.open(Run({}, number=2)) as second:
        assert first[wire.TOKEN] != second[wire.TOKEN]
        for number, environment in ((1, first), (2, second)):
            hello = json.dumps({"hello": environment[wire.TOKEN]}).encode() + b"\n"
            assert say(connect(environment), hello)[0]["number"] == number
    assert say(connect(first), json.dumps({"hello": first[wire.TOKEN]}).encode() + b"\n") == [
        {"error": "no trial of this agent"}
    ]


def test_it_listens_on_the_loopback_interface_only(channel: Channel) -> None:
    with channel.open(Run({})) as environment:
        assert environment[wire.ADDRESS].startswith("127.0.0.1:")


def test_a_program_by_hand_runs_alone_with_its_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current, "_program", None)
    monkeypatch.delenv(wire.ADDRESS, raising=False)
    run = current_run({"lr": 0.1}, epochs=3)
    assert (dict(run.params), run.alone) == ({"lr": 0.1, "epochs": 3}, True)
    assert run.report(loss=1.0) is Decision.CONTINUE
    assert not run.should_stop


def test_a_functions_run_is_its_threads_own() -> None:
    runs: dict[int, Run] = {}

    def train(number: int) -> None:
        with running(Run({"n": number})):
            runs[number] = current_run()

    threads = [threading.Thread(target=train, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {n: run.params["n"] for n, run in runs.items()} == {0: 0, 1: 1, 2: 2}


def test_importing_it_loads_neither_numpy_nor_a_server() -> None:
    code = (
        "import sys, hyperopt_core; hyperopt_core.current_run();"
        " print([m for m in ('numpy', 'socketserver', 'multiprocessing', 'logging', 'asyncio') if m in sys.modules])"
    )
    done = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
