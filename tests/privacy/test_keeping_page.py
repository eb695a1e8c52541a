"""The page on which an admin says how long films and numbers are kept, and what it says before."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from accounts.models import AuditEntry
from privacy import actions
from privacy.actions.retention import months_before
from privacy.models import Retention
from tests.privacy.keeping import NOW, keep, remove

pytestmark = pytest.mark.usefixtures("now")
KEEPING = "/privacy/keeping/"


def test_the_times_are_set_and_begin_to_count_in_a_day(film, organization, as_alice, now):
    asked = {"originals_months": "12", "copies_months": "", "numbers_months": "", "sure": "on"}
    answer = as_alice.post(KEEPING, asked, follow=True)
    assert "The times are kept." in answer.content.decode()
    assert "Nothing is removed before 23 Nov 2026, 12:00." in answer.content.decode()
    entry = AuditEntry.objects.get(action=AuditEntry.Action.PRIVACY_CHANGED)
    assert entry.about == "kept: originals 12 months · copies for ever · numbers for ever"
    assert remove(organization) == 0
    now.shift(timedelta(days=1))
    assert remove(organization) == 1


def test_a_longer_time_does_not_start_the_day_anew(organization, alice):
    keep(organization, originals_months=12)
    kept = actions.set_retention(
        organization=organization, originals_months=24, copies_months=None, numbers_months=None, by=alice
    )
    assert kept.starts_at < NOW


def test_the_same_times_again_change_nothing(organization, alice):
    for _ in range(2):
        actions.set_retention(
            organization=organization, originals_months=24, copies_months=None, numbers_months=None, by=alice
        )
    assert AuditEntry.objects.filter(action=AuditEntry.Action.PRIVACY_CHANGED).count() == 1


def test_what_would_go_is_said_before(film, as_alice):
    asked = {"originals_months": "12", "copies_months": "12", "numbers_months": "36"}
    shown = as_alice.get(f"{KEEPING}what-goes/", asked).content.decode()
    assert "With these times this goes:" in shown
    assert "<li>1 film as it came</li>" in shown
    assert "<li>the copies of 1 film</li>" in shown
    assert "analys" not in shown
    shown = as_alice.get(f"{KEEPING}what-goes/", {**dict.fromkeys(asked, "12")}).content.decode()
    assert "<li>the numbers of 1 analysis</li>" in shown
    shown = as_alice.get(f"{KEEPING}what-goes/", {**dict.fromkeys(asked, "")}).content.decode()
    assert "Nothing that is here today would go." in shown
    assert not Retention.objects.exists()


def test_what_goes_at_once_has_to_be_ticked(film, as_alice):
    answer = as_alice.post(KEEPING, {"originals_months": "12", "copies_months": "", "numbers_months": ""})
    assert answer.status_code == 422
    assert "Tick that these may be removed for good." in answer.content.decode()
    assert not Retention.objects.exists()


@pytest.mark.parametrize(("films", "numbers"), [("", "12"), ("24", "12")])
def test_numbers_are_kept_as_long_as_films(as_alice, films, numbers):
    asked = {"originals_months": films, "copies_months": "1", "numbers_months": numbers}
    answer = as_alice.post(KEEPING, {**asked, "sure": "on"})
    assert answer.status_code == 422
    assert "Keep the numbers at least as long as the films." in answer.content.decode()
    assert (
        "Keep the numbers at least as long as the films."
        in as_alice.get(f"{KEEPING}what-goes/", asked).content.decode()
    )


def test_a_time_that_is_not_offered_is_refused(as_alice):
    answer = as_alice.post(KEEPING, {"originals_months": "2", "copies_months": "", "numbers_months": ""})
    assert answer.status_code == 422
    assert "Select a valid choice. 2 is not one of the available choices." in answer.content.decode()


def test_only_admins_decide(as_carol, as_bob):
    for client in (as_carol, as_bob):
        assert client.get(KEEPING).status_code == 403
        assert client.get(f"{KEEPING}what-goes/").status_code == 403


@pytest.mark.parametrize(
    ("now", "months", "then"),
    [
        ("2026-11-22", 12, "2025-11-22"),
        ("2026-03-31", 1, "2026-02-28"),
        ("2024-03-31", 1, "2024-02-29"),
        ("2026-01-15", 1, "2025-12-15"),
        ("2026-11-30", 9, "2026-02-28"),
    ],
)
def test_a_month_ago(now, months, then):
    assert months_before(datetime.fromisoformat(now), months) == datetime.fromisoformat(then)
