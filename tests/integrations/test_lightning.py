"""hyperopt_lightning on real trainings: stopping, pausing, and several processes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hyperopt_core import Optimizer, Run, State
from hyperopt_core.errors import MissingMetric
from hyperopt_lightning import HyperbandCallback
from tests.integrations import lightning_digits
from tests.integrations.harness import BAD, GOOD, HOPELESS, HURDLE, config, with_function, with_optimizer, with_program

pytestmark = [  # Lightning's own
    pytest.mark.filterwarnings("ignore:The '.*_dataloader' does not have many workers"),
    pytest.mark.filterwarnings("ignore:.isinstance.treespec, LeafSpec.. is deprecated:FutureWarning"),
]


def train(run: Run) -> None:
    lightning_digits.train(run)


def test_a_bad_trial_is_stopped_and_a_good_one_runs_to_its_end(tmp_path: Path) -> None:
    settings = config(GOOD, BAD, HOPELESS)
    good, bad, hopeless = results = with_optimizer(settings, train, tmp_path)
    assert (good.state, good.steps) == (State.COMPLETED, [1, 2, 3, 4])
    assert good.curve[-1][1]["val_loss"] < 0.6
    assert (bad.state, bad.steps) == (State.STOPPED, [1, 2])
    assert (hopeless.state, hopeless.steps, hopeless.reason) == (State.FAILED, [1], "val_loss is nan")
    assert results[:2] == with_function(settings, train, tmp_path)[:2]


@pytest.mark.slow
@pytest.mark.parametrize("home", ["lightning.pytorch", "pytorch_lightning"])
def test_a_program_gives_the_same_under_either_name(home: str, tmp_path: Path) -> None:
    settings = config(BAD, early_terminate=HURDLE)
    code = f"""
import hyperopt_core, {home}
from tests.integrations import lightning_digits
assert lightning_digits.pl is {home}
lightning_digits.train(hyperopt_core.current_run())
"""
    program = with_program(settings, ["-c", code], tmp_path)
    assert program == with_optimizer(settings, train, tmp_path)


def test_a_paused_trial_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    whole = with_optimizer(config(GOOD), train, tmp_path / "whole")[0]
    good, bad = with_optimizer(config(GOOD, BAD, resumable=True), train, tmp_path)
    assert (bad.state, bad.steps) == (State.PAUSED, [1, 2])
    assert (good.state, good.curve) == (State.COMPLETED, whole.curve)


@pytest.mark.slow
def test_two_processes_end_and_go_on_at_the_same_epoch(tmp_path: Path) -> None:
    ended = []

    def train_on_two(run: Run) -> None:
        lightning_digits.train(run, strategy="ddp_spawn", devices=2)
        ended.append([path.read_text() for path in run.directory.glob("rank-*")])

    good, bad = with_optimizer(config(GOOD, BAD, resumable=True), train_on_two, tmp_path)
    assert (good.state, good.steps) == (State.COMPLETED, [1, 2, 3, 4])
    assert (bad.state, bad.steps) == (State.PAUSED, [1, 2])
    assert ended == [[f"epoch {epoch} of 2"] * 2 for epoch in (2, 2, 4)]


def test_a_metric_that_is_not_logged_is_named(tmp_path: Path) -> None:
    opt = Optimizer.from_config(config(GOOD))
    run = Run.of(opt, opt.ask(), tmp_path)
    fit = lightning_digits.trainer(HyperbandCallback(run, monitor="val_los")).fit
    words = "call self.log('val_los', value) in validation_step; there are: val_loss; did you mean 'val_loss'?"
    with pytest.raises(MissingMetric, match=re.escape(words)):
        fit(lightning_digits.Digits(GOOD), *lightning_digits.loaders())


def test_only_validations_of_a_fit_are_reported(tmp_path: Path) -> None:
    opt = Optimizer.from_config(config(GOOD))
    trainer = lightning_digits.train(Run.of(opt, opt.ask(), tmp_path), num_sanity_val_steps=2)
    trainer.validate(lightning_digits.Digits(GOOD), lightning_digits.loaders()[1], verbose=False)
    assert [m.step for m in opt.history.curve(0)] == [1, 2, 3, 4]
