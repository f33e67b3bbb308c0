"""A run in other processes: pickled, it becomes a link to the process that holds it."""

from __future__ import annotations

import os
import weakref
from contextlib import ExitStack
from functools import cache

from hyperopt_core.agents import wire
from hyperopt_core.agents.channel import Channel
from hyperopt_core.agents.current import Link
from hyperopt_core.agents.run import Run


def share(run: Run) -> tuple[str, str]:
    """Address and token by which other processes join `run`, as long as it lives here."""
    opened = ExitStack()
    names = opened.enter_context(_channel(os.getpid()).open(weakref.proxy(run)))
    weakref.finalize(run, opened.close)
    return names[wire.ADDRESS], names[wire.TOKEN]


def joined(address: str, token: str) -> Run:
    """The run that another process shares. Ends this process (`SystemExit`) where that one is gone."""
    return Link(address, token).run()


@cache
def _channel(pid: int) -> Channel:
    """This process's; a forked child, which inherits no threads, makes its own."""
    return Channel()
