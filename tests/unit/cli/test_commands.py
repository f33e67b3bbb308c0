"""Every command's words and exit codes."""

from __future__ import annotations

import csv
import json
import sqlite3
from pathlib import Path

import pytest

from hyperopt_core import Sweep
from hyperopt_core.cli import main, options
from hyperopt_core.sweep import DEFAULT_STORAGE
from tests.unit.cli.conftest import STORAGE, SWEEP, Call


def test_create_names_the_sweep_and_how_to_join_it(call: Call) -> None:
    answer = call("create", "sweep.yaml", "--name", "a b")
    assert answer.code == 0
    assert answer.out == f"created sweep a b in {STORAGE}\njoin it: hyperopt-core agent 'a b'\n"
    again = call("create", "sweep.yaml", "--name", "a b")
    assert (again.code, again.out) == (1, "")
    assert again.err.startswith("error: a sweep 'a b' exists already")


def test_a_sweep_is_named_after_its_file_or_folder(call: Call, tmp_path: Path) -> None:
    (tmp_path / "mnist.yaml").write_text(SWEEP)
    (tmp_path / "named.yaml").write_text("name: chosen\n" + SWEEP)
    names = [call("create", file, "--json").json[0]["name"] for file in ("sweep.yaml", "mnist.yaml", "named.yaml")]
    assert names == [tmp_path.name, "mnist", "chosen"]


def test_the_default_storage_is_that_of_sweeps() -> None:
    assert options.DEFAULT_STORAGE == DEFAULT_STORAGE


def test_advice_is_given_to_a_new_sweep(call: Call, tmp_path: Path) -> None:
    (tmp_path / "sweep.yaml").write_text(SWEEP.replace("seed: 1", ""))
    assert call("create", "sweep.yaml").err.startswith("advice: seed: ")


def test_status_of_one_and_of_all(call: Call, digits: str) -> None:
    one = call("status", digits).out
    assert "sweep digits is running\n4 trials: 1 running, 2 completed, 1 failed" in one
    assert "best loss: 0.5 (trial 0)" in one
    call("create", "sweep.yaml", "--name", "empty")
    table = call("status").out.splitlines()
    assert table[0].split() == ["name", "status", "ended", "running", "best", "metric", "strategy"]
    assert table[1].split() == ["digits", "running", "3/6", "1", "0.5", "loss", "random"]
    assert table[2].split() == ["empty", "running", "0/6", "0", "-", "loss", "random"]
    assert [s["states"] for s in call("status", "--json").json] == [{"running": 1, "completed": 2, "failed": 1}, {}]


def test_a_sweep_that_cannot_be_read_hides_no_other(call: Call, digits: str, tmp_path: Path) -> None:
    call("create", "sweep.yaml", "--name", "odd")
    with sqlite3.connect(tmp_path / "sweeps.db") as database:
        database.execute("UPDATE sweeps SET spec = replace(spec, 'random', 'telepathy') WHERE name = 'odd'")
    database.close()
    answer = call("status")
    assert answer.code == 0
    assert answer.out.splitlines()[1].split()[:2] == ["digits", "running"]
    assert answer.out.splitlines()[2].split()[:2] == ["odd", "unreadable"]
    assert "telepathy" in answer.out.splitlines()[2]
    assert "telepathy" in call("status", "--json").json[1]["error"]


def test_commands_that_read_make_no_database(call: Call, tmp_path: Path) -> None:
    for arguments in (("status",), ("best", "x"), ("trials", "x"), ("agent", "x")):
        answer = call(*arguments)
        assert (answer.code, answer.out) == (1, "")
        assert "there is no database sweeps.db" in answer.err
    assert not list(tmp_path.glob("*.db"))


def test_an_unknown_sweep_is_answered_with_the_closest(call: Call, digits: str) -> None:
    answer = call("best", "digit")
    assert answer.code == 1
    assert "did you mean 'digits'?" in answer.err


