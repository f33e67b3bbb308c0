"""Addresses of storages, as people may see them."""

from __future__ import annotations


def without_password(url: str) -> str:
    """`url` without what stands between a user's name and the host.

    >>> without_password("postgresql://ann:secret@db:5432/sweeps")
    'postgresql://ann@db:5432/sweeps'
    """
    scheme, mark, rest = url.partition("://")
    credentials, at, place = rest.rpartition("@")
    return f"{scheme}{mark}{credentials.partition(':')[0]}{at}{place}"
