"""The thread: order, send, check, result; each step once."""

from __future__ import annotations

import pytest
from django.core.files.storage import default_storage

from analyses import actions
from analyses.models import Analysis, RemoteSubject
from credits import ledger
from credits.refusals import NotEnoughCredits
from providers.base import Reason, State
from subjects.models import Subject


def fresh(analysis: Analysis) -> Analysis:
    return Analysis.objects.get(pk=analysis.pk)


def stored(key: str) -> bytes:
    with default_storage.open(key) as file:
        return file.read()


def make_due(analysis: Analysis) -> Analysis:
    actions.ask_again(analysis=analysis)
    return fresh(analysis)


def test_a_film_goes_out_and_its_result_comes_home(order, service, clip):
    analysis = order()
    actions.send_analysis(analysis=analysis)
    assert service.starts[0]["bytes"] == clip.size_bytes
    service.state = State.SUCCEEDED
    actions.check_analysis(analysis=make_due(analysis))

    done = fresh(analysis)
    assert (done.status, done.percentage, done.total_score) == ("succeeded", 100, 0.588)
    assert done.measurements.get(key="cadence_spm").value == 168.0
    assert stored(done.result.film_key) == b"the bytes of https://media/annotated.mp4"
    assert stored(done.result.thumbnail_key) == b"the bytes of https://media/thumbnail.jpg"
    assert stored(done.result.raw_key) == b'{"frames": {}}'
    assert [(move.old, move.new) for move in done.moves.all()] == [
        ("", "queued"),
        ("queued", "sending"),
        ("sending", "running"),
        ("running", "succeeded"),
    ]


def test_what_is_sent_is_what_was_ordered(order, service, runner):
    actions.send_analysis(analysis=order())
    sent = service.starts[0]["order"]
    assert (sent.view, sent.treadmill, sent.pace_s_per_km) == ("side_view", True, 360)
    assert (sent.height_m, sent.weight_kg) == (1.75, 68)


def test_the_documented_defaults_stand_in_for_an_unknown_height_and_weight(order, service, organization):
    unmeasured = Subject.objects.create(organization=organization, name="Runner 02")
    actions.send_analysis(analysis=order(subject=unmeasured))
    sent = service.starts[0]["order"]
    assert (sent.height_m, sent.weight_kg) == (1.70, 70.0)


def test_the_provider_learns_no_name_and_no_e_mail(order, service, runner):
    actions.send_analysis(analysis=order())
    [person] = service.people.values()
    assert person.label == str(runner.code)
    assert runner.name not in repr(person)


def test_the_runner_exists_once_at_the_provider_and_is_kept_in_step(order, service, runner):
    actions.send_analysis(analysis=order())
    runner.weight_kg = 70
    runner.save()
    actions.send_analysis(analysis=order(subject=runner))
    [person] = service.people.values()
    assert person.weight_kg == 70
    assert service.starts[1]["order"].subject_id == service.starts[0]["order"].subject_id


def test_a_runner_made_there_just_before_the_worker_died_is_found_again(order, service, runner, engine_account):
    RemoteSubject.objects.create(organization=runner.organization, account=engine_account, subject=runner)
    from providers.base import SubjectData

    service.create_subject(SubjectData(label=str(runner.code)))
    actions.send_analysis(analysis=order())
    assert len(service.people) == 1


def test_the_page_shows_how_far_it_is(order, service):
    analysis = order()
    actions.send_analysis(analysis=analysis)
    actions.check_analysis(analysis=make_due(analysis))
    assert (fresh(analysis).status, fresh(analysis).percentage) == ("running", 45)


def test_a_failure_tells_the_engines_reason(order, service):
    analysis = order()
    actions.send_analysis(analysis=analysis)
    service.state, service.reason = State.FAILED, Reason("walking", "This looks like walking.")
    actions.check_analysis(analysis=make_due(analysis))
    failed = fresh(analysis)
    assert (failed.status, failed.reason_code, failed.reason) == ("failed", "walking", "This looks like walking.")


def test_a_failure_without_a_reason_says_what_to_look_at(order, service):
    analysis = order()
    actions.send_analysis(analysis=analysis)
    service.state = State.FAILED
    actions.check_analysis(analysis=make_due(analysis))
    assert fresh(analysis).reason == (
        "The film could not be measured. Check that the whole runner is in view, in the right orientation."
    )


def test_two_workers_with_the_same_job_send_once(order, service):
    analysis = order()
    first, second = fresh(analysis), fresh(analysis)
    actions.send_analysis(analysis=first)
    actions.send_analysis(analysis=second)
    assert len(service.starts) == 1


def test_two_workers_that_check_at_once_bring_home_once(order, service):
    analysis = order()
    actions.send_analysis(analysis=analysis)
    service.state = State.SUCCEEDED
    first = make_due(analysis)
    second = fresh(analysis)
    assert first.lease(60)
    actions.check_analysis(analysis=second)
    assert service.downloads == []


def test_of_two_copies_of_a_row_only_one_moves(order):
    first = order()
    second = fresh(first)
    assert first.move_to("sending")
    assert not second.move_to("sending")
    assert fresh(first).moves.filter(new="sending").count() == 1


@pytest.mark.parametrize(("old", "new"), [("queued", "succeeded"), ("succeeded", "running"), ("unsure", "sending")])
def test_moves_that_make_no_sense_are_refused(order, old, new):
    analysis = order()
    Analysis.objects.filter(pk=analysis.pk).update(status=old)
    assert not fresh(analysis).move_to(new)


def test_an_analysis_costs_one_credit_at_ochy_and_none_here(order, account, organization, alice):
    ledger.give(organization=organization, amount=3, reason="start", by=alice)
    order(account=account)
    assert ledger.balance(organization) == 2
    order()
    assert ledger.balance(organization) == 2


def test_without_credits_nothing_is_ordered_and_nothing_spent(order, account, organization):
    with pytest.raises(NotEnoughCredits):
        order(account=account)
    assert not Analysis.objects.exists()
    assert ledger.balance(organization) == 0


def test_an_order_taken_back_before_it_was_sent_returns_its_credit(order, account, organization, alice):
    ledger.give(organization=organization, amount=1, reason="start", by=alice)
    analysis = order(account=account)
    assert actions.cancel_order(analysis=analysis, by=alice)
    assert ledger.balance(organization) == 1
    assert actions.cancel_order(analysis=fresh(analysis), by=alice)
    assert ledger.balance(organization) == 1


def test_a_running_analysis_cannot_be_taken_back(order, service, alice):
    analysis = order()
    actions.send_analysis(analysis=analysis)
    assert not actions.cancel_order(analysis=fresh(analysis), by=alice)
    service.state = State.FAILED
    actions.check_analysis(analysis=make_due(analysis))
    assert fresh(analysis).status == "failed"
    assert not actions.cancel_order(analysis=fresh(analysis), by=alice)
