"""W&B's exceptions, as far as programs catch them."""

from __future__ import annotations

__path__: list[str] = []  # W&B has moved them one deeper: wandb.errors.errors


class Error(Exception):
    """Base of all others."""

    def __init__(self, message: str = "", context: object = None) -> None:
        super().__init__(message)
        self.message, self.context = message, context


class CommError(Error):
    """The server is not reached: here, there is none."""


class AuthenticationError(CommError):
    """Not raised: nobody logs in."""


class UsageError(Error):
    """A call at the wrong time."""


class ConfigError(Error):
    """A key of the configuration would change its value."""


class UnsupportedError(UsageError):
    """Not raised."""


class WaitTimeoutError(Error):
    """Not raised."""


class MailboxError(Error):
    """Not raised."""
