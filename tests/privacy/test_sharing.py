"""A link is made only with the runner's consent, where the organisation asks for one."""

from __future__ import annotations

import pytest

from accounts.models import Organization
from privacy import actions
from reports.actions import NotAgreed, share
from reports.models import ShareLink
from subjects.models import Consent
from tests.privacy.conftest import NAME

NOT_AGREED = f"{NAME} has not agreed to links that show results. Ask for consent under Privacy."


@pytest.fixture
def asks_for_consent(organization):
    organization.consent_for = Organization.ConsentFor.LEAVING
    organization.save()


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
