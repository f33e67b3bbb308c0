"""What W&B programs do that trips up a stand-in: each as a small program under `--wandb`."""

from __future__ import annotations

import json
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from hyperopt_core import State, Sweep, Trial
from tests.integrations.test_wandb import command_line

SWEEP = """
program: train.py
method: grid
metric: {name: loss, goal: minimize}
parameters:
  x: {values: [1, 2, 3]}
"""


class Folder:
    """A program in a folder of its own, and the sweep that comes of it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, program: str) -> None:
        (self.path / "train.py").write_text(textwrap.dedent(program))

    def run(self, program: str, sweep: str = SWEEP, code: int = 0) -> list[Trial]:
        """The trials of the program under a command agent."""
        self.write(program)
        (self.path / "sweep.yaml").write_text(sweep)
        command_line(self.path, "run", "sweep.yaml", "--name", "s", "--wandb", code=code)
        return self.trials("s")

    def exec(self, program: str, *arguments: str, code: int = 0) -> str:
        """What the program says that makes its own sweep."""
        self.write(program)
        return command_line(self.path, "exec", "--wandb", *arguments, "--", sys.executable, "train.py", code=code)

    def trials(self, name: str = "train") -> list[Trial]:
        with Sweep.open(name, f"sqlite:///{self.path}/sweeps.db") as sweep:
            return sweep.trials

    def rows(self, number: int, name: str = "s") -> list[tuple[float, dict[str, Any]]]:
        with Sweep.open(name, f"sqlite:///{self.path}/sweeps.db") as sweep:
            return [(m.step, dict(m.metrics)) for m in sweep.history.curve(number)]

    def stderr(self, number: int = 0) -> str:
        return (self.path / "sweeps-files" / "s" / f"{number:05d}" / "stderr.log").read_text()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def states(trials: list[Trial]) -> list[str]:
    return [str(trial.state) for trial in trials]


CREATE = """
import wandb
sweep_id = wandb.sweep({"method": "grid", "metric": {"name": "loss", "goal": "minimize"},
                        "parameters": {"x": {"values": [1, 2, 3]}}})
