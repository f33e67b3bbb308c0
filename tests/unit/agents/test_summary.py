"""`run.summarize`: metrics of a whole training, on every way from a training to its trial."""

from __future__ import annotations

import math
import pickle
from pathlib import Path

import pytest

from hyperopt_core import Run, State, Sweep
from hyperopt_core.agents.channel import Channel
from hyperopt_core.agents.current import Link
from hyperopt_core.agents.wire import ADDRESS, TOKEN
from hyperopt_core.errors import InvalidTrial
from tests.unit.agents.source import Bench

SPACE = {"parameters": {"x": {"min": 0.0, "max": 1.0}}, "method": "random", "run_cap": 1, "seed": 0}


def test_a_function_s_summary_counts_over_its_last_report() -> None:
    def train(run: Run) -> dict[str, float]:
        run.report(1.0)
        run.summarize({"value": 0.25, "size": 3})
        run.summarize(size=4)
        return {"seconds": 2.0}

    with Sweep.create(SPACE, "memory://") as sweep:
        sweep.run(train)
        (trial,) = sweep.trials
        assert (trial.state, trial.value) == (State.COMPLETED, 0.25)
        assert trial.metrics == {"value": 0.25, "size": 4.0, "seconds": 2.0}
        assert [dict(m.metrics) for m in sweep.history.curve(0)] == [{"value": 1.0}]  # it is no report


def test_a_summary_alone_is_a_result() -> None:
    with Sweep.create(SPACE, "memory://") as sweep:
        sweep.run(lambda run: run.summarize(value=0.5))
        assert sweep.trials[0].value == 0.5


def test_a_program_s_summary_counts(tmp_path: Path) -> None:
    bench = Bench(
        tmp_path,
        """
        import hyperopt_core
        run = hyperopt_core.current_run()
        run.report(loss=1.0)
        run.summarize(loss=0.25)
        """,
    )
    outcome = bench.run()
    assert (outcome.state, outcome.values) == (State.COMPLETED, (0.25,))


def test_it_crosses_to_the_run_that_other_processes_joined() -> None:
    channel, run = Channel(), Run({})
    with channel.open(run) as names:
        link = Link(names[ADDRESS], names[TOKEN]).run()
        link.summarize(loss=math.inf)
        assert run.summary == link.summary == {"loss": math.inf}
    channel.close()
    shared = Run({}, alone=False)
    pickle.loads(pickle.dumps(shared)).summarize(acc=0.5)
    assert shared.summary == {"acc": 0.5}


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(InvalidTrial, match="acc is 'high'"):
        Run({}).summarize(acc="high")  # type: ignore[arg-type]
