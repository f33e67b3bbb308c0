"""``hyperopt-core exec``: a program that creates sweeps and runs their agents itself."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Annotated

from typer import Argument, Option

from hyperopt_core.cli.options import DEFAULT_STORAGE, Storage, Wandb
from hyperopt_core.errors import ConfigError


def exec_(
    command: Annotated[list[str], Argument(metavar="-- COMMAND...", help="The program, e.g. python train.py.")],
    wandb: Wandb = False,
    name: Annotated[
        str | None,
        Option(
            metavar="NAME",
            help="What its sweep is called; one that is there goes on, and its trials count. Default: a new one.",
        ),
    ] = None,
    storage: Storage = DEFAULT_STORAGE,
) -> int:
    """Run a program that creates its sweep and its agent by W&B's calls.

    Its sweeps and trials are here, and nothing leaves the machine.
    """
    from hyperopt_core.cli.opening import anywhere
    from hyperopt_core.storage.plain import sweep_name
    from hyperopt_wandb import environment

    if not wandb:
        raise ConfigError("exec runs programs that call W&B: say so with --wandb, before the program")
    ours = environment(storage=anywhere(storage)) | {"HYPEROPT_WANDB_STARTED": repr(time.time())}
    if name is not None:
        ours["HYPEROPT_WANDB_NAME"] = sweep_name(name)
    return _run(command, {**os.environ, **ours})


def _run(command: list[str], environment: dict[str, str]) -> int:
    sys.stdout.flush()
    try:
        if os.name != "nt":
            os.execvpe(command[0], command, environment)
        return subprocess.run(command, env=environment, check=False).returncode
    except OSError as fault:
        raise ConfigError(f"cannot start {command[0]!r}: {fault.strerror}") from None