def test_best_is_exact(call: Call, digits: str) -> None:
    found = call("best", digits, "--json").json[0]
    assert (found["trial"], found["value"], found["metrics"]) == (0, 0.5, {"loss": 0.5})
    assert f"lr: {found['params']['lr']!r}" in call("best", digits).out
    call("create", "sweep.yaml", "--name", "empty")
    assert "no trial has a value of loss yet" in call("best", "empty").err


def test_a_sweep_without_a_metric_is_shown_by_what_was_logged(call: Call, tmp_path: Path) -> None:
    (tmp_path / "grid.yaml").write_text("method: grid\nparameters: {x: {values: [1, 2, 3]}}\n")
    with Sweep.create("grid.yaml", STORAGE, "grid") as sweep:
        assert call("best", "grid").err == "error: sweep 'grid': no trial has a value of value yet\n"
        sweep.run(lambda run: {"acc": run.params["x"], "loss": 0.5})
    words = (
        "the sweep names no metric, so that no trial is the best: `best` and `plot` take --metric NAME, of acc, loss"
    )
    assert call("best", "grid") == (1, "", f"error: sweep 'grid': {words}\n")
    assert words in call("status", "grid").out
    assert call("status").out.splitlines()[1].split() == ["grid", "finished", "3/3", "0", "-", "-", "grid"]
    status = call("status", "grid", "--json").json[0]
    assert (status["metric"], status["best"], status["states"]) == (None, None, {"completed": 3})
    assert call("trials", "grid").out.split()[:5] == ["trial", "state", "acc", "loss", "time"]
    assert [row["value"] for row in csv.DictReader(call("export", "grid").out.splitlines())] == ["", "", ""]
    assert call("plot", "grid", "-o", "none.png", "--json").json[0]["summary"].startswith("The sweep names no metric;")
    assert call("plot", "grid", "-o", "acc.png", "--metric", "acc").code == 0
    assert call("report", "grid", "-o", "grid.html").code == 0


def test_best_by_another_metric(call: Call, digits: str, tmp_path: Path) -> None:
    (tmp_path / "grid.yaml").write_text("method: grid\nparameters: {x: {values: [1, 2, 3]}}\n")
    with Sweep.create("grid.yaml", STORAGE, "grid") as sweep:
        sweep.run(lambda run: {"acc": run.params["x"]})
    assert call("best", "grid", "--metric", "acc").out == "best acc: 1 (trial 0)\n  x: 1\n"
    found = call("best", "grid", "--metric", "acc", "--goal", "maximize", "--json").json[0]
    assert (found["trial"], found["value"], found["params"]) == (2, 3.0, {"x": 3})
    assert "did you mean 'acc'?; reported were: acc" in call("best", "grid", "--metric", "ac").err
    assert "minimize or maximize" in call("best", "grid", "--metric", "acc", "--goal", "max").err
    assert call("best", digits, "--goal", "maximize", "--json").json[0]["trial"] == 1


def test_trials_are_filtered_and_sorted(call: Call, digits: str) -> None:
    def numbers(*options: str) -> list[int]:
        return [row["number"] for row in json.loads(call("trials", digits, "--json", *options).out)]

    assert numbers() == [0, 1, 2, 3]
    assert numbers("--where", "loss > 0.6") == [1]
    assert numbers("--sort", "loss") == [0, 1, 2, 3]
    assert numbers("--sort=-loss") == [1, 0, 2, 3]
    assert numbers("--sort", "-number", "--limit", "2") == [3, 2]
    assert "did you mean 'loss'?" in call("trials", digits, "--sort", "los").err
    assert "did you mean 'loss'?" in call("trials", digits, "--where", "los > 1").err


