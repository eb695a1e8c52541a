"""A machine's clock is set back by two hours: nothing waits that long, and nothing is sent twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.utils import timezone

from analyses import actions, breaker, jobs
from analyses.actions import beside as besides
from analyses.actions import check, fetch, send
from analyses.models import Analysis, Beside, ProviderAccount
from analyses.reckoning import begin_check
from api.actions import add_endpoint, deliver
from api.calling import MAX_RETRY_AFTER_S
from api.models import Delivery, Endpoint
from clips.actions import COPY_LEASE_S
from clips.models import Clip
from coachportal.clock_set_back import _leases, _pauses, free_what_lies_ahead
from coachportal.cron import TURNS
from credits.models import Check, LowLevel
from privacy.actions import erase
from privacy.models import Tombstone
from providers.base import ProviderUnavailable, StartUnsure
from tests.analyses.test_thread import fresh

SET_BACK_BY = timedelta(hours=2)


def before_it_was_set_back() -> time_machine.travel:
    return time_machine.travel(timezone.now() + SET_BACK_BY, tick=True)


def due() -> list[Analysis]:
    return list(Analysis.objects.due(timezone.now()))


def test_the_clock_looks_for_such_times_every_minute():
    [turn] = [turn for turn in TURNS if turn.do is free_what_lies_ahead]
    assert turn.every_s == 60


@pytest.mark.parametrize("died_while", ["queued", "sending"])
def test_a_film_whose_worker_died_before_goes_out_once(order, service, died_while):
    analysis = order()
    with before_it_was_set_back():
        analysis.release(due_in_s=0)
        analysis.lease(send.LEASE_S)
        if died_while == "sending":
            analysis.move_to("sending", lease_until=timezone.now() + timedelta(seconds=send.LEASE_S))
    assert due() == []
    assert free_what_lies_ahead() == 2  # its lease and its pause
    assert due() == [analysis]
    for _ in range(2):
        actions.send_analysis(analysis=fresh(analysis))
    assert (fresh(analysis).status, len(service.starts)) == ("running", 1)


def test_a_worker_in_the_middle_of_sending_loses_the_film_and_stops(order, service, monkeypatch):
    analysis, start = order(), service.start

    def set_back_meanwhile(film, **how):
        monkeypatch.setattr(service, "start", start)
        with time_machine.travel(timezone.now() - SET_BACK_BY, tick=True):
            free_what_lies_ahead()
            for _ in range(2):  # put back, for not all of it had left; then sent by another worker
                actions.send_analysis(analysis=fresh(analysis))
        return start(film, **how)

    monkeypatch.setattr(service, "start", set_back_meanwhile)
    actions.send_analysis(analysis=fresh(analysis))
    assert (fresh(analysis).status, len(service.starts)) == ("running", 1)


def test_a_start_without_an_answer_reaches_a_person(order, service):
    analysis = order()
    service.lost_answers = [StartUnsure("reset")]
    with before_it_was_set_back():
        actions.send_analysis(analysis=analysis)
    service.starts.clear()
    free_what_lies_ahead()
    actions.look_up_start(analysis=fresh(analysis))
    assert (fresh(analysis).status, fresh(analysis).needs_person) == ("unsure", True)


def test_a_start_without_an_answer_is_found(order, service):
    analysis = order()
    service.lost_answers = [StartUnsure("reset")]
    with before_it_was_set_back():
        actions.send_analysis(analysis=analysis)
    free_what_lies_ahead()
    service.starts[0]["at"] = timezone.now()  # the service's own clock was right
    actions.look_up_start(analysis=fresh(analysis))
    assert (fresh(analysis).status, fresh(analysis).remote_id) == ("running", service.starts[0]["id"])


def test_a_silent_service_is_asked_again_by_one_read(order, service):
    analysis = order()
    with before_it_was_set_back():
        analysis.release(due_in_s=0)
        for _ in range(breaker.OPENS_AFTER):
            service.trouble = [ProviderUnavailable("no")]
            actions.send_analysis(analysis=fresh(analysis))
            Analysis.objects.filter(pk=analysis.pk).update(due_at=timezone.now())
    free_what_lies_ahead()
    reads = service.reads
    actions.send_analysis(analysis=fresh(analysis))
    assert (fresh(analysis).status, service.reads) == ("running", reads + 1)


def test_books_webhooks_and_ledgers_are_looked_at_though_they_were_in_the_future(order, engine_account, monkeypatch):
    order()
    later = timezone.now() + SET_BACK_BY
    ProviderAccount.objects.filter(pk=engine_account.pk).update(
        synced_at=later, webhook_registered_at=later, webhook_checked_at=later
    )
    Check.objects.create(finished_at=later)
    sent = []
    monkeypatch.setattr(jobs, "send_hint", lambda step, *, queue, **row: sent.append(step.__name__) or True)
    assert (jobs.hint_syncs(), jobs.hint_webhooks(), sent) == (1, 1, ["sync_account", "check_webhook"])
    assert begin_check() is not None


@pytest.fixture
def everything(order, organization, alice):
    """A row of every kind that waits or is held."""
    first, second = order(), order()
    beside = Beside.objects.create(organization=organization, now=first, before=second, by=alice)
    endpoint, _ = add_endpoint(organization=organization, url="https://a.example/", events=[], by=alice)
    stone = Tombstone.objects.create(organization=organization, subject_key="somebody")
    level = LowLevel.objects.create(organization=organization)
    calls = [
        Delivery.objects.create(organization=organization, endpoint=endpoint, event="runner.erased", tries=tries)
        for tries in (0, 3)
    ]
    return first, second, beside, endpoint, stone, level, *calls


def held_for_as_long_as_they_ever_are(everything, engine_account):
    """Every lease taken and every pause begun just now, each the longest there is."""
    first, second, beside, endpoint, stone, level, _new, tried = everything
    now = timezone.now()

    def after(seconds):
        return now + timedelta(seconds=seconds)

    Analysis.objects.filter(pk=first.pk).update(lease_until=after(fetch.LEASE_S), due_at=after(send.PAUSES_S[-1]))
    Analysis.objects.filter(pk=second.pk).update(status="stalled", due_at=after(check.STALLED_POLL_S))
    ProviderAccount.objects.filter(pk=engine_account.pk).update(ask_again_at=after(breaker.LONGEST_HOLD_S))
    assert beside.lease(seconds=besides.LEASE_S, max_tries=3)
    assert Clip.objects.get(pk=first.clip_id).lease_copy(seconds=COPY_LEASE_S, max_tries=3)
    assert stone.lease(now + erase.LEASE)
    Tombstone.objects.filter(pk=stone.pk).update(due_at=now + erase.AGAIN_AFTER)
    assert endpoint.lease(deliver.LEASE_S)
    Delivery.objects.filter(pk=tried.pk).update(due_at=after(MAX_RETRY_AFTER_S))
    LowLevel.objects.filter(pk=level.pk).update(tries=4, due_at=now + timedelta(hours=8))


def test_what_is_held_and_put_off_today_is_left_alone(everything, engine_account):
    held_for_as_long_as_they_ever_are(everything, engine_account)
    assert free_what_lies_ahead() == 0


def test_what_waits_for_a_person_and_what_a_service_puts_off_for_a_day_are_no_clock_set_back(order, service):
    for_a_person, put_off = order(), order()
    Analysis.objects.filter(pk=for_a_person.pk).update(status="running", started_at=timezone.now() - timedelta(days=2))
    actions.send_analysis(analysis=put_off)
    Analysis.objects.filter(pk=put_off.pk).update(due_at=timezone.now())
    service.starts.append({"id": ""})
    actions.check_analysis(analysis=fresh(for_a_person))
    assert fresh(for_a_person).needs_person
    service.trouble = [ProviderUnavailable("no", retry_after_s=86_400)]
    actions.check_analysis(analysis=fresh(put_off))
    assert fresh(put_off).due_at > timezone.now() + timedelta(minutes=4)
    assert free_what_lies_ahead() == 0


def test_every_kind_of_row_is_free_again(everything, engine_account):
    """Set back by two days: further than the longest pause of all."""
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=True):
        Clip.objects.update(copy_status="pending")
        held_for_as_long_as_they_ever_are(everything, engine_account)
        Delivery.objects.filter(tries=0).update(due_at=timezone.now())
    assert free_what_lies_ahead() == 12
    now = timezone.now()
    engine_account.refresh_from_db()
    assert engine_account.ask_again_at <= now
    rows = (Analysis.objects, Beside.objects, Tombstone.objects, LowLevel.objects, Delivery.objects)
    assert [row.due(now).count() for row in rows] == [2, 1, 1, 1, 2]
    assert Endpoint.objects.with_work(now).count() == Clip.objects.due_for_review_copy(now).count() == 1
    assert free_what_lies_ahead() == 0


def test_what_was_never_tried_is_due_at_once_and_a_tried_call_may_wait_as_long_as_a_receiver_asks(everything):
    *_, level, new, tried = everything
    with before_it_was_set_back():
        LowLevel.objects.filter(pk=level.pk).update(due_at=timezone.now())
        Delivery.objects.update(due_at=timezone.now())
    free_what_lies_ahead()
    now = timezone.now()
    assert list(Delivery.objects.due(now)) == [new]
    assert list(LowLevel.objects.due(now)) == [level]
    assert Delivery.objects.get(pk=tried.pk).due_at > now + timedelta(minutes=119)


def test_no_lease_and_no_pause_is_forgotten():
    """A new one is looked at as well, or stands here: the first tells itself which it believes, nobody waits for the
    second."""
    looked_at = {(time.rows.model, time.field) for time in (*_leases(), *_pauses())}
    there = {
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.name.endswith("lease_until") or field.name in ("due_at", "ask_again_at")
    }
    assert {(model.__name__, name) for model, name in there - looked_at} == {
        ("Result", "landings_lease_until"),
        ("Check", "due_at"),
    }


def test_no_pause_is_longer_than_what_is_taken_for_the_longest():
    assert max(send.PAUSES_S) <= breaker.LONGEST_HOLD_S
    assert max(pause_s for _, pause_s in check.POLLS) <= breaker.LONGEST_HOLD_S
    assert max(deliver.PAUSES_S) <= MAX_RETRY_AFTER_S
