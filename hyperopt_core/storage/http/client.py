"""A storage on another machine, asked over HTTP with a token.

Nothing is asked twice on its own accord: an answer that is lost on the way leaves open whether it was done. The callers
know what may be repeated (a result, a report), and a trial that was claimed by a lost answer is taken back when its
lease runs out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, unquote, urlencode, urlsplit

from hyperopt_core.errors import (
    AccessDenied,
    ConfigError,
    HyperoptError,
    MissingExtra,
    StorageError,
    SweepExists,
    SweepNotFound,
)
from hyperopt_core.storage.http.codec import decode, decode_error, encode
from hyperopt_core.storage.http.operations import OPERATIONS, PREFIX
from hyperopt_core.storage.plain import dumps, plain_measurement, plain_origin, plain_outcome, text
from hyperopt_core.storage.protocol import Attempt, Held, Owner, Status, SweepRecord
from hyperopt_core.trial import Changes, Measurement, Origin, Outcome, Trial

if TYPE_CHECKING:
    import urllib3

TOKEN_VARIABLE = "HYPEROPT_CORE_TOKEN"
_CONNECT_SECONDS, _ANSWER_SECONDS = 10.0, 60.0
_CONNECTIONS = 16  # kept open by one process


class HttpStorage:
    """The storage behind ``http://:TOKEN@HOST:PORT``; see `hyperopt_core.storage.protocol.Storage`. Thread-safe.

    The token may also come from the environment variable HYPEROPT_CORE_TOKEN. Raises `ConfigError` for a URL that is
    none, `AccessDenied` for a token that the server does not know, and `StorageError` where no server answers.
    """

    shared = True

    def __init__(self, url: str) -> None:
        self.url, token = _split(url)
        scheme, _, rest = self.url.partition("://")
        self.secret_url = f"{scheme}://:{quote(token, safe='')}@{rest}" if token else self.url
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._pool: urllib3.PoolManager | None = None
        self._pid = 0
        about = self._request("GET", PREFIX, None)  # says at once what is wrong with the address or the token
        if not isinstance(about, Mapping) or "version" not in about:
            raise StorageError(f"{self.url}: something else than `hyperopt-core serve` answers there")

    def close(self) -> None:
        if self._pool is not None:
            self._pool.clear()

    # sweeps -----------------------------------------------------------------------------------------------------

    def create_sweep(self, name: str, spec: Mapping[str, Any], seed: int) -> SweepRecord:
        return cast(SweepRecord, self._ask("create_sweep", name=name, spec=spec, seed=seed))

    def get_sweep(self, name: str) -> SweepRecord:
        return cast(SweepRecord, self._ask("get_sweep", name=text(name)))

    def list_sweeps(self) -> list[SweepRecord]:
        return cast("list[SweepRecord]", self._ask("list_sweeps"))

    def set_status(self, sweep: int, status: Status, reason: str = "", expected: Sequence[Status] = ()) -> bool:
        asked = self._ask("set_status", sweep=sweep, status=status, reason=reason, expected=list(expected))
        return cast(bool, asked)

    def update_spec(self, sweep: int, spec: Mapping[str, Any]) -> None:
        self._ask("update_spec", sweep=sweep, spec=spec)

    def delete_sweep(self, sweep: int) -> None:
        self._ask("delete_sweep", sweep=sweep)

    # the log ----------------------------------------------------------------------------------------------------

    def status(self, sweep: int) -> tuple[Status, str, int]:
        return cast("tuple[Status, str, int]", self._ask("status", sweep=sweep))

    def changes(self, sweep: int, since: int) -> Changes:
        return cast(Changes, self._ask("changes", sweep=sweep, since=since))

    # the life of a trial ----------------------------------------------------------------------------------------

    def claim(
        self,
        sweep: int,
        owner: Owner,
        *,
        number: int | None = None,
        budget: int | None = None,
        cap: int | None = None,
        resume: bool = True,
    ) -> Trial | None:
        asked = self._ask("claim", sweep=sweep, owner=owner, number=number, budget=budget, cap=cap, resume=resume)
        return cast("Trial | None", asked)

    def add_trial(
        self,
        sweep: int,
        number: int,
        attempt: int,
        params: Mapping[str, Any],
        origin: Origin,
        *,
        budget: int | None = None,
        key: str | None = None,
    ) -> Trial:
        proposal = {"attempt": attempt, "params": params, "origin": plain_origin(origin), "budget": budget, "key": key}
        return cast(Trial, self._ask("add_trial", sweep=sweep, number=number, **proposal))

    def enqueue(self, sweep: int, params: Mapping[str, Any], origin: Origin, *, key: str | None = None) -> Trial:
        return cast(Trial, self._ask("enqueue", sweep=sweep, params=params, origin=plain_origin(origin), key=key))

    def add_measurements(
        self, sweep: int, number: int, attempt: int, measurements: Sequence[Measurement], *, durable: bool = False
    ) -> None:
        reported = {
            "attempt": attempt,
            "measurements": [plain_measurement(m, attempt) for m in measurements],
            "durable": durable,
        }
        self._ask("add_measurements", sweep=sweep, number=number, **reported)

    def finish_trial(self, sweep: int, number: int, attempt: int, outcome: Outcome) -> Trial:
        outcome = plain_outcome(outcome)
        return cast(Trial, self._ask("finish_trial", sweep=sweep, number=number, attempt=attempt, outcome=outcome))

    def request_cancel(self, sweep: int, number: int, reason: str = "") -> bool:
        return cast(bool, self._ask("request_cancel", sweep=sweep, number=number, reason=reason))

    def retry(self, sweep: int, number: int) -> Trial:
        return cast(Trial, self._ask("retry", sweep=sweep, number=number))

    def attempts(self, sweep: int, number: int) -> list[Attempt]:
        return cast("list[Attempt]", self._ask("attempts", sweep=sweep, number=number))

    # leases -----------------------------------------------------------------------------------------------------

    def beat(self, sweep: int, leases: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        return cast("tuple[tuple[int, int], ...]", self._ask("beat", sweep=sweep, leases=list(leases)))

    def held(self, sweep: int) -> list[Held]:
        return cast("list[Held]", self._ask("held", sweep=sweep))

    def reclaim(self, sweep: int, number: int, attempt: int, beat: int, *, resume: bool, reason: str = "") -> bool:
        seen = {"attempt": attempt, "beat": beat, "resume": resume, "reason": reason}
        return cast(bool, self._ask("reclaim", sweep=sweep, number=number, **seen))

    # the wire ---------------------------------------------------------------------------------------------------

    def _ask(self, method: str, /, **arguments: Any) -> Any:
        operation = OPERATIONS[method]
        path = PREFIX + operation.path.format_map(arguments)
        rest = {key: encode(value, key) for key, value in arguments.items() if f"{{{key}}}" not in operation.path}
        if operation.verb in ("GET", "DELETE"):
            return decode(operation.types["return"], self._request(operation.verb, _with_query(path, rest), None))
        return decode(operation.types["return"], self._request(operation.verb, path, rest))

    def _request(self, verb: str, path: str, body: Any) -> Any:
        pool, sent = self._connections(), None if body is None else dumps(body).encode()
        from urllib3.exceptions import HTTPError, SSLError  # there, as there are connections

        try:
            answer = pool.request(verb, self.url + path, body=sent, headers=self._headers)
        except SSLError as error:
            raise StorageError(
                f"{self.url}: TLS: {error}; SSL_CERT_FILE names the certificate to trust; http:// asks without TLS"
            ) from error
        except HTTPError as error:
            raise StorageError(
                f"{self.url}: no answer from the server ({error}); is `hyperopt-core serve` up?"
            ) from error
        try:
            content = json.loads(answer.data) if answer.data else None
        except ValueError:
            content = None
        if answer.status < 300:
            return content
        if answer.status in (401, 403):
            raise AccessDenied(f"{self.url}: {_message(content)}; set {TOKEN_VARIABLE}, or http://:TOKEN@HOST:PORT")
        if isinstance(content, Mapping) and "error" in content:
            raise self._as_seen_here(decode_error(content))
        raise StorageError(f"{self.url}: the server answered {answer.status} {answer.reason}: no hyperopt-core there?")

    def _as_seen_here(self, error: HyperoptError) -> HyperoptError:
        """`error` with this storage's address in place of that of the server's database, which nobody here knows."""
        if isinstance(error, SweepNotFound):
            return SweepNotFound(error.name, error.known, self.url)
        return SweepExists(error.name, self.url) if isinstance(error, SweepExists) else error

    def _connections(self) -> urllib3.PoolManager:
        """Those of this process: a connection must not cross a fork."""
        if self._pool is None or self._pid != os.getpid():
            try:
                import urllib3
            except ImportError as error:
                raise MissingExtra("urllib3", "sweeps", f"the storage {self.url}") from error
            timeout = urllib3.Timeout(connect=_CONNECT_SECONDS, read=_ANSWER_SECONDS)
            self._pool = urllib3.PoolManager(maxsize=_CONNECTIONS, timeout=timeout, retries=False)
            self._pid = os.getpid()
        return self._pool


def _split(url: str) -> tuple[str, str]:
    """A URL without its token, and the token. What is wrong is said without quoting what may be a token."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ConfigError(
            "storage: no port of 1 to 65535, or no host, in this URL; write http://HOST:PORT, and /, #, ? and @ of a "
            "token as %2F, %23, %3F and %40"
        ) from None
    if not host or port == 0 or parts.query or parts.fragment or parts.path not in ("", "/"):
        raise ConfigError("storage: write http://HOST:PORT or https://HOST:PORT, with nothing behind it")
    shown = f"{parts.scheme}://{f'[{host}]' if ':' in host else host}" + (f":{port}" if port else "")
    given = unquote(parts.password or parts.username or "")
    token = (given or os.environ.get(TOKEN_VARIABLE, "")).strip()  # a line of a file has an end
    if not (token.isascii() and token.isprintable()):
        place = f"the URL for {shown}" if given else TOKEN_VARIABLE
        raise ConfigError(f"storage: the token in {place} has characters that no token has; copy it once more")
    return shown, token


def _with_query(path: str, arguments: Mapping[str, Any]) -> str:
    return f"{path}?{urlencode(arguments)}" if arguments else path


def _message(content: Any) -> str:
    return str(content.get("message", content)) if isinstance(content, Mapping) else "access is refused"
