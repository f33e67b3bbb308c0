"""Who gets at the page: tokens in cookies, requests of other sites, and the headers under which it runs."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import urllib3

from hyperopt_core.storage import Status, open_storage
from hyperopt_core.storage.protocol import Storage
from tests import sweeps
from tests.servers import serving_here

API = "/api/v1/page"


class Client:
    """Sends what a browser would, and what an attacker would."""

    def __init__(self, url: str) -> None:
        self.token, _, self.place = url.removeprefix("http://:").partition("@")
        self.origin = f"http://{self.place}"
        self._pool = urllib3.PoolManager(retries=False)

    def __call__(self, verb: str, path: str, body: Any = None, **headers: str) -> urllib3.BaseHTTPResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._pool.request(verb, self.origin + path, body=json.dumps(body) if body else None, headers=named)

    def cookie(self) -> str:
        answer = self("POST", f"{API}/session", {"token": self.token}, origin=self.origin)
        assert answer.status == 200
        return str(answer.headers["set-cookie"].partition(";")[0])


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    opened = open_storage(str(tmp_path_factory.mktemp("sweeps") / "sweeps.db"))
    sweeps.fill(opened, sweeps.make_sweep(opened, "digits", trials=20), 5)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def client(storage: Storage) -> Iterator[Client]:
    with serving_here(Path(storage.url.removeprefix("sqlite:///"))) as url:
        yield Client(url)


def test_the_page_comes_without_a_token_under_a_strict_policy(client: Client) -> None:
    for path, kind in (("/", "text/html"), ("/page/main.js", "text/javascript"), ("/page/style.css", "text/css")):
        answer = client("GET", path)
        assert answer.status == 200
        assert answer.headers["content-type"].startswith(kind)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
    for path in ("/page/nothing.js", "/page/..%2fserve.py", "/page/%2e%2e/serve.py", "/page/__init__.py"):
        assert client("GET", path).status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/sweeps",
        "/sweep?name=digits",
        "/sweeps/1/curves",
        "/sweeps/1/charts/history",
        "/sweeps/1/events",
        "/sweeps/1/trials/0",
    ],
)
def test_nothing_is_read_without_a_token(client: Client, path: str) -> None:
    assert client("GET", API + path).status == 401
    assert client("GET", API + path, cookie="hyperopt-core-1=x").status == 401


def test_a_token_becomes_a_cookie_that_no_script_reads(client: Client) -> None:
    answer = client("POST", f"{API}/session", {"token": client.token}, origin=client.origin)
    words = answer.headers["set-cookie"].lower()
    assert "httponly" in words
    assert "samesite=strict" in words
    assert "secure" not in words  # which it is with TLS
    assert client("POST", f"{API}/session", {"token": "guess"}, origin=client.origin).status == 401
    assert client("POST", f"{API}/session", {}, origin=client.origin).status == 401
    answer = client("GET", f"{API}/sweeps", cookie=client.cookie())
    assert [sweep["name"] for sweep in answer.json()["sweeps"]] == ["digits"]
    assert answer.json()["role"] == "admin"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://evil.example", "sec_fetch_site": "cross-site"},
        {"origin": "http://127.0.0.1:1", "sec_fetch_site": "same-site"},
        {"sec_fetch_site": "cross-site"},
        {},
    ],
)
def test_other_sites_pages_change_nothing_with_our_cookie(
    client: Client, storage: Storage, headers: dict[str, str]
) -> None:
    cookie = client.cookie()
    for verb, path, body in (
        ("POST", f"{API}/sweeps/1/status", {"action": "cancel"}),
        ("POST", "/api/v1/sweeps/1/status", {"status": "cancelled"}),
        ("DELETE", "/api/v1/sweeps/1", None),
    ):
        assert client(verb, path, body, cookie=cookie, **headers).status == 403
    assert client("POST", f"{API}/session", {"token": client.token}, **headers).status == 403
    assert storage.get_sweep("digits").status is Status.RUNNING


def test_our_own_page_may(client: Client, storage: Storage) -> None:
    ours = {"cookie": client.cookie(), "origin": client.origin, "sec_fetch_site": "same-origin"}
    for action, wanted in (("pause", Status.PAUSED), ("resume", Status.RUNNING)):
        assert client("POST", f"{API}/sweeps/1/status", {"action": action}, **ours).json() == {"status": str(wanted)}
        assert storage.get_sweep("digits").status is wanted
    answer = client("POST", f"{API}/sweeps/1/status", {"action": "explode"}, **ours)
    assert answer.status == 422
    assert "pause, resume, stop, cancel" in answer.json()["message"]
    params = {"lr": 0.01, "optimizer": "sgd", "momentum": 0.5, "layers": 3}
    number = client("POST", f"{API}/sweeps/1/trials", {"params": params}, **ours).json()["number"]
    waiting = next(t for t in storage.changes(1, 0).trials if t.number == number)
    assert (waiting.params, waiting.origin.strategy) == (params, "user")
    assert client("POST", f"{API}/sweeps/1/trials", {"params": params | {"lr": 7}}, **ours).status == 422
    assert client("POST", f"{API}/sweeps/1/trials/{number}/cancel", {}, **ours).json() == {"cancelled": True}
    assert client("POST", f"{API}/sweeps/1/limits", {"trials": 33}, **ours).json() == {"changed": ["run_cap"]}
    assert storage.get_sweep("digits").spec["run_cap"] == 33
    assert client("POST", f"{API}/sweeps/1/limits", {"trials": -1}, **ours).status == 422
    assert client("POST", f"{API}/sweeps/1/trials/1/retry", {}, **ours).json() == {"state": "waiting"}


def test_who_may_only_look_changes_nothing(client: Client, storage: Storage) -> None:
    from hyperopt_core.cli.opening import open_database
    from hyperopt_core.storage.roles import Role
    from hyperopt_core.storage.sql.tokens import Tokens

    database = open_database(storage.url)
    token = Tokens(database.database).create("reader", Role.READ)
    database.close()
    assert client("GET", f"{API}/sweeps", authorization=f"Bearer {token}").json()["role"] == "read"
    answer = client("POST", f"{API}/sweeps/1/status", {"action": "cancel"}, authorization=f"Bearer {token}")
    assert answer.status == 403
    assert "only look" in answer.json()["message"]


def test_a_foreign_host_is_refused(client: Client) -> None:
    for path in ("/", f"{API}/sweeps"):
        assert client("GET", path, host="evil.example").status == 400


def test_unknown_sweeps_are_404(client: Client) -> None:
    cookie = client.cookie()
    assert client("GET", f"{API}/sweep?name=nothing", cookie=cookie).status == 404
    assert client("GET", f"{API}/sweeps/99/events", cookie=cookie).status == 404


def test_the_command_prints_an_address_that_works_and_ends_on_ctrl_c(storage: Storage) -> None:
    command = [
        sys.executable,
        "-m",
        "hyperopt_core.cli",
        "dashboard",
        "digits",
        "--no-browser",
        "--storage",
        storage.url,
    ]
    with subprocess.Popen([*command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = urlsplit(re.search(r"http://\S+", process.stdout.readline())[0].rstrip(";"))  # type: ignore[index]
        given = parse_qs(address.fragment)
        assert given["sweep"] == ["digits"]
        client = Client(f"http://:{given['token'][0]}@{address.netloc}")
        assert address.hostname == "127.0.0.1"
        assert client("GET", f"{API}/sweeps", cookie=client.cookie()).status == 200
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=30)
    assert process.returncode in (0, 130)
    assert "Traceback" not in errors
    assert given["token"][0] not in out + errors  # said once
