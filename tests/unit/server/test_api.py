"""The server's API: who may do what, what is refused and how, and its description."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import urllib3

from hyperopt_core import Sweep
from hyperopt_core.cli import main
from hyperopt_core.cli.opening import open_database
from hyperopt_core.errors import AccessDenied, ConfigError, StorageError, SweepExists, SweepNotFound
from hyperopt_core.server.openapi import describe
from hyperopt_core.storage import Owner, Status, Storage, open_storage
from hyperopt_core.storage.http.operations import OPERATIONS, PREFIX
from hyperopt_core.storage.roles import Role
from hyperopt_core.storage.sql.tokens import Tokens
from tests.servers import serving, serving_here

CONFIG = {"method": "random", "metric": "loss", "parameters": {"x": {"min": 0.0, "max": 1.0}}, "run_cap": 3}
ME = Owner("me")


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A server with an administrator's token."""
    with serving_here(tmp_path / "served.db") as address:
        yield address


@pytest.fixture
def tokens(tmp_path: Path, url: str) -> Iterator[Tokens]:
    database = open_database(str(tmp_path / "served.db"))
    yield Tokens(database.database)
    database.close()


def with_token(url: str, token: str) -> str:
    return f"http://:{token}@{url.rpartition('@')[2]}"


def ask(url: str, verb: str, path: str, body: Any = None, **headers: str) -> urllib3.BaseHTTPResponse:
    address, token = url.rpartition("@")[2], url.rpartition("@")[0].rpartition(":")[2]
    sent = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    given = {"Authorization": f"Bearer {token}"} | headers
    return urllib3.request(verb, f"http://{address}{path}", body=sent, headers=given, retries=False, timeout=30)