"""


def test_a_stop_ends_a_program_that_swallows_everything(folder: Folder) -> None:
    stopping = SWEEP + "early_terminate: {type: threshold, worse_than: 1.5, min_steps: 1}\n"
    began = time.monotonic()
    trials = folder.run(
        """
        import wandb
        wandb.init()
        try:
            for step in range(100):
                try:
                    wandb.log({"loss": wandb.config.x})
                except:
                    pass
                if step > 50:
                    wandb.log({"loss": wandb.config.x})
        finally:
            open(f"finally-{wandb.config.x}", "w").close()
            wandb.finish()
        """,
        stopping,
    )
    assert states(trials) == ["completed", "stopped", "stopped"]
    assert [len(folder.rows(n)) for n in range(3)] == [149, 2, 2]
    assert len(list(folder.path.glob("finally-*"))) == 3
    assert time.monotonic() - began < 30


def test_rows_are_counted_as_w_and_b_counts_them(folder: Folder) -> None:
    folder.run(
        """
        import wandb
        run = wandb.init()
        for epoch in range(2):
            for batch in range(3):
                run.log({"loss": epoch + batch / 10}, step=epoch)  # one row an epoch: the last batch's
        run.log({"other": 1.0}, commit=False)
        run.log({"loss": 0.5})
        run.log({"loss": 0.25}, step=1)  # a step that is past
        run.log({"flag": True, "text": "a", "none": None, "list": [1], "object": object(), "big": 10**400})
        """
    )
    assert folder.rows(0) == [
        (0, {"loss": 0.2}),
        (1, {"loss": 1.2, "other": 1.0} | {"loss": 0.5}),
        (1, {"loss": 0.25}),
        (2, {"flag": 1.0}),
    ]
    assert "'object' is logged as object" in folder.stderr()


@pytest.mark.slow
def test_arrays_and_not_a_number(folder: Folder) -> None:
    trials = folder.run(
        """
        import numpy as np, wandb
        wandb.init()
        wandb.log({"loss": np.float32(0.5), "one": np.ones((1,)), "zero": np.array(2), "many": np.ones(3)})
        if wandb.config.x == 2:
            wandb.log({"loss": float("nan")})
        """
    )
    assert folder.rows(0) == [(0, {"loss": 0.5, "one": 1.0, "zero": 2.0})]
    assert states(trials) == ["completed", "failed", "completed"]


@pytest.mark.slow
def test_exit_codes_and_crashes_are_failures(folder: Folder) -> None:
    trials = folder.run(
        """
        import sys, wandb
        run = wandb.init()
        run.log({"loss": 1.0}, step=3)
        if run.config["x"] == 1:
            run.finish(exit_code=1)
        elif run.config["x"] == 2:
            with wandb.init(reinit=True):
                raise ValueError("no data")
        """
    )
    assert states(trials) == ["failed", "failed", "completed"]
    assert "exit code 1" in trials[0].reason
    assert trials[1].reason == "exit code 1: ValueError: no data"
    assert [folder.rows(n) for n in (0, 1)] == [[(3, {"loss": 1.0})]] * 2


@pytest.mark.slow
def test_a_metric_that_is_never_logged_is_named(folder: Folder) -> None:
    trials = folder.run("import wandb\nwandb.init()\nwandb.log({'eval/loss': 1.0})", code=3)
    assert trials[0].reason.startswith("no value of 'loss' was reported, only of eval/loss")


@pytest.mark.slow
def test_processes_that_a_trial_starts_join_it(folder: Folder) -> None:
    worker = """
        import os, sys, wandb
        if len(sys.argv) > 1:
            run = wandb.init()
            run.log({"loss": run.config.x / 10, "pid": os.getpid()})
            sys.exit()
    """
    start = "\n        import subprocess\n        subprocess.run([sys.executable, 'train.py', 'child'], check=True)\n"
    assert states(folder.run(worker + start)) == ["completed"] * 3
    assert [trial.value for trial in folder.trials("s")] == [0.1, 0.2, 0.3]

    function = (
        worker
        + textwrap.indent(CREATE, "        ")
        + """
        def train():
            run = wandb.init()
            import subprocess
            subprocess.run([sys.executable, 'train.py', 'child'], check=True)
        wandb.agent(sweep_id, train)
    """
    )
    folder.exec(function)
    assert [(str(trial.state), trial.value) for trial in folder.trials()] == [("completed", v) for v in (0.1, 0.2, 0.3)]


@pytest.mark.slow
def test_a_forked_process_joins_its_trial(folder: Folder) -> None:
    folder.exec(
        CREATE
        + """
def train():
    import os
    wandb.init()
    child = os.fork()
    if child == 0:
        with wandb.init() as run:
            run.log({"loss": run.config.x / 10})
        os._exit(0)
    os.waitpid(child, 0)
wandb.agent(sweep_id, train)
"""
    )
    assert [trial.value for trial in folder.trials()] == [0.1, 0.2, 0.3]


@pytest.mark.slow
def test_a_sweep_that_is_made_at_import_is_made_once(folder: Folder) -> None:
    folder.exec(
        CREATE
        + """
import multiprocessing
def train():
    wandb.init()
    wandb.log({"loss": float(wandb.config["x"])})
def work(count):
    wandb.agent(sweep_id, train, count=count)
if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    agents = [context.Process(target=work, args=(n,)) for n in (1, 2)]
    [agent.start() for agent in agents]
    [agent.join() for agent in agents]
"""
    )
    assert [trial.value for trial in folder.trials()] == [1, 2, 3]
    with pytest.raises(LookupError):
        folder.trials("train-2")


@pytest.mark.slow
def test_a_trial_that_makes_a_sweep_trains_itself(folder: Folder) -> None:
    trials = folder.run(
        CREATE
        + """
def train():
    wandb.init()
    wandb.log({"loss": float(wandb.config["x"])})
