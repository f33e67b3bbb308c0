"""Addresses of storages, as people may see them."""

from __future__ import annotations

import re

_SECRETS = re.compile(r"(?<=[?&])(?:ssl)?password=[^&]*&?", re.IGNORECASE)


def without_password(url: str) -> str:
    """`url` without its secrets: a password, wherever PostgreSQL takes one; all before the host of other addresses,
    where a token may stand in the user's place.

    >>> without_password("postgresql://ann:secret@db:5432/sweeps?password=secret")
    'postgresql://ann@db:5432/sweeps'
    >>> without_password("http://TOKEN@host:8787")
    'http://host:8787'
    """
    scheme, mark, rest = url.partition("://")
    if _SECRETS.search(rest):
        rest = _SECRETS.sub("", rest).rstrip("?&")
    credentials, _, place = rest.rpartition("@")
    user = credentials.partition(":")[0] if scheme.lower().startswith("postgres") else ""
    return f"{scheme}{mark}{user}{'@' if user else ''}{place}"
