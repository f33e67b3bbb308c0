"""`hyperopt-core serve` for tests: a process of its own, with a token for whoever started it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hyperopt_core.cli.opening import open_database
from hyperopt_core.server.serve import Address, listen, make_server
from hyperopt_core.storage.roles import Role
from hyperopt_core.storage.sql.tokens import Tokens


class Serving:
    """A running server; `kill` and `start` are for tests of what clients do then."""

    def __init__(self, storage: str, folder: Path, *options: str) -> None:
        self._storage, self._log, self._options = storage, folder / "server.log", options
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.start()

    @property
    def url(self) -> str:
        return f"{'https' if '--key' in self._options else 'http'}://127.0.0.1:{self.port}"

    def with_token(self, role: Role = Role.ADMIN, name: str = "") -> str:
        """The server's URL with a new token in it."""
        database = open_database(self._storage)
        token = Tokens(database.database).create(name or f"{role.name}-{time.time_ns()}", role)
        database.close()
        scheme, _, rest = self.url.partition("://")
        return f"{scheme}://:{token}@{rest}"

    def start(self) -> None:
        command = [sys.executable, "-m", "hyperopt_core.cli", "serve", "--storage", self._storage]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--port", str(self.port), *self._options], stdout=log, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + 60
        while not self._answers():
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < deadline, self._log.read_text()
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5):
                return True
        except OSError:
            return False

    def kill(self, number: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal and wait for the end; returns the exit code."""
        self._process.send_signal(number)
        return self._process.wait(timeout=60)

    def log(self) -> str:
        return self._log.read_text()


@contextmanager
def serving(storage: str, folder: Path, *options: str) -> Iterator[Serving]:
    """A server of `storage` until the end of the block."""
    server = Serving(storage, folder, *options)
    try:
        yield server
    finally:
        if server._process.poll() is None:
            server.kill(signal.SIGTERM)


@contextmanager
def serving_here(path: Path) -> Iterator[str]:
    """A server of a new SQLite file in a thread of this process, quick to start; its URL with a token in it."""
    database = open_database(str(path))
    with listen(Address(port=0)) as listener:
        here = Address(port=listener.getsockname()[1])
        server = make_server(database, here)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield here.url.replace("://", f"://:{here.token}@")
        finally:
            server.should_exit = True
            thread.join()
    database.close()