wandb.agent(sweep_id, function=train, count=20)
"""
    )
    assert [trial.value for trial in trials] == [1, 2, 3]


@pytest.mark.slow
def test_an_agent_without_a_function_runs_the_program(folder: Folder) -> None:
    (folder.path / "job.py").write_text("import wandb\nwandb.init()\nwandb.log({'loss': wandb.config.x})\n")
    folder.exec(CREATE.replace('"method"', '"program": "job.py", "method"') + "wandb.agent(sweep_id, count=2)\n")
    assert [trial.value for trial in folder.trials()] == [1, 2]


def test_nothing_of_a_trial_is_left_for_the_next(folder: Folder) -> None:
    said = folder.exec(
        CREATE
        + """
import os
seen = []
def train():
    assert wandb.run is None and "WANDB_NOTE" not in os.environ
    assert wandb.config.x and dict(wandb.config) == {"x": wandb.config.x}  # before init, the trial's
    os.environ["WANDB_NOTE"] = "set in a trial"
    run = wandb.init(config={"depth": len(seen)}, name="same", project="")
    seen.append(run.id)
    assert os.environ["WANDB_RUN_ID"] == run.id and run.sweep_id == sweep_id and "/" not in run.id
    assert wandb.init(config={"depth": 9}) is run and run.config.depth == len(seen) - 1
    run.log({"loss": 1.0})
    wandb.finish()
    wandb.finish()
    assert wandb.run is None and run.config.depth == len(seen) - 1
    try:
        run.log({"loss": 2.0})
    except wandb.errors.UsageError:
        pass
    again = wandb.init()
    assert again.id == run.id and "depth" not in again.config
wandb.agent("team/project/" + sweep_id, train)
assert len(set(seen)) == 3
try:
    wandb.log({"loss": 1.0})
except wandb.Error as error:
    print("no run:", error)
best = wandb.Api().sweep("team/project/" + sweep_id).best_run()
assert best.state == "finished" and best.summary["loss"] == 1.0, best.summary
try:
    wandb.Api().artifact("team/project/model:latest")
except wandb.errors.CommError as error:
    assert "offline" in str(error)
"""
    )
    assert states(folder.trials()) == ["completed"] * 3, said


@pytest.mark.slow
def test_what_nobody_knows_is_named_once(folder: Folder) -> None:
    folder.run(
        """
        import wandb
        import wandb.sdk.internal.unheard_of as unheard
        from wandb.sdk.wandb_run import Run
        from wandb.data_types import Image, Unknown
        from wandb.errors.errors import CommError
        from wandb.sdk.lib import RunDisabled, telemetry
        import importlib.metadata
        assert importlib.metadata.version("wandb") >= "0.12.10" and wandb.__version__ and wandb.__spec__
        run = wandb.init()
        assert isinstance(run, Run) and not isinstance(run, RunDisabled) and not isinstance(run, Unknown)
        assert issubclass(CommError, wandb.Error)
        with telemetry.context(run=run) as tel:
            tel.feature.anything = True
        for _ in range(3):
            unheard.call(1).further()
            wandb.brand_new(thing=1)
            run.log({"image": Image([[1]]), "thing": wandb.Unheard(3)})
        class Mine(wandb.SomeBase):
            pass
        wandb.log({"loss": run.config.x})
        """
    )
    assert [trial.value for trial in folder.trials("s")] == [1, 2, 3]
    assert folder.stderr().count("wandb.brand_new is not supported") == 1


@pytest.mark.slow
def test_configurations_keep_to_w_and_b_s_rules(folder: Folder) -> None:
    folder.run(
        """
        import dataclasses, pathlib
        import wandb
        @dataclasses.dataclass
        class Part:
            a: int = 1
        config = wandb.init(config={"x": 99, "sizes": (1, 2), "path": pathlib.Path("a"), "part": Part()}).config
        assert config.x in (1, 2, 3) and type(config.x) is int
        assert config.sizes == [1, 2] and config.path == "a" and config.part == {"a": 1}
        config.x = 5
        config["x"] = 5
        config.update({"x": 5}, allow_val_change=True)
        assert config.x != 5
        config.setdefaults({"x": 7, "new": 1})
        config.update(new=1)
        try:
            config.new = 2
        except wandb.errors.ConfigError:
            config.update({"new": 2}, allow_val_change=True)
        assert config.new == 2 and "new" in config and config.get("nope", 4) == 4 and bool(config)
        assert {**config}["new"] == 2 and list(config.keys()) == [k for k, v in config.items()]
        try:
            config.missing
        except AttributeError:
            pass
        assert wandb.run.config_static.new == 2 and vars(config)["_items"]["new"] == 2
        config.__dict__["_locked"].clear()
        config.update({"x": 50}, allow_val_change=True)
        wandb.log({"loss": config.x})
        """
    )
    assert [trial.value for trial in folder.trials("s")] == [50] * 3
    assert "the program has replaced swept values (x)" in folder.stderr()


@pytest.mark.slow
def test_the_state_of_a_cancelled_program(folder: Folder) -> None:
    """A program that logs nothing more is ended from outside."""
    folder.write("import time, wandb\nwandb.init()\nwandb.log({'loss': 1.0})\ntime.sleep(60)\n")
    (folder.path / "sweep.yaml").write_text(SWEEP + "timeout: 1\n")
    command_line(folder.path, "run", "sweep.yaml", "--name", "s", "--wandb", "--agents", "3", code=1)
    assert {trial.state for trial in folder.trials("s")} == {State.FAILED}
    assert json.dumps([trial.reason for trial in folder.trials("s")]).count("timed out after 1 s") == 3


@pytest.mark.slow
def test_agents_on_threads_take_turns(folder: Folder) -> None:
    said = folder.exec(
        CREATE
        + """
