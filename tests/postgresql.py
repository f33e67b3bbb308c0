"""A PostgreSQL server for tests: a throw-away cluster of its own, which is gone with the process that started it."""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from functools import cache
from itertools import count
from pathlib import Path

import pytest

_SCHEMAS = count()


class Server:
    """A running cluster; `restart` and `signal` are for tests of what clients do then.

    sync: whether it waits for the disk, as a real one does; without, tests that need no crash are faster.
    """

    def __init__(self, binaries: Path, *, sync: bool) -> None:
        self._binaries, self._sync = binaries, "on" if sync else "off"
        # The server refuses to run as root, and its user must be able to walk to its files.
        self._user = "postgres" if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="hyperopt-postgresql-"))
        if self._user:
            entry = pwd.getpwnam(self._user)
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._call(
            "initdb", "--pgdata", str(self.folder), "--auth=trust", "--username=tester", "--no-sync", "-E", "UTF8"
        )
        self.start()

    @property
    def url(self) -> str:
        return f"postgresql://tester@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",
            "fsync": self._sync,
        }
        options = " ".join([f"-p {self.port}", *(f"-c {name}={value}" for name, value in settings.items())])
        self._control("start", "--log", str(self.folder / "log"), "-o", options)

    def stop(self, mode: str = "immediate") -> None:
        """`immediate` is a crash: nothing is written that was not on disk."""
        self._control("stop", "--mode", mode)

    def restart(self) -> None:
        self.stop()
        self.start()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to every process of the server, as when its machine hangs."""
        postmaster = int((self.folder / "postmaster.pid").read_text().split()[0])
        listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(postmaster)], capture_output=True, text=True)
        for pid in [postmaster, *map(int, listed.stdout.split())]:
            os.kill(pid, number)

    def schema_url(self) -> str:
        """The URL of a part of the database in which there is nothing yet."""
        from sqlalchemy import create_engine, text

        name = f"test_{os.getpid()}_{next(_SCHEMAS)}"
        engine = create_engine(self.url.replace("postgresql:", "postgresql+psycopg:"))
        with engine.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {name}"))
        engine.dispose()
        return f"{self.url}?options=-csearch_path%3D{name}"

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _control(self, action: str, *options: str) -> None:
        self._call("pg_ctl", action, "--pgdata", str(self.folder), "--wait", "--silent", *options)

    def _call(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), *arguments]
        done = subprocess.run(command, user=self._user, cwd="/", capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"


def new_server(*, sync: bool = True) -> Server:
    """A server of one's own, to be removed. Skips the test where PostgreSQL is not installed, except in CI."""
    binaries = _binaries()
    if binaries is None:
        missing = "PostgreSQL's server is not installed; on Debian and Ubuntu: apt-get install postgresql"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return Server(binaries, sync=sync)


@cache
def shared_server() -> Server:
    """The server that the tests of one process share."""
    server = new_server(sync=False)
    atexit.register(server.remove)
    return server


def _binaries() -> Path | None:
    """Where the server's programs are; Debian keeps them off the PATH."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    found = shutil.which("initdb")
    if not installed and found:
        installed = [Path(found).resolve()]
    return installed[-1].parent if installed else None