class TestAccess:
    @pytest.mark.parametrize("path", [*sorted({op.path for op in OPERATIONS.values()}), "", "/../../metrics"])
    def test_nothing_is_told_without_a_token(self, url: str, path: str) -> None:
        verbs = {op.verb for op in OPERATIONS.values() if op.path == path} or {"GET"}
        for verb in verbs:
            for header in ("", "Bearer ", "Bearer wrong", "Basic d3Jvbmc6", "Bearer \x7f"):
                answer = ask(url, verb, PREFIX + path.format(sweep=1, number=0), {}, Authorization=header)
                assert answer.status == 401, (verb, header)
                assert answer.headers["www-authenticate"] == "Bearer"

    def test_a_role_may_do_what_the_ones_before_it_may(self, url: str, tokens: Tokens) -> None:
        sweep = open_storage(url).create_sweep("s", {}, 0).id
        for role in Role:
            storage = open_storage(with_token(url, tokens.create(role.name, role)))
            assert storage.get_sweep("s").id == sweep
            if role is Role.READ:
                with pytest.raises(AccessDenied, match=r"may only look.*agent"):
                    storage.claim(sweep, ME)
            else:
                assert storage.claim(sweep, ME) is not None
            if role is Role.ADMIN:
                storage.delete_sweep(sweep)
            else:
                with pytest.raises(AccessDenied, match="needs the role admin"):
                    storage.delete_sweep(sweep)
            storage.close()

    def test_an_agent_may_say_that_a_sweep_is_finished_and_want_nothing_else(self, url: str, tokens: Tokens) -> None:
        sweep = open_storage(url).create_sweep("s", {}, 0).id
        storage = open_storage(with_token(url, tokens.create("agent", Role.AGENT)))
        for status in set(Status) - {Status.FINISHED}:
            with pytest.raises(AccessDenied, match="needs the role admin"):
                storage.set_status(sweep, status)
        assert storage.set_status(sweep, Status.FINISHED, "budget spent", expected=(Status.RUNNING,))
        storage.close()

    def test_a_revoked_token_is_worthless_at_once(self, url: str, tokens: Tokens) -> None:
        storage = open_storage(with_token(url, tokens.create("laptop", Role.AGENT)))
        assert storage.list_sweeps() == []
        tokens.revoke("laptop")
        with pytest.raises(AccessDenied, match="does not know this token"):
            storage.list_sweeps()
        with pytest.raises(ConfigError, match="no token 'laptop'"):
            tokens.revoke("laptop")

    def test_a_database_holds_no_token(self, tmp_path: Path, url: str, tokens: Tokens) -> None:
        token = tokens.create("laptop", Role.AGENT)
        with pytest.raises(ConfigError, match="already"):
            tokens.create("laptop", Role.READ)
        held = b"".join(path.read_bytes() for path in tmp_path.glob("served.db*"))
        assert b"laptop" in held
        assert token.encode() not in held

    def test_a_token_may_come_from_the_environment(
        self, url: str, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        address = "http://" + url.rpartition("@")[2]
        with pytest.raises(AccessDenied, match="HYPEROPT_CORE_TOKEN"):
            open_storage(address)
        monkeypatch.setenv("HYPEROPT_CORE_TOKEN", tokens.create("laptop", Role.READ))
        storage = open_storage(address)
        assert storage.list_sweeps() == []
        assert storage.url == address
        storage.close()

    def test_a_name_that_another_site_made_up_is_refused(self, url: str) -> None:
        assert ask(url, "GET", "/health", Host="evil.example").status == 400
        assert ask(url, "GET", "/health", Host="localhost:1").status == 200


class TestRefusals:
    @pytest.mark.parametrize(
        ("body", "words"),
        [
            (b"{", "no JSON object"),
            (b"[1]", "no JSON object"),
            (b"[" * 100_000, "no JSON object"),
            ({"name": "s", "spec": {}}, "'seed' is missing"),
            ({"name": "s", "spec": {}, "seed": 0, "sede": 1}, "unknown argument 'sede'"),
            ({"name": "s", "spec": [], "seed": 0}, "spec is"),
            ({"name": 3, "spec": {}, "seed": 0}, "name is 3"),
            ({"name": "s", "spec": {}, "seed": True}, "seed is True"),
            ({"name": "a\nb", "spec": {}, "seed": 0}, "printable"),
        ],
    )
    def test_a_faulty_request_is_answered_in_words(self, url: str, body: Any, words: str) -> None:
        answer = ask(url, "POST", PREFIX + "/sweeps", body)
        assert answer.status == 422
        assert words in answer.json()["message"]

    def test_too_much_is_refused_before_it_is_read(self, url: str) -> None:
        answer = ask(url, "POST", PREFIX + "/sweeps", b'{"name": "' + b"x" * (17 << 20) + b'"}')
        assert answer.status == 422
        assert "larger than" in answer.json()["message"]

    @pytest.mark.parametrize("path", ["/sweeps/x/status", "/sweeps/1/changes?since=now", f"/sweeps/{'9' * 5000}/held"])
    def test_a_number_is_needed(self, url: str, path: str) -> None:
        answer = ask(url, "GET", PREFIX + path)
        assert answer.status == 422
        assert "whole number" in answer.json()["message"]

    @pytest.mark.parametrize(
        "address",
        ["http://", "http://host:port", "http://host/path", "https://host?x=1", "http://[::1", "http://h:99999"],
    )
    def test_an_address_that_is_none(self, address: str) -> None:
        with pytest.raises(ConfigError, match="storage"):
            open_storage(address)

    def test_a_sweep_is_missing_where_the_client_looked(self, url: str) -> None:
        storage = open_storage(url)
        storage.create_sweep("s", {}, 0)
        for call in (
            lambda: storage.get_sweep("other"),
            lambda: storage.status(9),
            lambda: storage.create_sweep("s", {}, 0),
        ):
            with pytest.raises((SweepNotFound, SweepExists), match=f"in {storage.url}"):
                call()
        storage.close()

    def test_files_that_are_no_certificate(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        file = tmp_path / "certificate.pem"
        file.write_text("nonsense")
        files = ("--certificate", str(file), "--key", str(file))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        assert main(["serve", "--storage", str(tmp_path / "served.db"), "--port", port, *files]) == 1
        assert re.search(r"error: --certificate .* --key .*PEM", capsys.readouterr().err)

    @pytest.mark.parametrize(
        ("package", "command", "extra"),
        [("uvicorn", "serve", "server"), ("urllib3", "status", "sweeps")],
    )
    def test_a_package_that_is_not_installed(
        self,
        package: str,
        command: str,
        extra: str,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setitem(sys.modules, package, None)  # cannot be imported
        assert main([command, "--storage", "http://127.0.0.1:1"]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert re.search(rf"needs {package}: pip install 'hyperopt-core\[{extra}\]'", err)

    def test_a_page_for_every_path_is_no_server_of_ours(self) -> None:
        class Page(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"<html></html>")

            def log_message(self, *_: Any) -> None: ...

        with HTTPServer(("127.0.0.1", 0), Page) as other:
            Thread(target=other.handle_request, daemon=True).start()
            with pytest.raises(StorageError, match="something else than `hyperopt-core serve` answers"):
                open_storage(f"http://:token@127.0.0.1:{other.server_port}")

    def test_nobody_answers(self, url: str) -> None:
        with pytest.raises(StorageError, match="serve` up"):
            open_storage("http://:token@127.0.0.1:1")

    def test_something_else_answers(self, tmp_path: Path) -> None:
        command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
        with subprocess.Popen(
            command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as other:
            assert other.stdout is not None
            port = other.stdout.readline().split("port ")[1].split()[0]
            try:
                with pytest.raises(StorageError, match=r"404.*no hyperopt-core there"):
                    open_storage(f"http://:token@127.0.0.1:{port}")
            finally:
                other.terminate()


class TestService:
    def test_health_and_figures(self, url: str) -> None:
        with Sweep.create(CONFIG, url, 'odd "name"\\') as sweep:
            sweep.tell(sweep.ask(), 1.0)
            sweep.ask()
            health = ask(url, "GET", "/health")
            assert (health.status, health.json()["status"]) == (200, "ok")
            figures = ask(url, "GET", "/metrics").data.decode()
            assert 'hyperopt_core_trials{state="completed",sweep="odd \\"name\\"\\\\"} 1.0' in figures
            sweep.tell(sweep.ask(), 2.0)
            assert 'state="completed",sweep="odd \\"name\\"\\\\"} 2.0' in ask(url, "GET", "/metrics").data.decode()
        assert ask(url, "GET", "/metrics", Authorization="").status == 401

    def test_a_sweep_of_agents_over_http(self, url: str) -> None:
        with Sweep.create(CONFIG, url, "s") as sweep:
            best = sweep.run(objective, workers=2, executor="process")
            assert best is not None
            assert len(sweep.trials) == 3
            assert sweep.status is Status.FINISHED

    @pytest.mark.slow
    def test_tls(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
        make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=test"]
        names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
        subprocess.run([*make, *names], check=True, capture_output=True)
        files = ("--certificate", str(certificate), "--key", str(key))
        with serving(f"sqlite:///{tmp_path}/served.db", tmp_path, *files) as server:
            url = server.with_token()
            with pytest.raises(StorageError, match=r"TLS: .*certificate.*SSL_CERT_FILE"):
                open_storage(url)
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            assert open_storage(url).list_sweeps() == []


def objective(run: Any) -> float:
    return float(run.params["x"])


class TestDescription:
    def test_it_is_served_and_names_every_operation(self, url: str) -> None:
        served = ask(url, "GET", "/openapi.json", Authorization="").json()
        assert served == describe()
        named = {operation["operationId"] for path in served["paths"].values() for operation in path.values()}
        assert named == set(OPERATIONS)

    def test_answers_are_as_described(self, url: str) -> None:
        storage: Storage = open_storage(url)
        sweep = storage.create_sweep("s", {"a": [1]}, 0).id
        storage.claim(sweep, ME)
        described = describe()
        for name in ("list_sweeps", "changes", "held", "status", "attempts"):
            operation = OPERATIONS[name]
            path = PREFIX + operation.path
            answer = ask(url, "GET", path.format(sweep=sweep, number=0) + ("?since=0" if name == "changes" else ""))
            content = described["paths"][path]["get"]["responses"]["200"]["content"]
            schema = content["application/json"]["schema"] | {"components": described["components"]}
            jsonschema.Draft202012Validator(schema).validate(answer.json())
            assert answer.status == 200
        storage.close()
