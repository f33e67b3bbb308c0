"""The documentation holds: its commands and programs run, its command line reference is complete, its links lead on.

In README.md and docs/, blocks marked `python` and `bash` run as they stand, page by page and in order, in a folder with
the digits example's `sweep.yaml` and `train.py`. What needs a network or minutes is marked `sh`, and a sketch in Python
`py`; these do not run.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from hyperopt_core.cli.app import app

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference" / "cli.md"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)")
RUN = {"python": [sys.executable], "bash": ["bash", "-euo", "pipefail"]}


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> list[tuple[str, str]]:
    """(language, program) of the page's blocks that run."""
    return [(language, text) for language, text in FENCE.findall(page.read_text(encoding="utf-8")) if language in RUN]


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=name_of)
def test_examples_run(page: Path, tmp_path: Path) -> None:
    folder = tmp_path / "digits"
    shutil.copytree(ROOT / "examples" / "digits", folder)
    file = folder / "sweep.yaml"
    file.write_text(file.read_text().replace("run_cap: 30", "run_cap: 8"))  # as many show what the pages show
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    for language, text in blocks(page):
        process = subprocess.run(
            RUN[language], input=text, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert process.returncode == 0, f"{text}\n{process.stdout}\n{process.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    assert not [target for target in targets if not (page.parent / target).exists()]


def test_the_command_line_reference_is_complete() -> None:
    """Written by ``python -m tests.test_docs``."""
    assert REFERENCE.read_text(encoding="utf-8") == reference()


def reference() -> str:
    """docs/reference/cli.md, from the commands themselves."""
    command: Any = typer.main.get_command(app)
    lines = [
        "# Command line",
        "",
        "Written from the commands themselves by `python -m tests.test_docs`; `hyperopt-core COMMAND --help` says the",
        "same.",
        "",
        "Exit codes: 0 done; 1 an error, in one message on stderr; 2 the command line itself is wrong; 3 the sweep was",
        "stopped or cancelled before its end; 130 ended by Ctrl-C.",
        "",
        "Environment: `HYPEROPT_CORE_STORAGE` and `HYPEROPT_CORE_FILES` stand for `--storage` and `--files` where",
        "these are not given; `HYPEROPT_CORE_TOKEN` is the token for a storage over HTTP; `HYPEROPT_CORE_DEBUG=1`",
        "shows where an unexpected error comes from.",
    ]
    for name, sub in command.commands.items():
        for words, one in [(name, sub)] + [(f"{name} {below}", c) for below, c in getattr(sub, "commands", {}).items()]:
            lines += ["", f"## {words}", "", *_described(words, one)]
    return "\n".join(lines) + "\n"


def _described(name: str, command: Any) -> Iterator[str]:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option"]
    words = [*(p.metavar for p in arguments), *(["[OPTIONS]"] if options else [])]
    if any(word.startswith("--") for word in words):  # a command of its own, after which there are no options of ours
        words.reverse()
    yield from (f"`{' '.join(['hyperopt-core', name, *words])}`", "", " ".join(command.help.split()))
    if arguments or options:
        yield from ("", "| | |", "|---|---|")
    for argument in arguments:
        yield f"| `{argument.metavar}` | {_cell(argument.help)} |"
    for option in options:
        value = "" if option.is_flag else f" {option.metavar}"
        default = getattr(option.default, "value", option.default)
        shown = f" Default: `{default}`." if default not in (None, False) else ""
        yield f"| `{', '.join(option.opts)}{value}` | {_cell(option.help)}{shown} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    REFERENCE.write_text(reference(), encoding="utf-8")
