"""What every storage does, whatever it is made of; chosen by what a storage says of itself, never by its name."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import replace

import pytest

from hyperopt_core.errors import (
    ConfigError,
    Conflict,
    InvalidTransition,
    InvalidTrial,
    LeaseLost,
    SweepExists,
    SweepNotFound,
)
from hyperopt_core.storage import Owner, Status, Storage
from hyperopt_core.trial import Measurement, Origin, Outcome, State, Trial
from tests.contracts.storages import DONE, ME, ORIGIN, OTHER, claim, current, start


class TestSweeps:
    def test_a_sweep_is_stored_and_found_by_name(self, storage: Storage) -> None:
        spec = {"parameters": {"lr": {"min": 1e-4, "max": math.inf}}, "huge": 2**200, "none": None}
        made = storage.create_sweep("digits", spec, 2**70)
        assert made == storage.get_sweep("digits")
        assert (made.name, made.spec, made.seed, made.status) == ("digits", spec, 2**70, Status.RUNNING)
        assert (made.next_number, made.seq, made.reason) == (0, 0, "")
        assert abs(made.created_at - time.time()) < 60

    def test_a_name_is_taken_once(self, storage: Storage, sweep: int) -> None:
        with pytest.raises(SweepExists, match="'digits'"):
            storage.create_sweep("digits", {}, 0)

    def test_an_unknown_name_is_answered_with_the_known_ones(self, storage: Storage, sweep: int) -> None:
        with pytest.raises(SweepNotFound, match=r"did you mean 'digits'.*it holds: digits"):
            storage.get_sweep("digit")

    @pytest.mark.parametrize("name", ["../../x", "<script>", "x" * 10_000, "two words", "Ünïcode ✓", '"; --'])
    def test_odd_names_are_names(self, storage: Storage, name: str) -> None:
        storage.create_sweep(name, {}, 0)
        assert storage.get_sweep(name).name == name

    @pytest.mark.parametrize("name", ["", " ", "nul\0", "half \ud800", "two\nlines", "\x1b[2J", "--all", "-x"])
    def test_impossible_names_are_refused(self, storage: Storage, name: str) -> None:
        with pytest.raises(ConfigError, match="name"):
            storage.create_sweep(name, {}, 0)

    def test_sweeps_are_listed_oldest_first(self, storage: Storage) -> None:
        for name in ("b", "a", "c"):
            storage.create_sweep(name, {}, 0)
        assert [record.name for record in storage.list_sweeps()] == ["b", "a", "c"]

    def test_a_status_is_written_with_its_reason_and_takes_a_seq(self, storage: Storage, sweep: int) -> None:
        assert storage.set_status(sweep, Status.PAUSED, "lunch")
        assert storage.status(sweep) == (Status.PAUSED, "lunch", 1)
        assert not storage.set_status(sweep, Status.FINISHED, expected=[Status.RUNNING])
        assert storage.status(sweep) == (Status.PAUSED, "lunch", 1)
        assert storage.set_status(sweep, Status.RUNNING, expected=[Status.PAUSED, Status.RUNNING])
        assert storage.status(sweep) == (Status.RUNNING, "", 2)
        assert storage.get_sweep("digits").status is Status.RUNNING

    def test_a_spec_is_replaced_and_nothing_else(self, storage: Storage, sweep: int) -> None:
        trial = start(storage, sweep)
        before, (_, _, seq) = storage.get_sweep("digits"), storage.status(sweep)
        spec = {"max_trials": 50}
        storage.update_spec(sweep, spec)
        assert storage.get_sweep("digits") == replace(before, spec=spec, seq=seq + 1)
        spec["max_trials"] = 99  # what is stored is a copy
        assert storage.get_sweep("digits").spec == {"max_trials": 50}
        assert storage.changes(sweep, seq).trials == ()
        assert current(storage, sweep, trial.number) == trial
        with pytest.raises(InvalidTrial, match=r"spec\.x"):
            storage.update_spec(sweep, {"x": object()})
        assert storage.status(sweep)[2] == seq + 1
        with pytest.raises(SweepNotFound):
            storage.update_spec(sweep + 1, {})

    def test_a_deleted_sweep_is_gone_with_its_trials_and_its_id(self, storage: Storage, sweep: int) -> None:
        trial = start(storage, sweep)
        storage.add_measurements(sweep, trial.number, 1, [Measurement(1, {"loss": 1.0})])
        storage.delete_sweep(sweep)
        assert storage.list_sweeps() == []
        with pytest.raises(SweepNotFound):
            storage.changes(sweep, 0)
        with pytest.raises(SweepNotFound):
            storage.finish_trial(sweep, trial.number, 1, DONE)
        again = storage.create_sweep("digits", {}, 0)
        assert again.id != sweep
        assert storage.changes(again.id, 0).trials == ()

    def test_sweeps_do_not_see_each_other(self, storage: Storage, sweep: int) -> None:
        other = storage.create_sweep("other", {}, 0).id
        start(storage, sweep)
        start(storage, sweep)
        assert start(storage, other).number == 0
        assert len(storage.changes(sweep, 0).trials) == 2
        assert len(storage.changes(other, 0).trials) == 1


class TestClaim:
    def test_a_new_trial_is_proposed_then_runs(self, storage: Storage, sweep: int) -> None:
        claimed = claim(storage, sweep)
        assert (claimed.number, claimed.state, claimed.attempt) == (0, State.PROPOSING, 1)
        assert (claimed.owner, claimed.params, claimed.seq) == (ME.id, {}, 1)
        trial = storage.add_trial(sweep, 0, 1, {"lr": 0.1}, ORIGIN, budget=27)
        assert (trial.state, trial.params, trial.origin, trial.budget) == (State.RUNNING, {"lr": 0.1}, ORIGIN, 27)
        assert trial == current(storage, sweep, 0)
        assert storage.get_sweep("digits").next_number == 1

    def test_numbers_go_up_to_the_cap(self, storage: Storage, sweep: int) -> None:
        assert [claim(storage, sweep, cap=3).number for _ in range(3)] == [0, 1, 2]
        assert storage.claim(sweep, ME, cap=3) is None
        assert storage.status(sweep)[2] == 3

    def test_waiting_trials_come_first_and_oldest_first_even_at_the_cap(self, storage: Storage, sweep: int) -> None:
        for lr in (1.0, 2.0):
            waiting = storage.enqueue(sweep, {"lr": lr}, Origin("user"))
            assert (waiting.state, waiting.attempt, waiting.owner) == (State.WAITING, 0, None)
        first, second = claim(storage, sweep, cap=2), claim(storage, sweep, cap=2)
        assert [(t.number, t.state, t.attempt, t.params) for t in (first, second)] == [
            (0, State.RUNNING, 1, {"lr": 1.0}),
            (1, State.RUNNING, 1, {"lr": 2.0}),
        ]
        assert storage.claim(sweep, ME, cap=2) is None

    def test_a_paused_trial_goes_on_with_a_new_budget(self, storage: Storage, sweep: int) -> None:
        trial = start(storage, sweep)
        storage.add_measurements(sweep, 0, 1, [Measurement(1, {"loss": 1.0}), Measurement(3, {"loss": 0.5})])
        paused = storage.finish_trial(sweep, 0, 1, Outcome(State.PAUSED, (0.5,), {"loss": 0.5}))
        assert (paused.state, paused.values, paused.next_step, paused.ended_at) == (State.PAUSED, (0.5,), 4, None)
        assert claim(storage, sweep).number == 1  # nobody gets a paused trial without asking for it
        resumed = claim(storage, sweep, OTHER, number=trial.number, budget=9)
        assert (resumed.state, resumed.attempt, resumed.base_attempt) == (State.RUNNING, 2, 1)
        assert (resumed.next_step, resumed.budget, resumed.owner) == (4, 9, OTHER.id)
        assert (resumed.values, resumed.metrics, resumed.started_at) == ((), {"loss": 0.5}, trial.started_at)
        assert isinstance(resumed.next_step, int)
        assert storage.claim(sweep, ME, number=trial.number) is None

    def test_an_unknown_number_is_refused(self, storage: Storage, sweep: int) -> None:
        with pytest.raises(InvalidTrial, match="no trial 3; it has no trials yet"):
            storage.claim(sweep, ME, number=3)
        start(storage, sweep)
        for number in (1, -1):
            with pytest.raises(InvalidTrial, match=f"no trial {number}; its trials are 0 to 0"):
                storage.finish_trial(sweep, number, 1, DONE)
            with pytest.raises(InvalidTrial, match=f"no trial {number}"):
                storage.attempts(sweep, number)

    def test_many_threads_never_get_the_same_trial(self, storage: Storage, sweep: int) -> None:
        taken: list[int] = []

        def work(owner: Owner) -> None:
            for _ in range(5):
                trial = start(storage, sweep, owner)
                storage.add_measurements(sweep, trial.number, 1, [Measurement(1, {"loss": 1.0})])
                storage.finish_trial(sweep, trial.number, trial.attempt, DONE)
                taken.append(trial.number)

        threads = [threading.Thread(target=work, args=(replace(ME, id=str(i)),)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(taken) == list(range(20))
        assert [trial.state for trial in storage.changes(sweep, 0).trials] == [State.COMPLETED] * 20


class TestPropose:
    def test_a_point_of_a_finite_space_is_taken_once(self, storage: Storage, sweep: int) -> None:
        storage.enqueue(sweep, {"a": 0}, ORIGIN, key="a=0")
        claim(storage, sweep)
        trial = claim(storage, sweep)
        for _ in range(2):
            with pytest.raises(InvalidTrial, match="'a=0'"):
                storage.add_trial(sweep, trial.number, 1, {"a": 0}, ORIGIN, key="a=0")
        with pytest.raises(InvalidTrial, match="'a=0'"):
            storage.enqueue(sweep, {"a": 0}, ORIGIN, key="a=0")
        assert current(storage, sweep, trial.number) == trial  # still PROPOSING, under the seq it had
        assert storage.status(sweep)[2] == trial.seq
        assert storage.add_trial(sweep, trial.number, 1, {"a": 1}, ORIGIN, key="a=1").state is State.RUNNING
        assert storage.enqueue(sweep, {"a": 2}, ORIGIN, key="a=2").number == 2
        other = storage.create_sweep("other", {}, 0).id
        assert storage.enqueue(other, {"a": 0}, ORIGIN, key="a=0").number == 0

    def test_the_same_proposal_again_changes_nothing(self, storage: Storage, sweep: int) -> None:
        claim(storage, sweep)
        params = {"lr": math.nan}
        first = storage.add_trial(sweep, 0, 1, params, ORIGIN, key="k")
        again = storage.add_trial(sweep, 0, 1, params, ORIGIN, key="k")
        assert again.seq == first.seq == storage.status(sweep)[2]
        with pytest.raises(InvalidTransition):
            storage.add_trial(sweep, 0, 1, {"lr": 0.2}, ORIGIN, key="k")

    def test_only_the_holder_proposes(self, storage: Storage, sweep: int) -> None:
        claim(storage, sweep)
        for attempt in (0, 2):
            with pytest.raises(LeaseLost):
                storage.add_trial(sweep, 0, attempt, {"lr": 0.1}, ORIGIN)


class TestReports:
    def test_measurements_come_back_in_the_order_written(self, storage: Storage, sweep: int) -> None:
        start(storage, sweep)
        start(storage, sweep)
        since = storage.status(sweep)[2]
        storage.add_measurements(sweep, 1, 1, [Measurement(1, {"loss": 3.0}, at=5.5), Measurement(2, {"loss": 2.0})])
        storage.add_measurements(sweep, 0, 1, [Measurement(0.5, {"b": 1, "a": 2})], durable=True)
        changes = storage.changes(sweep, since)
        assert changes.measurements == (
            (1, Measurement(1, {"loss": 3.0}, 1, 5.5)),
            (1, Measurement(2, {"loss": 2.0}, 1)),
            (0, Measurement(0.5, {"b": 1, "a": 2}, 1)),
        )
        assert changes.trials == ()
        assert changes.seq == since + 2
        assert current(storage, sweep, 0).next_step == 1.5

    def test_a_measurement_is_kept_under_the_attempt_that_wrote_it(self, storage: Storage, sweep: int) -> None:
        start(storage, sweep)
        storage.add_measurements(sweep, 0, 1, [Measurement(1, {"loss": 1.0}, attempt=99)])
        assert storage.changes(sweep, 0).measurements == ((0, Measurement(1, {"loss": 1.0}, attempt=1)),)

    def test_only_a_running_attempt_reports(self, storage: Storage, sweep: int) -> None:
        claim(storage, sweep)
        measured = [Measurement(1, {"loss": 1.0})]
        with pytest.raises(LeaseLost):  # it proposes yet
            storage.add_measurements(sweep, 0, 1, measured)
        storage.add_trial(sweep, 0, 1, {}, ORIGIN)
        with pytest.raises(LeaseLost):
            storage.add_measurements(sweep, 0, 2, measured)
        storage.finish_trial(sweep, 0, 1, DONE)
        with pytest.raises(LeaseLost):
            storage.add_measurements(sweep, 0, 1, measured)
        assert storage.changes(sweep, 0).measurements == ()

    def test_changes_are_what_happened_since(self, storage: Storage, sweep: int) -> None:
        seen: dict[int, Trial] = {}
        measured: list[tuple[int, Measurement]] = []
        since = 0
        for step in range(1, 4):
            trial = start(storage, sweep)
            storage.add_measurements(sweep, trial.number, 1, [Measurement(step, {"loss": 1.0})])
            if step == 2:
                storage.finish_trial(sweep, 0, 1, DONE)
            changes = storage.changes(sweep, since)
            assert [t.seq for t in changes.trials] == sorted(t.seq for t in changes.trials)
            assert all(t.seq > since for t in changes.trials)
            seen |= {t.number: t for t in changes.trials}
            measured += changes.measurements
            since = changes.seq
        everything = storage.changes(sweep, 0)
        assert [n for n, _ in everything.measurements] == [n for n, _ in measured] == [0, 1, 2]
        assert {t.number: t.state for t in everything.trials} == {n: t.state for n, t in seen.items()}
        assert storage.changes(sweep, since) == storage.changes(sweep, since + 5)
        assert storage.changes(sweep, since).trials == ()
        assert storage.changes(sweep, since).measurements == ()


class TestFinish:
    def test_an_outcome_is_kept(self, storage: Storage, sweep: int) -> None:
        start(storage, sweep)
        outcome = Outcome(State.FAILED, (), {"loss": 3.0}, "exit code 3", "Traceback ...", failed=True, exit_code=3)
        trial = storage.finish_trial(sweep, 0, 1, outcome)
        assert (trial.state, trial.values, trial.metrics) == (State.FAILED, (), {"loss": 3.0})
        assert (trial.reason, trial.error, trial.failures) == ("exit code 3", "Traceback ...", 1)
        assert trial.seconds is not None
        assert 0 <= trial.seconds < 60
        assert trial == current(storage, sweep, 0)
        (attempt,) = storage.attempts(sweep, 0)
        assert (attempt.owner, attempt.outcome, attempt.ended_at) == (ME.id, outcome, trial.ended_at)

    @pytest.mark.parametrize("value", [0.25, math.nan, -math.inf])
    def test_the_same_outcome_again_changes_nothing(self, storage: Storage, sweep: int, value: float) -> None:
        start(storage, sweep)
        for _ in range(3):
            done = Outcome(State.COMPLETED, (value,), {"b": value, "a": 1})
            assert storage.finish_trial(sweep, 0, 1, done).seq == 3
        assert storage.status(sweep)[2] == 3

    def test_a_different_outcome_is_a_conflict_and_the_first_stands(self, storage: Storage, sweep: int) -> None:
        start(storage, sweep)
        first = storage.finish_trial(sweep, 0, 1, DONE)
        with pytest.raises(Conflict, match=r"ended with values \(0.25,\).*values \(0.5,\)"):
            storage.finish_trial(sweep, 0, 1, replace(DONE, values=(0.5,)))
        assert current(storage, sweep, 0) == first

    def test_a_late_outcome_is_refused_and_kept_as_a_note(self, storage: Storage, sweep: int) -> None:
        start(storage, sweep)
        assert storage.reclaim(sweep, 0, 1, 0, resume=False, reason="no sign of life")
        for taken_over in (False, True):
            if taken_over:
                assert claim(storage, sweep, OTHER).attempt == 2
            with pytest.raises(LeaseLost, match="attempt 1 of trial 0"):
                storage.finish_trial(sweep, 0, 1, DONE)
        first, second = storage.attempts(sweep, 0)
        assert first.outcome is None
        assert first.note.startswith("no sign of life; told late: ")
        assert first.note.count("told late") == 1
        assert '"values":[0.25]' in first.note
        assert (second.attempt, second.owner, second.note, second.ended_at) == (2, OTHER.id, "", None)
        assert storage.finish_trial(sweep, 0, 2, replace(DONE, values=(0.5,))).values == (0.5,)

    def test_a_released_attempt_may_repeat_itself(self, storage: Storage, sweep: int) -> None:
        start(storage, sweep)
        released = Outcome(State.WAITING, reason="agent ends")
        storage.finish_trial(sweep, 0, 1, released)
        trial = claim(storage, sweep, OTHER)
        assert storage.finish_trial(sweep, 0, 1, released) == trial
        with pytest.raises(Conflict):
            storage.finish_trial(sweep, 0, 1, DONE)

    @pytest.mark.parametrize("resume", [False, True])
    def test_a_trial_to_be_tried_again_restarts_or_goes_on(self, storage: Storage, sweep: int, resume: bool) -> None:
        first = start(storage, sweep)
        storage.add_measurements(sweep, 0, 1, [Measurement(4, {"loss": 1.0})])
        again = Outcome(State.WAITING, (), {"loss": 1.0}, "killed", failed=True, resume=resume)
        assert storage.finish_trial(sweep, 0, 1, again).failures == 1
        trial = claim(storage, sweep, OTHER)
        assert (trial.number, trial.state, trial.attempt, trial.params) == (0, State.RUNNING, 2, first.params)
        assert (trial.base_attempt, trial.next_step) == ((1, 5) if resume else (2, 1))
        assert trial.metrics == ({"loss": 1.0} if resume else {})
        assert trial.reason == ""
        assert storage.finish_trial(sweep, 0, 2, DONE).failures == 1

    def test_a_paused_trial_can_be_ended(self, storage: Storage, sweep: int) -> None:
        start(storage, sweep)
        pause = Outcome(State.PAUSED, (0.5,))
        for _ in range(2):
            assert storage.finish_trial(sweep, 0, 1, pause).state is State.PAUSED
        with pytest.raises(Conflict):
            storage.finish_trial(sweep, 0, 1, replace(pause, values=(0.6,)))
        with pytest.raises(InvalidTransition):
            storage.finish_trial(sweep, 0, 1, Outcome(State.FAILED))
        assert storage.finish_trial(sweep, 0, 1, Outcome(State.STOPPED, (0.5,), reason="sweep ends")).values == (0.5,)

    def test_what_has_no_parameters_cannot_complete(self, storage: Storage, sweep: int) -> None:
        claim(storage, sweep)
        with pytest.raises(InvalidTransition, match="proposing"):
            storage.finish_trial(sweep, 0, 1, DONE)
        assert storage.finish_trial(sweep, 0, 1, Outcome(State.WAITING)).state is State.WAITING
        assert claim(storage, sweep).state is State.PROPOSING

    def test_an_attempt_that_never_was_is_refused(self, storage: Storage, sweep: int) -> None:
        start(storage, sweep)
        with pytest.raises(LeaseLost):
            storage.finish_trial(sweep, 0, 7, DONE)
        assert len(storage.attempts(sweep, 0)) == 1


class TestControls:
    def test_a_running_trial_is_asked_to_end(self, storage: Storage, sweep: int) -> None:
        start(storage, sweep)
        assert storage.request_cancel(sweep, 0, "too slow")
        asked = current(storage, sweep, 0)
        assert (asked.state, asked.cancel_requested, asked.reason) == (State.RUNNING, True, "too slow")
        assert storage.request_cancel(sweep, 0, "again")
        assert current(storage, sweep, 0) == asked
        assert storage.beat(sweep, [(0, 1)]) == ((0, 1),)
        storage.add_measurements(sweep, 0, 1, [Measurement(1, {"loss": 1.0})])  # until it obeys
        ended = storage.finish_trial(sweep, 0, 1, Outcome(State.CANCELLED))
        assert (ended.state, ended.reason) == (State.CANCELLED, "too slow")
        assert not storage.request_cancel(sweep, 0)

    @pytest.mark.parametrize("state", [State.PAUSED, State.WAITING])
    def test_a_cancelled_trial_does_not_come_back(self, storage: Storage, sweep: int, state: State) -> None:
        start(storage, sweep)
        storage.request_cancel(sweep, 0, "not wanted")
        for _ in range(2):
            ended = storage.finish_trial(sweep, 0, 1, Outcome(state, (), {}, "crashed"))
            assert (ended.state, ended.reason) == (State.CANCELLED, "not wanted")
        assert ended.ended_at is not None
        assert storage.claim(sweep, ME, cap=1) is None

    def test_waiting_and_paused_trials_end_at_once(self, storage: Storage, sweep: int) -> None:
        start(storage, sweep)
        storage.finish_trial(sweep, 0, 1, Outcome(State.PAUSED))
        storage.enqueue(sweep, {}, ORIGIN)
        for number in (0, 1):
            assert storage.request_cancel(sweep, number, "enough")
            ended = current(storage, sweep, number)
            assert (ended.state, ended.reason) == (State.CANCELLED, "enough")
            assert ended.ended_at is not None
        assert storage.claim(sweep, ME, cap=2) is None
        with pytest.raises(LeaseLost):
            storage.finish_trial(sweep, 0, 1, Outcome(State.STOPPED))

    def test_a_person_tries_again(self, storage: Storage, sweep: int) -> None:
        start(storage, sweep)
        storage.add_measurements(sweep, 0, 1, [Measurement(2, {"loss": 1.0})])
        with pytest.raises(InvalidTransition):
            storage.retry(sweep, 0)
        storage.request_cancel(sweep, 0)
        storage.finish_trial(sweep, 0, 1, Outcome(State.CANCELLED, (1.0,), {"loss": 1.0}))
        waiting = storage.retry(sweep, 0)
        assert (waiting.state, waiting.values, waiting.cancel_requested) == (State.WAITING, (), False)
        trial = claim(storage, sweep)
        assert (trial.state, trial.attempt, trial.base_attempt, trial.next_step) == (State.RUNNING, 2, 2, 1)
        storage.finish_trial(sweep, 0, 2, DONE)
        with pytest.raises(InvalidTransition):
            storage.retry(sweep, 0)


class TestLeases:
    def test_beats_are_seen_and_take_no_seq(self, storage: Storage, sweep: int) -> None:
        start(storage, sweep)
        claim(storage, sweep, OTHER)
        before = storage.status(sweep)
        assert storage.beat(sweep, [(0, 1), (1, 1)]) == ()
        assert storage.beat(sweep, [(0, 1)]) == ()
        held = {lease.number: lease for lease in storage.held(sweep)}
        assert [(n, h.attempt, h.beat, h.owner) for n, h in held.items()] == [(0, 1, 2, ME), (1, 1, 1, OTHER)]
        assert storage.status(sweep) == before

    def test_lost_leases_are_named(self, storage: Storage, sweep: int) -> None:
        for _ in range(3):
            start(storage, sweep)
        storage.finish_trial(sweep, 0, 1, DONE)
        storage.reclaim(sweep, 1, 1, 0, resume=True)
        claim(storage, sweep, OTHER)
        assert storage.beat(sweep, [(0, 1), (1, 1), (2, 1)]) == ((0, 1), (1, 1))
        assert [(h.number, h.attempt, h.beat) for h in storage.held(sweep)] == [(1, 2, 0), (2, 1, 1)]

    def test_beats_of_an_unknown_trial_beat_none(self, storage: Storage, sweep: int) -> None:
        start(storage, sweep)
        with pytest.raises(InvalidTrial, match="no trial 5"):
            storage.beat(sweep, [(0, 1), (5, 1)])
        assert [lease.beat for lease in storage.held(sweep)] == [0]

    def test_a_report_is_a_sign_of_life(self, storage: Storage, sweep: int) -> None:
        start(storage, sweep)
        storage.add_measurements(sweep, 0, 1, [Measurement(1, {"loss": 1.0})])
        assert not storage.reclaim(sweep, 0, 1, 0, resume=False)
        assert storage.reclaim(sweep, 0, 1, 1, resume=False)

    @pytest.mark.parametrize("resume", [False, True])
    def test_a_trial_is_taken_back_only_as_it_was_seen(self, storage: Storage, sweep: int, resume: bool) -> None:
        start(storage, sweep)
        storage.add_measurements(sweep, 0, 1, [Measurement(1, {"loss": 1.0})])
        for attempt, beat in ((1, 0), (2, 1), (0, 1)):
            assert not storage.reclaim(sweep, 0, attempt, beat, resume=resume)
        assert storage.reclaim(sweep, 0, 1, 1, resume=resume, reason="gone")
        waiting = current(storage, sweep, 0)
        assert (waiting.state, waiting.reason, waiting.failures) == (State.WAITING, "gone", 0)
        assert storage.held(sweep) == []
        assert not storage.reclaim(sweep, 0, 1, 1, resume=resume)
        trial = claim(storage, sweep, OTHER)
        assert (trial.attempt, trial.base_attempt, trial.next_step) == ((2, 1, 2) if resume else (2, 2, 1))

    def test_a_dead_proposer_leaves_no_hole(self, storage: Storage, sweep: int) -> None:
        claim(storage, sweep)
        assert storage.reclaim(sweep, 0, 1, 0, resume=True)
        trial = claim(storage, sweep, OTHER)
        assert (trial.number, trial.state, trial.attempt, trial.base_attempt) == (0, State.PROPOSING, 2, 2)
        with pytest.raises(LeaseLost):
            storage.add_trial(sweep, 0, 1, {"lr": 1.0}, ORIGIN)
        assert storage.add_trial(sweep, 0, 2, {"lr": 1.0}, ORIGIN).state is State.RUNNING

    def test_a_cancelled_trial_of_a_dead_owner_ends(self, storage: Storage, sweep: int) -> None:
        start(storage, sweep)
        storage.request_cancel(sweep, 0, "enough")
        assert storage.reclaim(sweep, 0, 1, 0, resume=True, reason="gone")
        assert (current(storage, sweep, 0).state, current(storage, sweep, 0).reason) == (State.CANCELLED, "enough")
