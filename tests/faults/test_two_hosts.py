"""Two hosts and a server, each a network namespace of its own; a link is cut in the middle."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from hyperopt_core import State, Sweep
from hyperopt_core.cli.opening import open_database
from hyperopt_core.storage.roles import Role
from hyperopt_core.storage.sql.tokens import Tokens
from tests.faults.invariants import check

ROOT = Path(__file__).resolve().parents[2]
PORT = 8787
BUDGET = 40

TRAIN = """
import sys, time
import hyperopt_core
run = hyperopt_core.current_run()
longest = 0.0
for step in range(1, 7):
    time.sleep(0.1)
    began = time.monotonic()
    run.report(step=step, value=float(run.params["x"]))
    longest = max(longest, time.monotonic() - began)
run.summarize(longest=longest)
"""


def ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr}"


def _can() -> str:
    """Why this machine cannot play three hosts; empty where it can."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0 or not shutil.which("ip"):
        return "network namespaces need Linux, root and iproute2"
    name = f"hopt-{os.getpid()}-try"
    if subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode:
        return "this machine, perhaps a container, gives out no network namespaces"
    ip("netns", "del", name)
    return ""


class Network:
    """Hosts 1 and 2, each with a link of its own to the server."""

    def __init__(self) -> None:
        self._prefix = f"hopt-{os.getpid()}"
        self._started: list[subprocess.Popen[bytes]] = []
        for host in (0, 1, 2):
            ip("netns", "add", self.name(host))
            ip("-n", self.name(host), "link", "set", "lo", "up")
        for host in (1, 2):
            near, far = ("-n", self.name(0)), ("-n", self.name(host))
            ip(*near, "link", "add", f"to{host}", "type", "veth", "peer", "name", "up0", "netns", self.name(host))
            for place, device, end in ((near, f"to{host}", 1), (far, "up0", 2)):
                ip(*place, "address", "add", f"10.77.{host}.{end}/24", "dev", device)
                ip(*place, "link", "set", device, "up")

    def name(self, host: int) -> str:
        return f"{self._prefix}-{host}"

    def start(self, host: int, arguments: Sequence[str], folder: Path) -> subprocess.Popen[bytes]:
        """hyperopt-core on a host; what it says goes to a file."""
        words = ["ip", "netns", "exec", self.name(host), sys.executable, "-m", "hyperopt_core.cli", *arguments]
        folder.mkdir(exist_ok=True)
        with (folder / "log").open("ab") as log:
            environment = {**os.environ, "PYTHONPATH": str(ROOT)}
            process = subprocess.Popen(words, cwd=folder, env=environment, stdout=log, stderr=log)
        self._started.append(process)
        return process

    def cut(self, host: int, seconds: float) -> None:
        ip("-n", self.name(0), "link", "set", f"to{host}", "down")
        time.sleep(seconds)
        ip("-n", self.name(0), "link", "set", f"to{host}", "up")

    def close(self) -> None:
        for process in self._started:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                process.wait()
        for host in (0, 1, 2):
            subprocess.run(["ip", "netns", "del", self.name(host)], capture_output=True, check=False)


@pytest.fixture
def network() -> Iterator[Network]:
    if why := _can():
        pytest.skip(why)
    made = Network()
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [10.0, 30.0])
def test_a_link_between_hosts_is_cut(tmp_path: Path, network: Network, seconds: float) -> None:
    database = f"sqlite:///{tmp_path}/served.db"
    config = {
        "method": "random",
        "metric": {"name": "value", "goal": "minimize"},
        "parameters": {"x": {"min": 0.0, "max": 1.0}},
        "program": str(tmp_path / "train.py"),
        "command": ["${interpreter}", "${program}"],
        "seed": 1,
        "run_cap": BUDGET,
    }
    (tmp_path / "train.py").write_text(TRAIN)
    with Sweep.create(config, database, "hosts") as sweep:
        store = open_database(database)
        tokens = {host: Tokens(store.database).create(f"host-{host}", Role.AGENT) for host in (1, 2)}
        store.close()
        network.start(0, ["serve", "--storage", database, "--host", "0.0.0.0", "--port", str(PORT)], tmp_path / "0")
        wait_for_the_server(tmp_path / "0" / "log")
        agents = []
        for host, token in tokens.items():
            url = f"http://:{token}@10.77.{host}.1:{PORT}"
            agents.append(
                network.start(host, ["agent", "hosts", "--storage", url, "--agents", "2"], tmp_path / f"{host}")
            )
        deadline = time.monotonic() + 60
        while sweep.ended_count() < BUDGET // 6:
            assert time.monotonic() < deadline, (tmp_path / "1" / "log").read_text()
            time.sleep(0.1)
        before = sweep.ended_count()
        network.cut(1, seconds)
        assert sweep.ended_count() > before, "the other host goes on"
        for host, agent in zip(tokens, agents, strict=True):
            assert agent.wait(timeout=180) == 0, (tmp_path / f"{host}" / "log").read_text()
        check(sweep, BUDGET)
        trials = sweep.trials
        assert all(t.state is State.COMPLETED and t.attempt == 1 for t in trials), "a short cut costs no attempt"
        assert all([m.step for m in sweep.history.curve(t.number)] == [1, 2, 3, 4, 5, 6] for t in trials)
        assert max(t.metrics["longest"] for t in trials) < 4.0, "a training waited for the link"


def wait_for_the_server(log: Path) -> None:
    deadline = time.monotonic() + 60
    while "running on" not in log.read_text() and "agents need a token" not in log.read_text():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
    time.sleep(1.0)  # it says so just before it listens
