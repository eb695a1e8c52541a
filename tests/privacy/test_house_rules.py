"""What an admin asks consent for, who stays in the house, and what has left it."""

from __future__ import annotations

import pytest

from accounts.actions import record
from accounts.models import AuditEntry
from analyses import actions as measuring
from analyses.models import Analysis
from credits import ledger
from reports.actions import share
from reports.models import ShareLink


def shown(answer):
    return " ".join(answer.content.decode().split())


def test_an_admin_says_what_consent_is_for(as_alice, organization):
    answer = as_alice.post("/privacy/", {"consent_for": "leaving", "consent_age": "14"}, follow=True)
    assert "The rules are kept." in shown(answer)
    organization.refresh_from_db()
    assert (organization.consent_for, organization.consent_age) == ("leaving", 14)
    assert AuditEntry.objects.get(action="privacy_changed").about == "leaving · 14"


@pytest.mark.parametrize("age", ["12", "22", "many"])
def test_an_age_that_makes_no_sense_is_refused(as_alice, organization, age):
    assert as_alice.post("/privacy/", {"consent_for": "leaving", "consent_age": age}).status_code == 422
    organization.refresh_from_db()
    assert organization.consent_age == 16


def test_a_coach_keeps_a_runner_in_the_house(as_carol, page, runner, order, account, credits, organization):
    analysis = order(account=account)
    answer = as_carol.post(f"{page}house/", {"stays": "1"}, follow=True)
    assert "Films of Runner 01 stay in the house from now on." in shown(answer)
    assert Analysis.objects.get(pk=analysis.pk).status == "failed"
    assert ledger.balance(organization) == 5
    assert "Stays in the house" in shown(as_carol.get(f"/runners/{runner.code}/"))
    answer = as_carol.post(f"{page}house/", {"stays": "0"}, follow=True)
    assert "Films of Runner 01 may go to the service that measures for you." in shown(answer)
    kept = AuditEntry.objects.filter(action="local_only").order_by("number").values_list("about", flat=True)
    assert list(kept) == ["on", "off"]


def test_nothing_left_is_said(as_bob, page, measured, known):
    assert "Nothing. Everything about this runner is on your own machines." in shown(
        as_bob.get(f"/privacy/runners/{known.code}/")
    )


def test_what_left_is_listed_with_when_and_to_whom(as_bob, page, order, account, credits, service, runner):
    analysis = order(account=account)
    measuring.send_analysis(analysis=analysis)
    answer = shown(as_bob.get(page))
    assert "Film, Side view, with height and weight" in answer
    assert f"Asked there under {Analysis.objects.get(pk=analysis.pk).remote_id}" in answer
    assert "A number in place of the name; height and weight" in answer
    assert "Nothing. Everything" not in answer


def test_a_link_that_left_says_whether_it_was_opened(as_bob, measured, known, alice):
    link = share(analysis=measured, before=None, contents=["score"], language="en", by=alice)
    page = f"/privacy/runners/{known.code}/"
    assert "Opened: not yet" in shown(as_bob.get(page))
    ShareLink.objects.filter(pk=link.pk).update(opened_count=1, opened_at="2026-11-20T09:00Z")
    assert "Opened: 1 time, on 20 Nov 2026" in shown(as_bob.get(page))


def test_all_that_left_in_years_is_listed_page_by_page(as_bob, page, runner, alice, django_assert_max_num_queries):
    for number in range(60):
        record(
            organization=runner.organization, by=alice, action="exported", about=f"file {number}", runner=runner.code
        )
    with django_assert_max_num_queries(20):
        first = shown(as_bob.get(page))
    assert "1–50 of 60" in first
    assert "file 59" in first
    assert "file 0<" in shown(as_bob.get(f"{page}?page=2"))
