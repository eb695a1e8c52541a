"""Credits that run out: a line in the inbox, one mail for each time, and until when they last."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.utils import timezone

from analyses.models import ProviderAccount
from credits import actions, jobs, ledger, levels, telling
from credits.models import LowLevel


@pytest.fixture
def seven(organization, alice):
    """Seven credits, and somebody wants to know at five."""
    ledger.give(organization=organization, amount=7, reason="Start", by=alice)


def mail_what_is_due():
    for level in LowLevel.objects.due(timezone.now()):
        jobs.mail_low_level(level_id=level.pk)
    return len(mail.outbox)


def test_one_mail_goes_out_when_they_fall_to_the_level_and_not_another(organization, carol, seven, spend):
    spend(carol)
    assert mail_what_is_due() == 0
    spend(carol)
    assert mail_what_is_due() == 1
    spend(carol)
    spend(carol)
    assert mail_what_is_due() == 1
    [told] = mail.outbox
    assert told.to == ["alice@example.com"]
    assert told.subject == "Track club: 5 credits left"
    assert told.body.startswith("Track club has 5 credits left. At this pace until ")
    assert "/credits/" in told.body


def test_it_goes_to_the_addresses_an_admin_typed(organization, carol, seven, spend):
    organization.alert_addresses = ["money@example.com", "office@example.com"]
    organization.save()
    spend(carol, amount=3)
    assert mail_what_is_due() == 2
    assert [told.to for told in mail.outbox] == [["money@example.com"], ["office@example.com"]]


def test_after_they_rose_above_it_the_next_fall_is_told_again(organization, alice, carol, seven, spend):
    spend(carol, amount=3)
    mail_what_is_due()
    ledger.give(organization=organization, amount=10, reason="More", by=alice)
    assert not LowLevel.objects.filter(ended_at=None).exists()
    spend(carol, amount=9)
    assert mail_what_is_due() == 2


def test_a_gift_that_does_not_reach_above_it_is_no_news(organization, alice, carol, seven, spend):
    spend(carol, amount=6)
    mail_what_is_due()
    ledger.give(organization=organization, amount=1, reason="One", by=alice)
    assert mail_what_is_due() == 1


def test_what_rose_before_the_mail_went_out_is_not_mailed(organization, alice, carol, seven, spend):
    spend(carol, amount=3)
    [level] = LowLevel.objects.all()
    ledger.give(organization=organization, amount=10, reason="More", by=alice)
    assert not telling.mail_low_level(level=level)
    assert mail.outbox == []


def test_the_level_is_the_organisation_s_choice(organization, alice, carol, seven, spend):
    actions.change_rules(organization=organization, low_at=0, agreed_above=None, by=alice)
    spend(carol, amount=6)
    assert mail_what_is_due() == 0
    spend(carol)
    assert mail_what_is_due() == 1


def test_a_higher_level_is_told_of_at_once(organization, alice, carol, seven, spend):
    spend(carol)
    actions.change_rules(organization=organization, low_at=6, agreed_above=None, by=alice)
    assert mail_what_is_due() == 1


def test_who_has_not_begun_to_spend_is_not_told(organization, alice):
    ledger.give(organization=organization, amount=1, reason="Start", by=alice)
    assert not LowLevel.objects.exists()


def test_a_mail_that_did_not_go_out_is_tried_again_later(organization, carol, seven, spend, monkeypatch):
    def no_answer(*_):
        raise SMTPServerDisconnected("gone")

    spend(carol, amount=3)
    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", no_answer)
        assert mail_what_is_due() == 0
    assert mail_what_is_due() == 0  # not at once
    LowLevel.objects.update(due_at=timezone.now())
    assert mail_what_is_due() == 1


def test_a_mail_that_never_goes_out_is_given_up(organization, carol, seven, spend):
    spend(carol, amount=3)
    LowLevel.objects.update(tries=LowLevel.MOST_TRIES)
    assert mail_what_is_due() == 0


def test_two_workers_mail_once(organization, carol, seven, spend):
    spend(carol, amount=3)
    [level] = LowLevel.objects.all()
    assert telling.mail_low_level(level=level)
    assert not telling.mail_low_level(level=level)
    assert len(mail.outbox) == 1


def test_the_inbox_says_so_at_the_level_of_the_organisation(as_alice, organization, alice, carol, seven, spend):
    ProviderAccount.objects.create(organization=organization, kind="ochy")
    assert "soon no film can be sent" not in as_alice.get("/").content.decode()
    actions.change_rules(organization=organization, low_at=7, agreed_above=None, by=alice)
    assert "7 credits left: soon no film can be sent to be measured." in as_alice.get("/").content.decode()


# ── until when ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_pace_of_four_weeks_tells_until_when(as_alice, organization, alice, carol, spend, monkeypatch):
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: now)
    ledger.give(organization=organization, amount=24, reason="Start", by=alice)
    for weeks in range(4):
        spend(carol, at=now - timedelta(weeks=weeks, days=1))
    # Four in 23 days, the first was 22 days ago: 20 last 115 days.
    assert levels.lasts_until(organization, 20) == date(2027, 3, 17)
    assert "At this pace until 17 Mar 2027." in as_alice.get("/credits/").content.decode()


def test_one_busy_day_counts_as_a_week(organization, alice, carol, spend):
    ledger.give(organization=organization, amount=20, reason="Start", by=alice)
    spend(carol, amount=10)
    assert levels.lasts_until(organization, 10) == timezone.localdate() + timedelta(days=7)


def test_without_use_or_beyond_a_year_no_day_is_named(organization, alice, carol, spend):
    ledger.give(organization=organization, amount=1000, reason="Start", by=alice)
    assert levels.lasts_until(organization, 1000) is None
    spend(carol)
    assert levels.lasts_until(organization, 999) is None
