"""A report as text: one script of all modules, and data that cannot break out of it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from hyperopt_core import Float, SearchSpace
from hyperopt_core.cli import main
from hyperopt_core.errors import SweepNotFound
from hyperopt_core.server.assets import page_files
from hyperopt_core.server.report import bundle, report
from hyperopt_core.storage import open_storage
from tests import sweeps

_TOP = re.compile(r"^(?:export )?(?:async )?(?:function|class|const|let) (\w+)", re.MULTILINE)


def test_modules_become_one_script() -> None:
    script = bundle()
    assert not re.search(r"^(import|export)\b", script, re.MULTILINE)
    modules = [text for name, text in page_files().items() if name.endswith(".js")]
    for text in modules:
        assert all(name in script for name in _TOP.findall(text))


def test_no_two_modules_use_a_name_at_their_top() -> None:
    tops = Counter(name for file, text in page_files().items() if file.endswith(".js") for name in _TOP.findall(text))
    assert not [name for name, count in tops.items() if count > 1]


def test_modules_import_only_each_other_and_the_page_names_nobody_else() -> None:
    for name, text in page_files().items():
        imports = re.findall(r'^import .* from "(.*)";', text, re.MULTILINE)
        assert all(path.removeprefix("./") in page_files() for path in imports), name
        addresses = set(re.findall(r"https?://[^\s\"'`]+", text))
        assert addresses <= {"http://www.w3.org/2000/svg"}, name
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", text), name


def test_data_stays_inside_its_element_and_the_policy_fits_the_script() -> None:
    name = "</script><script>alert(1)</script>"
    storage = open_storage("memory://")
    record = sweeps.make_sweep(storage, name, space=SearchSpace({name: Float(0, 1)}))
    trial = sweeps.begin(storage, record, {name: 0.25})
    sweeps.complete(storage, record, trial, float("nan"))
    text = report(storage, name)
    assert text.count("</script>") == 2  # the data's and the script's own
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    script = re.search(r'<script type="module">(.*?)</script>', text, re.DOTALL)
    assert data is not None
    assert script is not None
    found = json.loads(data[1], parse_constant=lambda token: pytest.fail(f"{token} is no JSON"))
    assert found["sweep"]["name"] == name
    assert found["changes"]["rows"][0]["params"] == [0.25]
    assert found["changes"]["rows"][0]["value"] is None  # NaN
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text


def test_unknown_sweeps_and_file_names_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SweepNotFound):
        report(open_storage("memory://"), "nothing")
    assert main(["report", "digits", "-o", "digits.pdf", "--storage", str(tmp_path / "sweeps.db")]) == 1
    assert "ends in .html" in capsys.readouterr().err
