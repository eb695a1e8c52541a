"""What may not be measured is said beside the button, before anything is pressed or uploaded."""

from __future__ import annotations

import pytest

from accounts.models import Organization
from subjects.models import Consent, Subject
from tests.driving import open_pages
from tests.reading import shown

NOT_AGREED = "Runner 01 has not agreed to be measured here. Ask for consent under Privacy."
NEW_NOT_AGREED = "Zoe has not agreed to be measured here. Ask for consent under Privacy."
PRICE = "/upload/price/"


@pytest.fixture
def asks(organization):
    Organization.objects.filter(pk=organization.pk).update(consent_for="everything")


@pytest.fixture
def agreed(organization):
    """A runner who has agreed."""
    runner = Subject.objects.create(organization=organization, name="Runner 02")
    about = {"organization": organization, "subject": runner, "purpose": "measuring", "giver": "runner"}
    Consent.objects.create(**about, way="paper", text="yes", text_version="1")
    return runner


def test_the_page_opens_with_the_button_off_for_a_runner_without_consent(as_carol, runner, asks):
    page = shown(as_carol.get("/upload/", {"runner": str(runner.code)}))
    assert NOT_AGREED in page
    assert '<button class="btn primary" data-send disabled ' in page


def test_a_runner_who_agreed_may_be_measured(as_carol, agreed, asks):
    page = shown(as_carol.get("/upload/", {"runner": str(agreed.code)}))
    assert "data-not-agreed" not in page
    assert '<button class="btn primary" data-send data-waiting' in page


def test_the_answer_changes_with_the_runner(as_carol, runner, agreed, asks):
    assert NOT_AGREED in shown(as_carol.get(PRICE, {"runner": str(runner.code)}))
    assert "data-not-agreed" not in shown(as_carol.get(PRICE, {"runner": str(agreed.code)}))
    assert NEW_NOT_AGREED in shown(as_carol.get(PRICE, {"runner": "new", "new_name": "Zoe"}))
    assert "data-not-agreed" not in shown(as_carol.get(PRICE))


def test_where_nobody_asks_for_consent_nothing_is_said(as_carol, runner):
    assert "data-not-agreed" not in shown(as_carol.get(PRICE, {"runner": str(runner.code)}))
    assert "data-not-agreed" not in shown(as_carol.get(PRICE, {"runner": "new", "new_name": "Zoe"}))


def test_a_no_counts_where_nobody_asks(as_carol, organization, runner):
    about = {"organization": organization, "subject": runner, "purpose": "measuring", "giver": "runner"}
    no = Consent.objects.create(**about, way="link", text="no", text_version="1")
    Consent.objects.filter(pk=no.pk).update(ended_at=no.recorded_at)
    assert NOT_AGREED in shown(as_carol.get(PRICE, {"runner": str(runner.code)}))


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_button_follows_the_choice_of_the_runner(request, as_carol, runner, agreed, asks):
    def choose(page):
        from playwright.sync_api import expect

        page.goto("/upload/")
        send, said = page.locator("[data-send]"), page.locator("[data-not-agreed]")
        page.check(f'input[value="{runner.code}"]', force=True)
        expect(said).to_have_text(f"{NOT_AGREED} Ask for consent")
        expect(send).to_be_disabled()
        page.check(f'input[value="{agreed.code}"]', force=True)
        expect(said).to_have_count(0)
        expect(send).to_be_enabled()
        page.fill("[type=search][name=q]:visible >> nth=-1", "Zoe")
        expect(said).to_have_text(f"{NEW_NOT_AGREED} Add the runner first")
        expect(send).to_be_disabled()

    open_pages(request, choose, (as_carol, "desktop"))