def test_parameters_may_be_called_as_columns_are(call: Call, tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_text(
        "method: random\nparameters: {number: {values: [7, 8]}, state: {value: 1}, value: {min: 0.0, max: 1.0}}\n"
    )
    with Sweep.create("odd.yaml", STORAGE, "odd") as sweep:
        sweep.run(lambda run: 1.0, limit=3)
    lines = call("trials", "odd", "--sort", "number").out.splitlines()
    assert sorted(line.split()[0] for line in lines[1:]) == ["0", "1", "2"]


def test_nothing_in_the_data_acts_on_the_terminal(call: Call, digits: str) -> None:
    for arguments in (("trials", digits), ("trials", digits, "--json"), ("status", digits)):
        assert "\x1b" not in call(*arguments).out
    assert r"no [bold]memory\x1b[2J" in call("trials", digits).out


def test_export_round_trips(call: Call, digits: str, tmp_path: Path) -> None:
    assert call("export", digits, "-o", "t.csv").err == "wrote 4 trials to t.csv\n"
    call("export", digits, "-o", "t.json")
    rows = json.loads((tmp_path / "t.json").read_text())
    with (tmp_path / "t.csv").open(newline="") as file:
        cells = list(csv.DictReader(file))
    assert [float(c["lr"]) for c in cells] == [r["lr"] for r in rows]
    assert [r["state"] for r in rows] == ["completed", "completed", "failed", "running"]
    assert call("export", digits, "--where", "loss < 0.6").out.count("\n") == 2
    assert "ends in .csv or .json" in call("export", digits, "-o", "t.xlsx").err


def test_an_output_in_no_folder_is_refused(call: Call, digits: str) -> None:
    for arguments in (("export", digits, "-o", "nodir/x.csv"), ("plot", digits, "-o", "nodir/x.png")):
        answer = call(*arguments)
        assert (answer.code, answer.out) == (1, "")
        assert answer.err == f"error: --output '{arguments[-1]}': there is no folder 'nodir'\n"


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_plot_writes_a_picture(call: Call, digits: str, tmp_path: Path, suffix: str) -> None:
    answer = call("plot", digits, "-o", f"p.{suffix}")
    assert (answer.code, answer.out) == (0, f"wrote p.{suffix}\n")
    head = (tmp_path / f"p.{suffix}").read_bytes()[:8]
    assert head.startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[suffix])
    assert call("plot", digits, "-o", "p.bmp").code == 1


def test_plot_front_takes_what_is_better_in_each_measure(call: Call, digits: str, tmp_path: Path) -> None:
    goals = ("--x", "seconds", "--y", "loss", "--x-goal", "maximize", "--y-goal", "maximize")
    answer = call("plot", digits, "front", *goals, "-o", "front.svg")
    assert (answer.code, answer.out) == (0, "wrote front.svg\n")
    drawn = (tmp_path / "front.svg").read_text()
    assert "seconds (maximize)" in drawn
    assert "loss (maximize)" in drawn
    assert "y_goal is 'most': minimize or maximize" in call("plot", digits, "front", "--y-goal", "most").err
    assert "history has no option 'x_goal'" in call("plot", digits, "history", "--x-goal", "minimize").err


def test_enqueue_takes_values_as_a_sweep_file_does(call: Call, digits: str) -> None:
    answer = call("enqueue", digits, "lr=1e-3", "act=tanh", "--json")
    assert answer.json[0]["params"] == {"lr": 0.001, "act": "tanh", "epochs": 3}
    with Sweep.open(digits, STORAGE) as sweep:
        assert sweep.trials[4].state == "waiting"
    assert "did you mean 'lr'?" in call("enqueue", digits, "lrr=1", "act=tanh").err
    assert "lr: 7 is outside" in call("enqueue", digits, "lr=7", "act=tanh").err
    assert "lr is missing" in call("enqueue", digits, "act=tanh").err
    assert "key=value" in call("enqueue", digits, "lr").err
    assert "'lr' is given twice" in call("enqueue", digits, "lr=0.1", "act=tanh", "lr=0.2").err
    assert "'lr=': the value is missing" in call("enqueue", digits, "lr=", "act=tanh").err


