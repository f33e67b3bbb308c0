"""hyperopt_keras on real trainings: stopping, pausing, and the names of metrics. `test_keras.py` runs these tests."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import keras
import pytest

from hyperopt_core import Decision, Optimizer, Run, State
from hyperopt_core.errors import MissingMetric
from hyperopt_keras import HyperbandCallback
from tests.integrations import keras_digits
from tests.integrations.harness import BAD, GOOD, HOPELESS, HURDLE, config, with_function, with_optimizer, with_program
from tests.integrations.keras_digits import train

pytestmark = [  # h5py's and Keras's own
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
]


def test_the_backend_is_the_one_that_is_meant() -> None:
    assert keras.backend.backend() == os.environ["KERAS_BACKEND"]


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="tf.keras is Keras on tensorflow")
def test_it_is_a_callback_of_tf_keras() -> None:
    import tensorflow

    assert issubclass(HyperbandCallback, tensorflow.keras.callbacks.Callback)


def test_a_bad_trial_is_stopped_and_a_good_one_runs_to_its_end(tmp_path: Path) -> None:
    settings = config(GOOD, BAD, HOPELESS)
    good, bad, hopeless = results = with_optimizer(settings, train, tmp_path)
    assert (good.state, good.steps) == (State.COMPLETED, [1, 2, 3, 4])
    assert good.curve[-1][1]["val_loss"] < 0.7
    assert set(good.curve[-1][1]) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert (bad.state, bad.steps) == (State.STOPPED, [1, 2])
    assert (hopeless.state, hopeless.steps, hopeless.reason) == (State.FAILED, [1], "val_loss is nan")
    assert results[:2] == with_function(settings, train, tmp_path)[:2]


def test_a_program_gives_the_same(tmp_path: Path) -> None:
    settings = config(BAD, early_terminate=HURDLE)
    program = with_program(settings, ["-m", keras_digits.__name__], tmp_path)
    assert program == with_optimizer(settings, train, tmp_path)


def test_a_paused_trial_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    whole = with_optimizer(config(GOOD), train, tmp_path / "whole")[0]
    good, bad = with_optimizer(config(GOOD, BAD, resumable=True), train, tmp_path)
    assert (bad.state, bad.steps) == (State.PAUSED, [1, 2])
    assert (good.state, good.curve) == (State.COMPLETED, whole.curve)


def test_a_trial_goes_on_from_what_was_kept_and_not_from_what_was_reported(tmp_path: Path) -> None:
    good, _ = with_optimizer(config(GOOD, BAD, resumable=True), train, tmp_path)
    crashed = Run({"lr": GOOD}, next_step=4, _directory=lambda: tmp_path / "0")  # kept 2, reported 3
    assert HyperbandCallback(crashed).initial_epoch == 2
    reported = []

    def report(step: float | None, value: float | None, metrics: Mapping[str, float]) -> Decision:
        reported.append((step, metrics))
        return Decision.CONTINUE

    train(replace(crashed, _report=report))
    assert reported == list(good.curve[2:])
    assert HyperbandCallback(Run({"lr": GOOD}, _directory=lambda: tmp_path / "0")).initial_epoch == 0


@pytest.mark.parametrize(
    ("monitor", "validate", "words"),
    [
        ("val_los", True, "monitor is 'val_los', which was not logged; there are: .*; did you mean 'val_loss'"),
        ("val_loss", False, "which was not logged: give fit validation_data; there are: accuracy, loss"),
    ],
)
def test_a_metric_that_is_not_logged_is_named(monitor: str, validate: bool, words: str, tmp_path: Path) -> None:
    opt = Optimizer.from_config(config(GOOD))
    callback = HyperbandCallback(Run.of(opt, opt.ask(), tmp_path), monitor)
    data = keras_digits.data()
    with pytest.raises(MissingMetric, match=words):
        keras_digits.compiled(GOOD).fit(
            *data, epochs=2, verbose=0, callbacks=[callback], validation_data=data if validate else None
        )


def test_epochs_without_validation_are_passed_over(tmp_path: Path) -> None:
    opt = Optimizer.from_config(config(GOOD))
    run = Run.of(opt, opt.ask(), tmp_path)
    train(run, validation_freq=2)
    assert [m.step for m in opt.history.curve(0)] == [2, 4]
