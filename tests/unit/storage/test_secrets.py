"""Passwords and tokens stay out of what people see."""

from __future__ import annotations

import pytest

from hyperopt_core.errors import ConfigError, HyperoptError
from hyperopt_core.storage import open_storage
from hyperopt_core.storage.address import without_password


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://ann:s3cret@db:5432/sweeps", "postgresql://ann@db:5432/sweeps"),
        ("postgresql://ann:s3@cr?et@db/sweeps", "postgresql://ann@db/sweeps"),
        ("postgresql://:s3cret@db/sweeps", "postgresql://db/sweeps"),
        ("postgresql://db/sweeps?password=s3cret", "postgresql://db/sweeps"),
        (
            "postgresql://db/sweeps?user=ann&Password=s3cret@&sslpassword=s3cret&port=1",
            "postgresql://db/sweeps?user=ann&port=1",
        ),
        ("http://s3cret@host:8787", "http://host:8787"),
        ("https://:s3cret@[::1]:8787/", "https://[::1]:8787/"),
        ("htp://s3cret@host", "htp://host"),
        ("sqlite:///sweeps.db", "sqlite:///sweeps.db"),
    ],
)
def test_what_people_see_of_an_address(address: str, shown: str) -> None:
    assert without_password(address) == shown


@pytest.mark.parametrize(
    "address",
    [
        "http://:s3cret/rest@127.0.0.1:1",
        "http://:s3cret#rest@127.0.0.1:1",
        "http://:token@127.0.0.1:s3cret",
        "http://:s3cret%0A@127.0.0.1:1",
        "http://:s3cret%0Arest@127.0.0.1:1",
        "http://:s3cret€@127.0.0.1:1",
        "http://:s3cret%FF@127.0.0.1:1",
        "http://s3cret@127.0.0.1:1",
        "http:/:s3cret@127.0.0.1:1",
        "http:s3cret@127.0.0.1:1",
        "postgresql:s3cret@127.0.0.1",
        "htp://s3cret@127.0.0.1:1",
        "postgresql://127.0.0.1:1/x?password=s3cret",
        "postgresql://ann:s3cret@127.0.0.1:port/x",
    ],
)
def test_no_secret_in_the_message_about_a_faulty_address(address: str) -> None:
    with pytest.raises(HyperoptError) as caught:
        open_storage(address)
    error: BaseException | None = caught.value
    assert "s3cret" not in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize("token", ["s3cret\n rest", "s3cret€", "s3\x01cret"])
def test_a_token_that_is_none_is_named_by_its_variable(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYPEROPT_CORE_TOKEN", token)
    with pytest.raises(ConfigError, match="HYPEROPT_CORE_TOKEN") as caught:
        open_storage("http://127.0.0.1:1")
    assert "s3" not in str(caught.value)
