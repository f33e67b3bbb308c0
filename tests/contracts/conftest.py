"""What the contract of storages is tried on: every entry of the table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hyperopt_core.storage import STORAGES, Storage, open_storage
from tests.postgresql import shared_server


@pytest.fixture(params=sorted(STORAGES))
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    postgresql = request.param == "postgresql"
    opened = open_storage(shared_server().schema_url() if postgresql else f"{request.param}:///{tmp_path}/sweeps.db")
    yield opened
    opened.close()


@pytest.fixture
def sweep(storage: Storage) -> int:
    return storage.create_sweep("digits", {"method": "random"}, 7).id