import threading, time
def train():
    with wandb.init() as run:
        time.sleep(0.1)
        wandb.log({"loss": run.config.x})
threads = [threading.Thread(target=wandb.agent, args=(sweep_id, train)) for _ in range(3)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""
    )
    assert [(str(trial.state), trial.value) for trial in folder.trials()] == [("completed", x) for x in (1, 2, 3)]
    assert said.count("this one waits for its end") == 1


@pytest.mark.slow
def test_a_run_marked_as_preempting_is_tried_again_where_it_fails(folder: Folder) -> None:
    trials = folder.run(
        """
        import os, signal, sys, wandb
        run = wandb.init()
        run.mark_preempting()
        first = not os.path.exists(f"began-{run.config.x}")
        open(f"began-{run.config.x}", "w").close()
        run.log({"loss": 1.0})
        if first and run.config.x == 1:
            sys.exit(1)
        if first and run.config.x == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    assert [(str(trial.state), trial.attempt) for trial in trials] == [("completed", n) for n in (2, 2, 1)]


@pytest.mark.slow
def test_a_program_asks_for_its_own_sweep_wherever_it_is_kept(folder: Folder) -> None:
    folder.write(
        """
        import wandb
        run = wandb.init()
        run.log({"val": {"loss": 0.5}, "loss": 1.0})
        assert run.summary["val"]["loss"] == 0.5
        sweep = wandb.Api().sweep(f"{run.entity}/{run.project}/{run.sweep_id}")
        assert sweep.config["metric"]["name"] == "loss" and not sweep.unheard_of
        assert wandb.Api().run(run.path).config == {"x": run.config.x}
        try:
            wandb.Api().run("team/project/abc123")
        except wandb.errors.CommError:
            pass
        open("model.txt", "w").close()
        artifact = wandb.Artifact("model", type="model", metadata={"epoch": 3})
        artifact.add_file("model.txt")
        artifact.unheard_of()
        run.log({"artifact": artifact, "table": wandb.Table(columns=["a"])})
        run.log_artifact(artifact, aliases=["best"])
        found = run.use_artifact("model:best", type="model")
        assert (found.type, found.metadata) == ("model", {"epoch": 3})
        assert open(found.get_path("model.txt").download()).read() == ""
        """
    )
    (folder.path / "sweep.yaml").write_text(SWEEP)
    (folder.path / "db").mkdir()
    command_line(folder.path, "run", "sweep.yaml", "--name", "my sweep", "--wandb", "--storage", "db/other.db")
    with Sweep.open("my sweep", f"sqlite:///{folder.path}/db/other.db") as sweep:
        assert states(sweep.trials) == ["completed"] * 3
    logged = next((folder.path / "db").rglob("00000/stderr.log")).read_text()
    assert logged.count("is not supported") == 1, logged  # what the program did call
