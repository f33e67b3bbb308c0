"""Sweeps from the command line: run, interrupt, go on, share, control."""

from __future__ import annotations

import json
import os
import signal

from tests.e2e.conftest import PROGRAM, SWEEP, CommandLine, wait_for, wait_until

SLOW = SWEEP.replace("run_cap: 4", "run_cap: 6").replace(
    "parameters:", "parameters:\n  steps: {value: 3}\n  pause: {value: 0.1}"
)


def test_run_finds_the_best_and_says_where_things_are(cli: CommandLine) -> None:
    ran = cli("run", "sweep.yaml", "--name", "s")
    assert ran.stdout.count("started") == 4
    assert "sweep s is finished: all 4 trials given out" in ran.stdout
    best = cli.json("best", "s")[0]
    trials = json.loads(cli("trials", "s", "--json").stdout)
    assert best["value"] == min(t["loss"] for t in trials) == best["params"]["x"] ** 2 + 0.5
    assert f"  x: {best['params']['x']!r}" in ran.stdout
    again = next(line for line in ran.stdout.splitlines() if line.startswith("train it again: "))
    assert f"train.py --x={best['params']['x']!r}" in again
    assert (cli.folder / "sweeps-files" / "s" / "00000").is_dir()


def test_a_grid_without_a_metric_runs_to_its_end(cli: CommandLine) -> None:
    cli.write("program: train.py\nmethod: grid\nparameters:\n  x: {values: [0.5, 1, 2, 3, 4, 5]}\n")
    ran = cli("run", "sweep.yaml", "--name", "s")
    assert "sweep s is finished: all 6 points of the space tried\n6 trials: 6 completed" in ran.stdout
    assert "the sweep names no metric" in ran.stdout
    trials = json.loads(cli("trials", "s", "--json").stdout)
    assert [(t["state"], t["value"], t["loss"]) for t in trials] == [
        ("completed", None, x**2 + 0.5) for x in (0.5, 1, 2, 3, 4, 5)
    ]
    assert cli.json("best", "s", "--metric", "loss")[0]["params"] == {"x": 0.5}
    assert "finished before" in cli("run", "sweep.yaml", "--name", "s").stderr


def test_ctrl_c_and_the_same_command_go_on(cli: CommandLine) -> None:
    cli.write(SLOW)
    command = ("run", "sweep.yaml", "--name", "s", "--json")
    first = cli.start(*command)
    wait_for(first, "completed")
    os.kill(first.pid, signal.SIGINT)
    out, err = first.communicate(timeout=30)
    assert first.returncode == 130
    assert "interrupted; the same command goes on" in err
    done = json.loads(out.splitlines()[-1])["states"]["completed"]
    assert 1 <= done < 6

    events = [json.loads(line) for line in cli(*command).stdout.splitlines()]
    assert [e["event"] for e in events].count("completed") == 6 - done
    assert events[-1]["states"] == {"completed": 6}
    assert "finished before" in cli("run", "sweep.yaml", "--name", "s").stderr


def test_run_is_killed_again_and_again_and_the_same_command_finishes(cli: CommandLine) -> None:
    cli.write(SLOW.replace("run_cap: 6", "run_cap: 10"))
    command = ("run", "sweep.yaml", "--name", "s", "--agents", "2", "--json")
    told: dict[int, float] = {}  # trial -> value that a killed command had said was completed

    for _ in range(3):
        first = cli.start(*command)
        event = wait_for(first, "completed")
        first.kill()
        first.communicate(timeout=30)
        assert event["trial"] not in told
        told[event["trial"]] = event["value"]
    cli(*command)
    trials = json.loads(cli("trials", "s", "--json").stdout)
    assert [t["number"] for t in trials] == list(range(10))
    assert {t["state"] for t in trials} == {"completed"}
    assert all(trials[number]["loss"] == value for number, value in told.items())


def test_a_raised_limit_lets_a_finished_sweep_go_on(cli: CommandLine) -> None:
    command = ("run", "sweep.yaml", "--name", "s", "--json")
    cli(*command)
    cli.write(SWEEP.replace("run_cap: 4", "run_cap: 5"))
    ran = cli(*command)
    assert "sweep s: going on after 4 trials with another run_cap" in ran.stderr
    assert json.loads(ran.stdout.splitlines()[-1])["states"] == {"completed": 5}
    assert cli("enqueue", "s", "x=0.5").stdout.endswith("waits for an agent: hyperopt-core agent s\n")
    cli("agent", "s", "--json")
    assert cli.status("s")["states"] == {"completed": 6}


