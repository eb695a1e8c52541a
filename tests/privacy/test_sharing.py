"""A link is made, and stays open, only with the runner's consent, where the organisation asks for one."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from privacy import actions
from reports.actions import NotAgreed, share
from reports.models import ShareLink
from subjects.models import Consent
from tests.privacy.conftest import NAME

NOT_AGREED = f"{NAME} has not agreed to links that show results. Ask for consent under Privacy."


def make(analysis, by):
    analysis.subject.refresh_from_db()
    return share(analysis=analysis, before=None, contents=["score"], language="en", by=by)


def test_without_it_the_button_is_off_and_says_why(as_alice, measured, asks_for_consent):
    url = f"/reports/share/{measured.code}/"
    page = as_alice.get(url).content.decode()
    assert NOT_AGREED in page
    assert '<button class="btn primary" disabled>' in page
    assert as_alice.post(url, {"contents": ["score"], "language": "en"}).status_code == 422
    assert not ShareLink.objects.exists()


def test_no_other_way_makes_one(measured, asks_for_consent, alice):
    with pytest.raises(NotAgreed) as refused:
        make(measured, alice)
    assert str(refused.value) == NOT_AGREED


def test_with_it_the_link_is_made(measured, asks_for_consent, alice, known):
    actions.record_consent(
        subject=known, use=actions.use_of("sharing"), giver="runner", way=Consent.Way.PAPER, by=alice
    )
    assert make(measured, alice).is_open


def test_where_nobody_asks_it_is_made_as_well(measured, alice):
    assert make(measured, alice).is_open


# ── a link that is out already ──────────────────────────────────────────────────────────────────────────────────────


SHUT = f"{NOT_AGREED} Until then whoever opens this link sees nothing."


@pytest.fixture
def agreed(known, alice):
    use = actions.use_of("sharing")
    return actions.record_consent(subject=known, use=use, giver="runner", way=Consent.Way.PAPER, by=alice)


@pytest.fixture
def link(measured, alice, agreed, asks_for_consent):
    return make(measured, alice)


def opened(link, which=""):
    return Client().get(f"/s/{link.token}/{which}")


def run_out(consent) -> None:
    Consent.objects.filter(pk=consent.pk).update(expires_on=timezone.localdate() - timedelta(days=1))


@pytest.mark.parametrize("which", ["", "film/", "look.css", "logo/"])
def test_it_shuts_when_the_consent_runs_out(link, agreed, which):
    run_out(agreed)
    answer = opened(link, which)
    assert answer.status_code == 404
    assert "This link has ended" in answer.content.decode()
    assert NAME not in answer.content.decode()


def test_it_opens_again_with_a_new_consent(link, agreed, known, alice):
    assert opened(link).status_code == 200
    run_out(agreed)
    assert opened(link).status_code == 404
    actions.record_consent(
        subject=known, use=actions.use_of("sharing"), giver="runner", way=Consent.Way.PAPER, by=alice
    )
    assert opened(link).status_code == 200


def test_a_consent_that_ran_out_shuts_nothing_where_nobody_asks_for_one(measured, alice, agreed):
    link = make(measured, alice)
    run_out(agreed)
    assert opened(link).status_code == 200


def test_rules_that_ask_from_now_on_shut_links_made_before(measured, alice, organization):
    link = make(measured, alice)
    assert opened(link).status_code == 200
    actions.set_rules(organization=organization, consent_for="leaving", consent_age=16, by=alice)
    assert opened(link).status_code == 404


def test_the_house_sees_that_it_waits_for_consent(as_alice, link, agreed, django_assert_max_num_queries):
    page, links = f"/reports/links/{link.code}/", "/reports/links/"
    assert link.token in as_alice.get(page).content.decode()
    run_out(agreed)
    text = html.unescape(as_alice.get(page).content.decode())
    assert SHUT in text
    assert link.token not in text
    assert "waits for consent" in text
    with django_assert_max_num_queries(12):
        assert "waits for consent" in as_alice.get(links).content.decode()
    assert "waits for consent" not in as_alice.get("/reports/").content.decode()
