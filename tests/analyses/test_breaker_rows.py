"""What the breaker writes: to whose row, until when, and what goes on or stays where it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from analyses import breaker
from analyses.breaker import Leave, note_answer, note_error, worth_asking
from analyses.models import Analysis, ProviderAccount
from analyses.waiting import trouble_of, why_it_waits
from providers.base import FilmRefused, ProviderUnavailable, StartUnsure

TROUBLED = Leave(after_trouble=True)


@pytest.fixture(autouse=True)
def now(account):
    with time_machine.travel("2026-11-22 14:02", tick=False):
        yield timezone.now()


@pytest.fixture
def beside(engine_account, now):
    """Another service of the same organisation, silent as well."""
    silence(engine_account, now)
    return engine_account


def silence(account, since):
    account.failures, account.silent_since, account.ask_again_at = 3, since, since + timedelta(seconds=10)
    account.save()


def state(account):
    account.refresh_from_db()
    wait = account.ask_again_at and (account.ask_again_at - timezone.now()).total_seconds()
    return account.failures, bool(account.silent_since), wait


@pytest.fixture
def row(order, now):
    """An analysis as one step has left it, due in a minute."""

    def make(**fields):
        analysis = order()
        Analysis.objects.filter(pk=analysis.pk).update(due_at=now + timedelta(minutes=1), **fields)
        return Analysis.objects.get(pk=analysis.pk)

    return make


def test_an_answer_closes_the_breaker_of_its_own_service_alone(account, beside, now):
    silence(account, now)
    note_answer(account, TROUBLED)
    assert (state(account), state(beside)) == ((0, False, None), (3, True, 10))


def test_an_answer_without_trouble_before_it_writes_nothing(account, now):
    silence(account, now)
    note_answer(account, Leave())
    assert state(account) == (3, True, 10)


def test_an_answer_wakes_nobody_where_the_breaker_was_not_open(account, row, now):
    analysis = row(account=account)
    ProviderAccount.objects.filter(pk=account.pk).update(failures=2, silent_since=now)
    note_answer(account, TROUBLED)
    assert state(account) == (0, False, None)
    assert Analysis.objects.get(pk=analysis.pk).due_at == now + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("fields", "wakes"),
    [
        ({"status": "queued"}, True),
        ({"status": "unsure"}, True),
        ({"status": "running", "reason_code": "silent"}, True),
        ({"status": "running", "reason_code": ""}, False),
        ({"status": "failed", "reason_code": "refused"}, False),
        ({"status": "unsure", "needs_person": True, "reason_code": breaker.UNSURE_SILENT}, True),
        ({"status": "unsure", "needs_person": True, "reason_code": "unsure"}, False),
        ({"status": "queued", "needs_person": True, "reason_code": breaker.UNSURE_SILENT}, False),
    ],
)
def test_what_waited_for_the_service_goes_on_and_nothing_else(account, row, now, fields, wakes):
    silence(account, now)
    analysis = row(account=account, **fields)
    note_answer(account, TROUBLED)
    analysis.refresh_from_db()
    assert (analysis.due_at == now) is wakes
    assert analysis.needs_person is (fields.get("needs_person", False) and not wakes)


def test_what_waits_for_another_service_is_not_woken(account, beside, row, now):
    silence(account, now)
    lost = {"status": "unsure", "needs_person": True, "reason_code": breaker.UNSURE_SILENT}
    theirs = [row(account=beside), row(account=beside, **lost)]
    note_answer(account, TROUBLED)
    after = Analysis.objects.filter(account=beside).values_list("due_at", "needs_person")
    assert sorted(after) == sorted((one.due_at, one.needs_person) for one in theirs)


def test_what_is_due_already_keeps_its_place(account, row, now):
    silence(account, now)
    analysis = row(account=account)
    Analysis.objects.filter(pk=analysis.pk).update(due_at=now - timedelta(minutes=1))
    note_answer(account, TROUBLED)
    assert Analysis.objects.get(pk=analysis.pk).due_at == now - timedelta(minutes=1)


@pytest.mark.parametrize(("asked", "held"), [(30, 30), (None, 10), (3600, 300)])
def test_a_service_that_is_busy_is_left_alone_for_as_long_as_it_asks(account, beside, asked, held):
    note_error(account, ProviderUnavailable("busy", code="busy", retry_after_s=asked), Leave())
    assert (state(account), state(beside)) == ((0, False, held), (3, True, 10))


def test_a_shorter_pause_does_not_end_a_longer_one(account):
    for seconds in (60, 5, 90):
        note_error(account, ProviderUnavailable("busy", code="busy", retry_after_s=seconds), Leave())
    assert state(account) == (0, False, 90)
    note_error(account, ProviderUnavailable("busy", code="busy", retry_after_s=5), Leave())
    assert state(account) == (0, False, 90)


@pytest.mark.parametrize("error", [ProviderUnavailable("no"), StartUnsure("no")])
def test_the_third_lost_answer_opens_it_and_those_under_way_then_change_nothing(account, beside, error):
    seen = []
    for _ in range(5):
        note_error(account, error, Leave())
        seen.append(state(account))
    assert seen == [(1, True, None), (2, True, None), (3, True, 10), (4, True, 10), (5, True, 10)]
    assert state(beside) == (3, True, 10)


def test_the_count_ends_before_its_column_does(account, now):
    silence(account, now)
    ProviderAccount.objects.filter(pk=account.pk).update(failures=999)
    for _ in range(2):
        note_error(account, ProviderUnavailable("no"), Leave(trial=True))
    assert state(account) == (1000, True, 60)


def test_a_refusal_is_an_answer_and_what_never_left_is_none(account, now):
    silence(account, now)
    note_error(account, FilmRefused("no"), TROUBLED)
    assert state(account) == (3, True, 10)
    note_error(account, FilmRefused("no", http_status=422), TROUBLED)
    assert state(account) == (0, False, None)


def test_only_orders_wait_for_an_admin_and_only_those_of_the_paused_service(account, engine_account, row, now):
    ProviderAccount.objects.filter(pk=account.pk).update(paused_at=now)
    row(account=account)
    goes_on = row(account=account, status="running")
    elsewhere = row()
    assert set(worth_asking(Analysis.objects.all(), now)) == {goes_on, elsewhere}


def test_a_trial_that_another_worker_makes_is_waited_for(account, now):
    silence(account, now - timedelta(seconds=10))
    assert breaker.ask_leave(account) == Leave(trial=True, after_trouble=True)
    with pytest.raises(ProviderUnavailable) as left_alone:
        breaker.ask_leave(account)
    assert (left_alone.value.code, left_alone.value.retry_after_s) == ("silent", 60)


def test_half_a_second_before_its_turn_a_silent_service_is_left_alone(account, now):
    silence(account, now - timedelta(seconds=9.5))
    with pytest.raises(ProviderUnavailable) as left_alone:
        breaker.ask_leave(account)
    assert left_alone.value.retry_after_s == pytest.approx(0.5)


@pytest.mark.parametrize(("failures", "troubled"), [(0, False), (1, True)])
def test_an_answer_is_written_down_only_after_trouble(account, failures, troubled):
    ProviderAccount.objects.filter(pk=account.pk).update(failures=failures)
    assert breaker.ask_leave(account) == Leave(after_trouble=troubled)


@pytest.mark.parametrize("lacking", ["failures", "silent_since", "ask_again_at"])
def test_a_service_is_called_silent_only_while_it_is_left_alone(account, now, lacking):
    silence(account, now)
    setattr(account, lacking, 2 if lacking == "failures" else None)
    assert trouble_of(account) == ""


def test_only_an_order_that_waits_for_nobody_else_says_that_its_service_is_silent(account, row, now):
    silence(account, now)
    sentence = trouble_of(account)
    told = {
        "queued": why_it_waits(row(account=account, reason="before")),
        "asks a person": why_it_waits(row(account=account, reason="before", needs_person=True)),
        "running": why_it_waits(row(account=account, reason="before", status="running")),
    }
    assert told == {"queued": sentence, "asks a person": "before", "running": "before"}