def test_an_agent_of_a_paused_sweep_says_why_it_waits(cli: CommandLine) -> None:
    cli("create", "sweep.yaml", "--name", "s")
    cli("pause", "s")
    agent = cli.start("agent", "s")
    assert agent.stderr is not None
    assert agent.stderr.readline() == "sweep s is paused (paused); `hyperopt-core resume s` lets it go on\n"
    cli("resume", "s")
    agent.communicate(timeout=30)
    assert cli.status("s")["states"] == {"completed": 4}


def test_two_agents_share_a_sweep(cli: CommandLine) -> None:
    cli.write(SLOW)
    created = cli.json("create", "sweep.yaml", "--name", "s")[0]
    assert created["seed"] == 1
    agents = [cli.start("agent", "s", "--json") for _ in range(2)]
    for agent in agents:
        _, err = agent.communicate(timeout=60)
        assert agent.returncode == 0, err
    rows = json.loads(cli("export", "s", "--json").stdout)
    assert [row["number"] for row in rows] == list(range(6))
    assert {row["attempt"] for row in rows} == {1}
    assert cli.status("s")["states"] == {"completed": 6}


def test_pause_resume_and_stop_from_another_process(cli: CommandLine) -> None:
    cli.write(SLOW.replace("run_cap: 6", "run_cap: 1000"))
    agent = cli.start("run", "sweep.yaml", "--name", "s", "--json")
    wait_for(agent, "started")
    assert cli.json("pause", "s") == [{"name": "s", "status": "paused"}]
    wait_until(lambda: cli.status("s")["states"].get("running", 0) == 0)
    count = cli.status("s")["trials"]
    assert cli.status("s")["trials"] == count
    assert agent.poll() is None

    assert cli.json("resume", "s") == [{"name": "s", "status": "running"}]
    wait_until(lambda: cli.status("s")["trials"] > count)
    assert "trials that run finish" in cli("stop", "s").stdout
    _, err = agent.communicate(timeout=30)
    assert agent.returncode == 3
    assert "error: the sweep is stopped" in err
    assert "to go on all the same: hyperopt-core resume s" in err
    assert set(cli.status("s")["states"]) == {"completed"}
    assert "cannot be paused" in cli("pause", "s", code=1).stderr


def test_cancel_a_trial_and_then_the_sweep(cli: CommandLine) -> None:
    cli.write(SLOW.replace("steps: {value: 3}", "steps: {value: 1000}"))
    agent = cli.start("run", "sweep.yaml", "--name", "s", "--json")
    wait_for(agent, "started")
    cli("cancel", "s", "--trial", "0")
    wait_until(lambda: cli.status("s")["states"].get("cancelled", 0) == 1)
    assert "has ended already" in cli("cancel", "s", "--trial", "0", code=1).stderr
    wait_until(lambda: cli.status("s")["states"].get("running", 0) == 1)
    cli("cancel", "s")
    agent.communicate(timeout=30)
    assert agent.returncode == 3
    assert cli.status("s")["states"] == {"cancelled": 2}


def test_a_misnamed_metric_stops_the_sweep_after_its_first_trial(cli: CommandLine) -> None:
    cli.write(SWEEP.replace("name: loss", "name: val_loss"))
    ran = cli("run", "sweep.yaml", "--name", "s", code=3)
    assert "'val_loss'" in ran.stderr
    assert "only of loss" in ran.stderr
    assert cli.status("s")["trials"] == 1


def test_a_failing_program_is_told_in_a_line(cli: CommandLine) -> None:
    cli.write(PROGRAM + "\nraise ValueError('no such data [bold]')", "train.py")
    ran = cli("run", "sweep.yaml", "--name", "s", code=1)
    assert "error: no trial of sweep 's' has a value: trial 3 failed: exit code 1: ValueError" in ran.stderr
    lines = [line for line in ran.stdout.splitlines() if " failed " in line]
    assert len(lines) == 4
    assert all(line.endswith("exit code 1: ValueError: no such data [bold]") for line in lines)


def test_a_sweep_in_memory_leaves_nothing_behind(cli: CommandLine) -> None:
    ran = cli("run", "sweep.yaml", "--storage", "memory://")
    assert "best loss" in ran.stdout
    assert sorted(path.name for path in cli.folder.iterdir()) == ["sweep.yaml", "train.py"]


def test_processes_as_agents(cli: CommandLine) -> None:
    cli("run", "sweep.yaml", "--name", "s", "--agents", "2", "--executor", "process")
    assert cli.status("s")["states"] == {"completed": 4}
