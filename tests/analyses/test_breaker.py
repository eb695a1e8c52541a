"""A service that gives no answer is left alone, asked once now and then, and everything goes on when it is back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import wall
from analyses import actions, breaker, jobs
from analyses.models import Analysis, ProviderAccount
from analyses.waiting import trouble_of, why_it_waits
from credits import ledger
from providers.base import FilmRefused, ProviderUnavailable, StartNotSent
from providers.pacing import too_many
from tests.analyses.test_thread import fresh
from tests.at_once import at_once

SILENCE = "Ochy has not answered since 14:02; your film is safe and will be sent."


@pytest.fixture
def orders(order, account, organization, alice):
    """Four orders at Ochy, one after another."""
    ledger.give(organization=organization, amount=4, reason="start", by=alice)
    return [order(account=account) for _ in range(4)]


@pytest.fixture
def clock():
    with time_machine.travel("2026-11-22 14:02", tick=False) as clock:
        yield clock


@pytest.fixture
def silent(clock, orders, service, account):
    """Three starts without an answer in a row: the breaker is open, the fourth order was not tried."""
    Analysis.objects.update(due_at=timezone.now())
    service.trouble = [StartNotSent("no") for _ in range(3)]
    for one in orders[:3]:
        actions.send_analysis(analysis=fresh(one))
    account.refresh_from_db()
    return account


def hinted(monkeypatch) -> list[int]:
    """Return which analyses the clock tells the workers about now."""
    told: list[int] = []
    monkeypatch.setattr(jobs, "_enqueue", lambda pk, status: told.append(pk) or True)
    jobs.hint_due()
    return told


def test_after_three_lost_answers_nothing_is_sent_and_every_film_says_since_when(silent, orders, service):
    assert (silent.failures, silent.ask_again_at - timezone.now()) == (3, timedelta(seconds=10))
    actions.send_analysis(analysis=fresh(orders[3]))
    assert (service.starts, service.reads) == ([], 0)
    assert {why_it_waits(fresh(one)) for one in orders} == {SILENCE}
    assert {fresh(one).status for one in orders} == {"queued"}


def test_the_clock_leaves_a_silent_service_alone_until_the_next_trial(silent, orders, clock, monkeypatch):
    Analysis.objects.update(due_at=timezone.now())
    assert hinted(monkeypatch) == []
    clock.shift(timedelta(seconds=10))
    assert len(hinted(monkeypatch)) == 4


def test_one_read_that_is_answered_sends_everything_that_waits(silent, orders, service, clock):
    clock.shift(timedelta(seconds=11))
    actions.send_analysis(analysis=fresh(orders[0]))
    silent.refresh_from_db()
    assert (silent.failures, silent.silent_since, silent.ask_again_at) == (0, None, None)
    assert (fresh(orders[0]).status, service.reads) == ("running", 1)
    # The others were to wait longer; they are due now.
    for one in orders[1:]:
        actions.send_analysis(analysis=fresh(one))
    assert [fresh(one).status for one in orders] == ["running"] * 4
    assert service.reads == 1


def test_a_trial_without_an_answer_makes_the_pause_longer_and_sends_nothing(silent, orders, service, clock):
    pauses = []
    for _ in range(4):
        clock.move_to(silent.ask_again_at)
        service.trouble = [ProviderUnavailable("no")]
        Analysis.objects.update(due_at=timezone.now())
        actions.send_analysis(analysis=fresh(orders[0]))
        silent.refresh_from_db()
        pauses.append((silent.ask_again_at - timezone.now()).total_seconds())
    assert pauses == [20, 40, 60, 60]
    assert service.starts == []
    assert trouble_of(silent) == SILENCE


def test_a_refusal_of_the_trial_is_an_answer_too(silent, orders, service, clock):
    clock.shift(timedelta(seconds=11))
    service.trouble = [FilmRefused("no", http_status=400)]
    actions.send_analysis(analysis=fresh(orders[0]))
    assert fresh(orders[0]).status == "running"


def test_an_answer_between_lost_ones_starts_the_count_anew(clock, orders, service, account):
    for trouble in ([StartNotSent("no")], [StartNotSent("no")], [], [StartNotSent("no")], [StartNotSent("no")]):
        service.trouble = trouble
        Analysis.objects.update(due_at=timezone.now(), lease_until=None)
        one = Analysis.objects.filter(status="queued").first()
        actions.send_analysis(analysis=one)
    account.refresh_from_db()
    assert (account.failures, account.ask_again_at, trouble_of(account)) == (2, None, "")


def test_from_the_second_day_on_the_day_is_named(silent, clock):
    clock.shift(timedelta(days=1))
    assert trouble_of(silent) == "Ochy has not answered since 22 Nov 2026, 14:02; your film is safe and will be sent."


def test_a_service_that_asks_for_a_pause_gets_it_from_everybody(clock, orders, service, account):
    service.trouble = [StartNotSent("busy", code="busy", retry_after_s=30)]
    Analysis.objects.update(due_at=timezone.now())
    for one in orders[:2]:
        actions.send_analysis(analysis=fresh(one))
    assert service.starts == []
    assert why_it_waits(fresh(orders[0])) == "Ochy asks us to send more slowly; your film is safe and will be sent."
    clock.shift(timedelta(seconds=31))
    for one in orders[:2]:
        actions.send_analysis(analysis=fresh(one))
    assert [fresh(one).status for one in orders[:2]] == ["running", "running"]


def test_our_own_limit_is_nobodys_silence(clock, orders, service, account):
    service.trouble = [too_many() for _ in range(3)]
    Analysis.objects.update(due_at=timezone.now())
    for one in orders[:3]:
        actions.send_analysis(analysis=fresh(one))
    account.refresh_from_db()
    assert (account.failures, account.ask_again_at) == (0, None)
    assert {(fresh(one).status, why_it_waits(fresh(one))) for one in orders[:3]} == {("queued", "")}


def test_a_person_who_asks_is_let_through_and_closes_it(silent, service):
    assert actions.test_service(account=silent).works
    silent.refresh_from_db()
    assert silent.ask_again_at is None


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_that_come_at_once_one_tries(account):
    ProviderAccount.objects.filter(pk=account.pk).update(failures=3, ask_again_at=timezone.now())

    def come() -> str:
        try:
            with wall.only(account.organization_id):
                return "tries" if breaker.ask_leave(account).trial else "asks"
        except ProviderUnavailable as left_alone:
            return left_alone.code

    assert sorted(at_once(come, come, come, come)) == ["silent", "silent", "silent", "tries"]