def test_controls_say_what_they_did(call: Call, digits: str) -> None:
    assert call("pause", digits).out == "sweep digits is paused: trials that run go on\n"
    assert call("resume", digits, "--json").json == [{"name": "digits", "status": "running"}]
    assert call("cancel", digits, "--trial", "3").out == "trial 3 of sweep digits is being ended\n"
    assert call("cancel", digits, "--trial", "0").code == 1
    assert call("stop", digits).out == "sweep digits is stopped: trials that run finish\n"
    assert call("pause", digits).code == 1
    assert call("cancel", digits).code == 0


def test_a_trial_is_tried_again(call: Call, digits: str) -> None:
    assert call("retry", digits, "--trial", "2").out == (
        "trial 2 of sweep digits waits for an agent: hyperopt-core agent digits\n"
    )
    assert "trial 0 of sweep 'digits' is completed: failed and cancelled ones" in call("retry", digits, "--trial=0").err
    assert call("retry", digits).code == 2
    call("cancel", digits)
    call("enqueue", digits, "lr=0.1", "act=tanh")
    assert "but the sweep is cancelled: hyperopt-core resume" in call("enqueue", digits, "lr=0.1", "act=tanh").out


@pytest.mark.parametrize("name", ["", "  ", "-x", "a\x1b[31mb", "a\nb", "a\u202eb"])
def test_names_that_nobody_can_type_are_refused(call: Call, tmp_path: Path, name: str) -> None:
    answer = call("create", "sweep.yaml", f"--name={name}")
    assert (answer.code, answer.out) == (1, "")
    assert f"name {name!r} of a sweep: " in answer.err
    assert not (tmp_path / "sweeps.db").exists()


def test_a_command_that_no_trial_could_start_is_refused_at_once(call: Call, tmp_path: Path) -> None:
    command, words = "[sh, '${envvar:NOT_SET_ANYWHERE}']", "the environment variable NOT_SET_ANYWHERE is not set"
    (tmp_path / "sweep.yaml").write_text(SWEEP.replace("program: train.py", f"command: {command}"))
    for verb in ("create", "run"):
        answer = call(verb, "sweep.yaml")
        assert (answer.code, answer.out) == (1, "")
        assert words in answer.err
    assert not (tmp_path / "sweeps.db").exists()
    with Sweep.create("sweep.yaml", STORAGE, "s"):
        assert words in call("agent", "s").err
    (tmp_path / "sweep.yaml").write_text(SWEEP.replace("program: train.py", ""))
    for verb in ("create", "run"):
        assert "holds ${program}" in call(verb, "sweep.yaml").err


def test_a_program_that_is_not_installed_is_refused_at_once(call: Call, tmp_path: Path) -> None:
    for command, words in (("no-such-thing", "'no-such-thing' in PATH"), ("./no/such", f"'./no/such' in {tmp_path}")):
        (tmp_path / "sweep.yaml").write_text(SWEEP.replace("program: train.py", f"command: [{command}]"))
        assert words in call("run", "sweep.yaml").err


