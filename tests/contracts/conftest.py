"""What the contract of storages is tried on: every entry of the table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hyperopt_core.storage import STORAGES, Storage, open_storage
from tests.addresses import address

#: https differs from http by a certificate alone, which has tests of its own.
SCHEMES = sorted(set(STORAGES) - {"https"})


@pytest.fixture(params=SCHEMES)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    with address(request.param, tmp_path) as url:
        opened = open_storage(url)
        yield opened
        opened.close()


@pytest.fixture
def sweep(storage: Storage) -> int:
    return storage.create_sweep("digits", {"method": "random"}, 7).id
