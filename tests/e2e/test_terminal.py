"""What a terminal and a pipe see."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

from tests.e2e.conftest import SWEEP, CommandLine


def test_the_live_view_on_a_terminal(cli: CommandLine) -> None:
    cli.write(SWEEP.replace("parameters:", "parameters:\n  pause: {value: 0.15}"))
    shown = on_a_terminal(cli, "run", "sweep.yaml", "--name", "live")
    assert "running" in shown
    assert "of 4 trials" in shown
    assert re.search("[▁█]", shown), "no sparkline"
    assert "Ctrl-C: finish the trials that run" in shown
    assert "sweep live is finished" in shown.rpartition("Ctrl-C")[2], "the summary comes last"


def test_a_reader_that_goes_away_is_no_error(cli: CommandLine) -> None:
    cli("run", "sweep.yaml", "--name", "s")
    process = cli.start("export", "s")
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=30) == 0
    assert process.stderr is not None
    assert process.stderr.read() == ""


def on_a_terminal(cli: CommandLine, *arguments: str) -> str:
    """What a command writes on a terminal of 80 x 24."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "hyperopt_core.cli", *arguments],
        cwd=cli.folder,
        env=os.environ | {"COLUMNS": "80", "LINES": "24", "TERM": "xterm-256color"},
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    chunks = []
    try:
        while chunk := os.read(ours, 65536):
            chunks.append(chunk)
    except OSError:  # Linux says so at the end of a terminal
        pass
    finally:
        os.close(ours)
    assert process.wait(timeout=30) == 0
    return b"".join(chunks).decode()
