"""One file that shows a sweep: the page and the data in it, without a server or a network."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import platform
import re
import shlex
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from hyperopt_core import __version__
from hyperopt_core.history import best_trial
from hyperopt_core.server import view
from hyperopt_core.server.assets import page_files
from hyperopt_core.server.charts import ON_THE_PAGE
from hyperopt_core.server.mirror import SweepMirror
from hyperopt_core.spec import DEFAULT_COMMAND
from hyperopt_core.storage.protocol import Storage

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([a-z]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) )", re.MULTILINE)
_PACKAGES = ("numpy", "scipy", "sqlalchemy")


def report(storage: Storage, name: str) -> str:
    """The HTML of a report on the sweep `name` as it is now. Raises `SweepNotFound`, `StorageError`."""
    mirror = SweepMirror(storage, storage.get_sweep(name))
    changes = mirror.since(0, with_points=False)
    data = {
        "sweep": mirror.header(),
        "changes": changes | {"held": []},
        "curves": mirror.curves()["curves"],
        "charts": {kind: mirror.chart(kind, {}) for kind in ON_THE_PAGE},
        "report": {
            "errors": view.errors(mirror.trials.values()),
            "environment": _environment(),
            "reproduce": _reproduce(mirror),
        },
    }
    return _page(name, data)


def bundle(entry: str = "main.js") -> str:
    """The page's modules as one, each after those that it imports; their names differ, so nothing is renamed."""
    files, done = page_files(), dict[str, str]()

    def add(name: str) -> None:
        if name in done:
            return
        done[name] = ""
        for imported in _IMPORT.findall(files[name]):
            add(imported)
        del done[name]  # to stand after what it imports
        done[name] = _EXPORT.sub("", _IMPORT.sub("", files[name]))

    add(entry)
    return "\n".join(done.values())


def _page(name: str, data: dict[str, Any]) -> str:
    script, style = bundle(), page_files()["style.css"]
    # Nothing but this script and this style runs, and nothing is fetched.
    rules = f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; img-src data:"
    text = json.dumps(data, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    safe = text.replace("<", "\\u003c")  # a name may hold "</script>"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{rules}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="hyperopt-core {__version__}">
<title>{html.escape(name)}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<main id="page"></main>
<noscript>This report draws with JavaScript, all of it in this file.</noscript>
<script type="application/json" id="data">{safe}</script>
<script type="module">{script}</script>
</body>
</html>
"""


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _environment() -> dict[str, str]:
    found = {"hyperopt-core": __version__, "Python": platform.python_version(), "system": platform.platform()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _reproduce(mirror: SweepMirror) -> str:
    """Words and commands that make the sweep again."""
    record, spec = mirror.record, mirror.spec
    lines = [
        "# Save the configuration (tab Configuration, with its seed) as sweep.yaml beside the program, then",
        f"hyperopt-core run sweep.yaml --name {shlex.quote(record.name + '-again')}",
        "# One agent proposes the same trials in the same order; several agents' results arrive in another one.",
    ]
    best = best_trial(mirror.trials.values(), spec.objective)
    if best is not None and spec.program and spec.command == DEFAULT_COMMAND:
        flags = [f"--{name}={value}" for name, value in spec.space.flatten(best.params).items()]
        lines += [
            "",
            f"# The best configuration, trial {best.number}, by hand",
            shlex.join(["python", spec.program, *flags]),
        ]
    return "\n".join(lines)
