"""GPUs of one machine, shared out: a slot of an agent has the same ones for all its trials."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from hyperopt_core.errors import ConfigError

VISIBLE = "CUDA_VISIBLE_DEVICES"
_NVIDIA = Path("/proc/driver/nvidia/gpus")
_ID = re.compile(r"\d+|(GPU|MIG)-[\w/-]+")  # as CUDA_VISIBLE_DEVICES takes them: an index, or a UUID


@dataclass(frozen=True)
class Gpus:
    """GPUs by their ids, and how many of them a trial gets: 1, 2, ..., or a part of one, which trials then share.

    >>> two = Gpus(("0", "1"), per_trial=0.5)
    >>> two.slots, [two.of(slot) for slot in range(4)]
    (4, [('0',), ('1',), ('0',), ('1',)])
    """

    ids: tuple[str, ...]
    per_trial: float = 1.0

    @property
    def slots(self) -> int:
        """How many trials can run at once."""
        return len(self.ids) // int(self.per_trial) if self.per_trial >= 1 else len(self.ids) * self._share

    @property
    def _share(self) -> int:
        return int(1 / self.per_trial + 1e-9)

    def of(self, slot: int) -> tuple[str, ...]:
        """The ids of a slot's GPUs."""
        if self.per_trial < 1:
            return (self.ids[slot % len(self.ids)],)
        count = int(self.per_trial)
        return self.ids[slot * count : (slot + 1) * count]

    def check_workers(self, workers: int) -> None:
        """Raise `ConfigError` where so many trials at once would never fit."""
        if workers > self.slots:
            raise ConfigError(
                f"{workers} trials at once with {self.per_trial:g} GPUs each need more than the {len(self.ids)} there"
                f" are: {self.slots} fit; run fewer agents, or give each trial a part of a GPU"
            )


def share_out(given: int | str | Sequence[int | str], per_trial: float = 1.0) -> Gpus:
    """The GPUs that `given` means: so many, or those with these ids (``"0,2"``, ``"3,"``). Raises `ConfigError`.

    Where CUDA_VISIBLE_DEVICES is set it says which there are.
    """
    listed = given.split(",") if isinstance(given, str) else [given] if isinstance(given, int) else list(given)
    names = [str(name).strip() for name in listed]
    is_count = isinstance(given, int) or (isinstance(given, str) and given.strip().isdigit())
    if len(names) > 1 and not names[-1]:
        names.pop()
    known = _known()
    if is_count:
        count = int(names[0])
        if count < 1 or (known is not None and count > len(known)):
            there = "" if known is None else f"; this machine has {len(known)}"
            raise ConfigError(f"gpus is {given!r}: 1 or more are needed{there}")
        names = (known or [str(i) for i in range(count)])[:count]
    elif not all(map(_ID.fullmatch, names)) or len(set(names)) < len(names):
        raise ConfigError(f"gpus is {given!r}: a number of GPUs, or their ids without repeats, like 0,2")
    elif known is not None and (missing := [name for name in names if name not in known]):
        raise ConfigError(f"gpus is {given!r}: there is no {', '.join(missing)}, only {', '.join(known) or 'none'}")
    whole = 1 <= per_trial < float("inf") and per_trial == int(per_trial)
    if not (whole or 0 < per_trial < 1):
        raise ConfigError(f"per_trial is {per_trial:g}: a whole number of GPUs is needed, or a part of one, like 0.5")
    if per_trial > len(names):
        raise ConfigError(f"per_trial is {per_trial:g}: no trial ever gets so many, there are {len(names)} GPUs")
    return Gpus(tuple(names), float(per_trial))


def device_of(ids: Sequence[str]) -> str | None:
    """The first of these GPUs as this process names it: "cuda:2"; None without any."""
    if not ids:
        return None
    visible = _visible()
    if visible is not None and ids[0] in visible:
        return f"cuda:{visible.index(ids[0])}"
    return f"cuda:{ids[0]}" if ids[0].isdigit() else "cuda:0"


def _visible() -> list[str] | None:
    value = os.environ.get(VISIBLE)
    if value is None:
        return None
    # CUDA reads up to the first that is no id: "-1" means none.
    return list(takewhile(_ID.fullmatch, (name.strip() for name in value.split(","))))


def _known() -> list[str] | None:
    """The ids of this machine's GPUs; None where nobody can tell."""
    visible = _visible()
    if visible is not None:
        return visible
    if _NVIDIA.is_dir():
        return [str(i) for i in range(len(list(_NVIDIA.iterdir())))]
    return None