def test_a_program_that_may_not_be_executed_is_refused_at_once(call: Call, tmp_path: Path) -> None:
    (tmp_path / "sweep.yaml").write_text(SWEEP + "command: [./train.py, '${args}']\n")
    (tmp_path / "train.py").touch()
    assert f"'./train.py' is not executable: chmod +x {tmp_path}" in call("run", "sweep.yaml").err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--gpus", "2", "--agents", "3"), "3 trials at once with 1 GPUs each"),
        (("--gpus", "1,2", "--per-trial", "3"), "per_trial is 3: no trial ever gets so many"),
        (("--per-trial", "2"), "--per-trial 2 shares out GPUs: say with --gpus which there are"),
        (("--folder", "elsewhere"), "the program 'train.py' is not in --folder "),
    ],
)
def test_what_cannot_be_run_leaves_no_sweep_behind(
    call: Call, tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    (tmp_path / "train.py").touch()
    (tmp_path / "elsewhere").mkdir()
    answer = call("run", "sweep.yaml", *options)
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith(f"error: {words}")
    assert not (tmp_path / "sweeps.db").exists()


def test_files_that_cannot_be_kept_are_an_error_in_words(call: Call, tmp_path: Path) -> None:
    (tmp_path / "train.py").touch()
    (tmp_path / "file").touch()
    answer = call("run", "sweep.yaml", "--files", "file/x", "--name", "s")
    assert answer.code == 1
    assert "the files of trial 0 cannot be made: Not a directory; --files or HYPEROPT_CORE_FILES names" in answer.err


def test_a_command_without_parameters_is_no_way_to_train_them_again(call: Call, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("import hyperopt_core\nhyperopt_core.current_run().report(loss=1.0)\n")
    (tmp_path / "sweep.yaml").write_text(SWEEP.replace("run_cap: 6", "run_cap: 1"))
    assert "train it again: " in call("run", "sweep.yaml", "--name", "flags").out
    (tmp_path / "sweep.yaml").write_text(
        SWEEP.replace("run_cap: 6", "run_cap: 1\ncommand: ['${env}', '${interpreter}', '${program}']")
    )
    answer = call("run", "sweep.yaml", "--name", "silent")
    assert answer.code == 0
    assert "train it again" not in answer.out


def test_lint_shows_every_fault_and_then_advice(call: Call, tmp_path: Path) -> None:
    assert call("lint", "sweep.yaml").out == "sweep.yaml: nothing to say\n"
    (tmp_path / "b.yaml").write_text(
        "method: bayess\nmetric: {name: a, goal: low}\nparameters: {x: {min: 2, max: 1}}\n"
    )
    answer = call("lint", "b.yaml")
    assert answer.code == 1
    assert [line.split(": ")[2:4] for line in answer.out.splitlines()] == [
        ["line 1", "method"],
        ["line 2", "metric.goal"],
        ["line 3", "parameters.x.min"],
    ]
    assert [fault["line"] for fault in call("lint", "b.yaml", "--json").json] == [1, 2, 3]
    (tmp_path / "wide.yaml").write_text("method: random\nseed: 1\nparameters: {x: {min: 0.0001, max: 1.0}}\n")
    assert "log_uniform_values" in call("lint", "wide.yaml").out


def test_run_refuses_a_changed_configuration_and_says_what_to_do(call: Call, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("")
    call("create", "sweep.yaml", "--name", "s")
    (tmp_path / "sweep.yaml").write_text(SWEEP.replace("run_cap: 6", "run_cap: 7").replace("max: 1}", "max: 2}"))
    answer = call("run", "sweep.yaml", "--name", "s")
    assert (answer.code, answer.out) == (1, "")
    assert "(different: parameters.lr.max): --new starts a new one beside it, --name" in answer.err


def test_a_program_that_is_nowhere_names_both_places(call: Call, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "sweep.yaml").write_text(SWEEP)
    answer = call("run", "sub/sweep.yaml")
    assert answer.code == 1
    assert f"'train.py' is neither in {tmp_path} nor in {tmp_path / 'sub'}" in answer.err
    assert not (tmp_path / "sweeps.db").exists()


def test_wrong_command_lines_are_usage_errors(call: Call) -> None:
    for arguments in (("run",), ("nonsense",), ("run", "sweep.yaml", "--agents", "0"), ("best", "a", "--nonsense")):
        answer = call(*arguments)
        assert (answer.code, answer.out) == (2, ""), arguments
        assert "Usage: hyperopt-core" in answer.err


def test_an_unexpected_exception_is_one_line(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("so\nit is")

    monkeypatch.setattr("hyperopt_core.cli.opening.open_existing", broken)
    answer = call("status")
    assert (answer.code, answer.err) == (1, "error: ZeroDivisionError: so (HYPEROPT_CORE_DEBUG=1 shows where)\n")
    monkeypatch.setenv("HYPEROPT_CORE_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["status"])


def test_a_missing_extra_is_one_line(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "typer", None)
    monkeypatch.delitem(sys.modules, "hyperopt_core.cli.app", raising=False)
    answer = call("status")
    assert answer.code == 1
    assert answer.err == "error: the command line needs typer: pip install 'hyperopt-core[sweeps]'\n"
