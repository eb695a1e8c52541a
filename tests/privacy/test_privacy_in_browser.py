"""Erasing a runner in a real browser, in three taps and with its proof; and consent on the runner's own phone."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Organization
from clips.models import Clip
from privacy import jobs
from privacy.models import Tombstone
from subjects.models import Subject
from tests.driving import SIZES, faults, open_pages, picture
from tests.privacy.conftest import NAME

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TAPS = 3


@pytest.mark.parametrize("size", SIZES)
def test_a_runner_is_erased_everywhere_in_three_taps_with_proof(request, everything, as_alice, monkeypatch, size):
    # There is no worker here: what it would do after the commit is done at once.
    monkeypatch.setattr("privacy.jobs._enqueue", lambda pk: jobs.finish_erasure(tombstone_id=pk))
    page_of_runner = reverse("subjects:detail", args=[everything.code])

    def act(page):
        taps = 0
        page.goto(page_of_runner)
        for what in ("a:has-text('Privacy')", "a.btn.danger:has-text('Erase')", "button:has-text('Erase for good')"):
            page.locator(what).first.click()
            taps += 1
            page.wait_for_load_state()
        page.wait_for_selector("text=Erased, and proved by a search.")
        picture(page, f"erased-{size}")
        return taps, page.inner_text("main"), faults(page), page.goto(page_of_runner).status

    taps, proof, wrong, gone = open_pages(request, act, (as_alice, size))
    assert taps <= TAPS
    assert "Nothing but this page’s own row." in proof
    assert NAME not in proof
    assert (wrong, gone) == ([], 404)
    assert not Subject.objects.exists()
    assert not Clip.objects.exists()
    assert Tombstone.objects.get().finished_at is not None


def test_a_runner_agrees_by_link_on_their_own_phone_and_takes_it_back(request, runner, as_carol, organization):
    Organization.objects.filter(pk=organization.pk).update(consent_for=Organization.ConsentFor.EVERYTHING)
    Subject.objects.filter(pk=runner.pk).update(birth_year=1990)

    def act(coach, phone):
        seen = {}
        coach.goto(reverse("privacy:runner", args=[runner.code]))
        coach.locator("label", has_text="Measuring here").locator("input").check()
        coach.locator("label", has_text="Sharing by link").locator("input").check()
        picture(coach, "consent-ask")
        coach.click("button:has-text('Make the link')")
        phone.goto(coach.input_value("#address"))
        seen["asked"] = phone.inner_text("h1")
        picture(phone, "consent-asked")
        seen["faults"] = faults(phone)
        answer(phone, measuring="yes")
        picture(phone, "consent-kept")
        seen["faults"] += faults(phone)
        coach.goto(reverse("privacy:runner", args=[runner.code]))
        seen["agreed"] = coach.inner_text(".consents")
        answer(phone, measuring="no")
        coach.reload()
        seen["taken back"] = coach.inner_text(".consents")
        return seen

    def answer(phone, *, measuring):
        for purpose, word in {"measuring": measuring, "sharing": "no", "outside:ochy": "no"}.items():
            phone.check(f"input[name='{purpose}'][value={word}]")
        with phone.expect_navigation():
            phone.tap("button:has-text('Keep my answers')")
        phone.wait_for_selector("text=Your answers of")

    seen = open_pages(request, act, (as_carol, "desktop"), (None, "phone"))
    assert seen["asked"] == "Your films, your choice"
    assert seen["faults"] == []
    assert "Agreed on" in seen["agreed"]
    assert "By link" in seen["agreed"]
    assert "Said no on" in seen["agreed"]
    assert "Taken back on" in seen["taken back"]
    assert not runner.consents.filter(ended_at=None).exists()
