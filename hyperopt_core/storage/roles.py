"""What the holder of a token may do on a server."""

from __future__ import annotations

from enum import IntEnum


class Role(IntEnum):
    """What a token allows; each role may do what those before it may."""

    READ = 1  # look at everything
    AGENT = 2  # run trials
    ADMIN = 3  # create, change and delete sweeps
