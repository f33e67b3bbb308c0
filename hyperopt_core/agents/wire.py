"""What an agent and the program it started say to each other: one JSON object a line, over a loopback connection.

::

    {"hello": TOKEN}                        -> {"params": ..., "number": ..., ...}   what `Run` holds; first of all
    {"report": [step, value, metrics]}      -> {"decision": "continue"}
    {"summarize": metrics}                  -> {}                                    as they hold for the whole training
    {"mark": "preempting"}                  -> {}                                    its machine is about to go
    {"mark": "preemptible"}                 -> {}                                    its machine may go at any time
    {"poll": true}                          -> {"reason": ""}                        why it should stop
                                            -> {"error": WORDS}                      it cannot be taken

Numbers may be NaN and Infinity.
"""

from __future__ import annotations

import json
from typing import Any

#: Environment variables of a trial's program and of all processes that it starts.
ADDRESS = "HYPEROPT_CORE_ADDRESS"  # host:port of the agent
TOKEN = "HYPEROPT_CORE_TOKEN"  # secret, one a trial
SWEEP = "HYPEROPT_CORE_SWEEP"  # the sweep's name
TRIAL = "HYPEROPT_CORE_TRIAL"  # the trial's number

#: Bytes of the longest line that is read.
LONGEST = 1 << 20


def encode(message: dict[str, Any]) -> bytes:
    """A message as a line. Raises `ValueError` where it is too long, `TypeError` where it is no JSON."""
    line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
    if len(line) > LONGEST:
        raise ValueError(f"a message of {len(line)} bytes; at most {LONGEST} are read")
    return line


def decode(line: bytes) -> dict[str, Any]:
    """The message in a line. Raises `ValueError` for anything else."""
    try:
        message = json.loads(line)
    except RecursionError:
        raise ValueError("a message nested too deeply") from None
    if not line.endswith(b"\n") or not isinstance(message, dict):
        raise ValueError("no message")
    return message
