"""The agent's end of the channel to the programs it starts: a server on the loopback interface, see `wire`.

Every process of a trial may connect. A message that is foreign, too long or malformed costs its sender the connection
and the agent nothing.
"""

from __future__ import annotations

import logging
import secrets
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from hyperopt_core.agents import wire
from hyperopt_core.agents.run import Run
from hyperopt_core.errors import HyperoptError

_HELLO_SECONDS = 10.0  # a stranger that says nothing is not listened to for longer
_HELLO_BYTES = 4096

log = logging.getLogger(__name__)


@dataclass
class _Member:
    """A trial whose program may connect, and its connections."""

    run: Run
    connections: set[socket.socket] = field(default_factory=set)


class Channel:
    """Listens on 127.0.0.1 until it is closed.

    >>> channel = Channel()
    >>> with channel.open(Run({"lr": 0.1})) as environment:
    ...     sorted(environment)
    ['HYPEROPT_CORE_ADDRESS', 'HYPEROPT_CORE_TOKEN']
    >>> channel.close()
    """

    def __init__(self) -> None:
        self._members: dict[str, _Member] = {}
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), self)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="hyperopt-channel", daemon=True).start()

    @contextmanager
    def open(self, run: Run) -> Iterator[dict[str, str]]:
        """Let the program of `run` connect while the block lasts; yields the environment variables that it needs."""
        token, member = secrets.token_urlsafe(32), _Member(run)
        with self._lock:
            self._members[token] = member
        try:
            host, port = self._server.server_address[:2]
            yield {wire.ADDRESS: f"{host!s}:{port}", wire.TOKEN: token}
        finally:
            with self._lock:
                del self._members[token]
                left = list(member.connections)
            for connection in left:
                _hang_up(connection)

    def join(self, token: Any, connection: socket.socket) -> Run | None:
        """The run whose program holds `token`, or None for a stranger."""
        given = str(token).encode(errors="replace")
        with self._lock:
            # Every token is compared, in constant time: how long it takes says nothing about any of them.
            found = [m for known, m in self._members.items() if secrets.compare_digest(known.encode(), given)]
            for member in found:
                member.connections.add(connection)
        return found[0].run if found else None

    def leave(self, connection: socket.socket) -> None:
        """The connection has ended."""
        with self._lock:
            for member in self._members.values():
                member.connections.discard(connection)

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128  # all workers of a distributed training at once

    def __init__(self, address: tuple[str, int], channel: Channel) -> None:
        self.channel = channel
        super().__init__(address, _Connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke is its sender's affair."""
        log.debug("connection of %s ended", client_address, exc_info=True)


class _Connection(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        """Answer one program, request by request, until it hangs up or says something foreign."""
        run = self._greet()
        if run is None:
            return
        try:
            while line := self.rfile.readline(wire.LONGEST + 1):
                self._send(_answer(run, wire.decode(line)))
        except ValueError as error:
            self._send({"error": f"not understood: {error}"})
        finally:
            self.server.channel.leave(self.connection)

    def _greet(self) -> Run | None:
        self.connection.settimeout(_HELLO_SECONDS)
        with suppress(ValueError):
            hello = wire.decode(self.rfile.readline(_HELLO_BYTES))
            run = self.server.channel.join(hello.get("hello"), self.connection)
            if run is not None:
                self.connection.settimeout(None)
                self._send(_described(run))
                return run
        self._send({"error": "no trial of this agent"})
        return None

    def _send(self, message: dict[str, Any]) -> None:
        self.wfile.write(wire.encode(message))


def _described(run: Run) -> dict[str, Any]:
    return {
        "params": dict(run.params),
        "number": run.number,
        "next_step": run.next_step,
        "budget": run.budget,
        "directory": str(run.directory.absolute()),
        "device": run.device,
        "gpus": list(run.gpus),
    }


def _answer(run: Run, request: dict[str, Any]) -> dict[str, Any]:
    """What a request is answered with. Raises `ValueError` for one that is none."""
    match request:
        case {"report": [int() | float() as step, int() | float() | None as value, dict() as metrics]}:
            return _tried(lambda: {"decision": run.record(step, value, metrics)})
        case {"summarize": dict() as metrics}:
            return _tried(lambda: _summarized(run, metrics))
        case {"mark": "preempting" | "preemptible" as what}:
            return _tried(lambda: _marked(run, what))
        case {"poll": True}:
            return _tried(lambda: {"reason": run.stop_reason if run.should_stop else ""})
    raise ValueError("no request")


def _summarized(run: Run, metrics: dict[str, Any]) -> dict[str, Any]:
    run.summarize(metrics)
    return {}


def _marked(run: Run, what: str) -> dict[str, Any]:
    run.mark(what)
    return {}


def _tried(answer: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The answer, or what went wrong in words: a fault costs the program one request, not its connection."""
    try:
        return answer()
    except HyperoptError as error:
        return {"error": str(error)}
    except Exception as error:
        log.debug("a request failed", exc_info=True)
        return {"error": f"{type(error).__name__}: {error}"}


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
