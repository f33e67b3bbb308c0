"""The command evaluator with ordinary programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hyperopt_core.agents.command import CommandEvaluator
from hyperopt_core.agents.interrupt import Interrupt
from hyperopt_core.agents.loop import work
from hyperopt_core.spec import Limits
from hyperopt_core.trial import Decision, State
from tests.unit.agents.source import ROOT, Bench

REPORTS = """
    import hyperopt_core, sys
    run = hyperopt_core.current_run()
    for step in range(1, 4):
        print("step", step)
        if run.report(loss=1 / step, acc=float("nan"), step=step) is not hyperopt_core.Decision.CONTINUE:
            print("told to stop")
            sys.exit({code})
    """


def test_a_program_reports_and_its_last_value_is_the_result(tmp_path: Path) -> None:
    bench = Bench(tmp_path, REPORTS.format(code=0))
    outcome = bench.run()
    assert outcome.state is State.COMPLETED
    assert outcome.values == (1 / 3,)
    assert outcome.metrics["acc"] != outcome.metrics["acc"]
    assert outcome.exit_code == 0
    assert [m.step for m in bench.source.optimizer.history.curve(0)] == [1, 2, 3]
    assert bench.log("stdout.log").splitlines() == ["step 1", "step 2", "step 3"]


def test_a_program_sees_its_arguments_unchanged_its_folder_and_its_names(tmp_path: Path) -> None:
    program = """
        import json, os, sys
        import hyperopt_core
        run = hyperopt_core.current_run()
        names = {k: os.environ[k] for k in ("HYPEROPT_CORE_SWEEP", "HYPEROPT_CORE_TRIAL", "PYTHONUNBUFFERED")}
        (run.checkpoint_dir / "seen").write_text("kept")
        json.dump([sys.argv[1:], os.getcwd(), names, dict(run.params), run.number], open("seen.json", "w"))
        run.report(0.5)
        """
    bench = Bench(tmp_path, program)
    assert bench.run().state is State.COMPLETED
    params = dict(bench.source.optimizer.history[0].params)
    argv, folder, names, seen, number = json.loads((tmp_path / "seen.json").read_text())
    assert sorted(argv) == sorted(f"--{k}={v}" for k, v in params.items())
    assert Path(folder) == tmp_path
    assert names == {"HYPEROPT_CORE_SWEEP": "digits", "HYPEROPT_CORE_TRIAL": "0", "PYTHONUNBUFFERED": "1"}
    assert (seen, number) == (params, 0)
    assert (tmp_path / "trials" / "00000" / "checkpoint" / "seen").read_text() == "kept"


@pytest.mark.parametrize("code", [0, 7])
def test_a_program_that_was_told_to_stop_is_stopped_whatever_it_exits_with(tmp_path: Path, code: int) -> None:
    bench = Bench(tmp_path, REPORTS.format(code=code))
    bench.source.answer = Decision.STOP
    outcome = bench.run()
    assert (outcome.state, outcome.exit_code, outcome.values) == (State.STOPPED, code, (1.0,))
    assert "told to stop" in bench.log("stdout.log")


def test_a_failing_program_leaves_its_exit_code_and_the_end_of_its_stderr(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "import sys; sys.stderr.write('x' * 20000 + '\\n'); raise ValueError('no data')")
    outcome = bench.run()
    assert (outcome.state, outcome.exit_code) == (State.FAILED, 1)
    assert outcome.reason == "exit code 1: ValueError: no data"
    assert outcome.error is not None
    assert "Traceback" in outcome.error
    assert 8000 < len(outcome.error) < 8400
    assert len(bench.log("stderr.log")) > 20000


def test_a_metric_that_is_not_the_sweeps_is_named(tmp_path: Path) -> None:
    outcome = Bench(tmp_path, "import hyperopt_core; hyperopt_core.current_run().report(los=1.0)").run()
    assert outcome.state is State.FAILED
    assert "'loss'" in outcome.reason
    assert "did you mean 'los'?" in outcome.reason


def test_a_program_that_says_nothing_fails(tmp_path: Path) -> None:
    outcome = Bench(tmp_path, "pass").run()
    assert (outcome.state, outcome.exit_code) == (State.FAILED, 0)
    assert outcome.reason.startswith("no value of 'loss' was reported; ")
    assert outcome.reason.endswith("run.report(loss=...), where run = hyperopt_core.current_run()")


def test_a_program_that_is_not_there_is_named_with_its_folder(tmp_path: Path) -> None:
    outcome = Bench(tmp_path, "", command=("nowhere-to-be-found", "${args}")).run()
    assert outcome.state is State.FAILED
    assert outcome.reason == f"cannot start 'nowhere-to-be-found' in {tmp_path}: No such file or directory"


def test_a_file_that_is_no_program_is_named(tmp_path: Path) -> None:
    outcome = Bench(tmp_path, "pass", command=("./train.py",)).run()
    assert outcome.reason == f"cannot start './train.py' in {tmp_path}: Permission denied"


def test_a_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "pass")
    bench.folder = tmp_path / "gone"
    assert bench.run().reason.endswith(f"there is no folder {tmp_path / 'gone'}")


def test_an_environment_variable_that_is_not_set_fails_the_trial(tmp_path: Path) -> None:
    outcome = Bench(tmp_path, "pass", command=("${interpreter}", "${envvar:NOT_SET_ANYWHERE}")).run()
    assert outcome.state is State.FAILED
    assert "NOT_SET_ANYWHERE is not set" in outcome.reason


def test_an_agent_loop_runs_one_program_after_the_other(tmp_path: Path) -> None:
    bench = Bench(tmp_path, REPORTS.format(code=0), limits=Limits(trials=2))
    evaluate = CommandEvaluator(bench.source, Interrupt(), directory=tmp_path, environment={"PYTHONPATH": str(ROOT)})
    assert work(bench.source, evaluate, Interrupt()) == 2
    evaluate.close()
    assert [(number, outcome.state) for number, outcome in bench.source.outcomes] == [
        (0, State.COMPLETED),
        (1, State.COMPLETED),
    ]
