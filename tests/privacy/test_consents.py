"""Who agreed to what: on paper, on a phone, by a guardian."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import AuditEntry, Organization
from accounts.sealed import digest_of_token
from analyses.actions import OrderRefused
from clips import storage
from privacy import actions
from privacy.models import ConsentRequest
from tests.privacy.conftest import agree
from tests.reading import in_one_line

PAPER = {"purposes": ["measuring", "sharing"], "giver": "runner", "given_on": "2026-11-20"}


# ── on paper ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_coach_keeps_what_was_signed(as_carol, carol, runner, page):
    scan = SimpleUploadedFile("anything.exe", b"%PDF-1.7 signed")
    answer = as_carol.post(f"{page}consent/", PAPER | {"scan": scan})
    assert answer["Location"] == page
    kept = list(runner.consents.order_by("purpose"))
    assert [(one.purpose, one.way, one.recorded_by) for one in kept] == [
        ("measuring", "paper", carol),
        ("sharing", "paper", carol),
    ]
    assert (kept[0].given_on, kept[0].expires_on) == (date(2026, 11, 20), date(2028, 11, 20))
    assert kept[0].text.startswith("You may film me running")
    with storage.open_file(kept[0].scan_key) as file:
        assert file.read() == b"%PDF-1.7 signed"
    link = as_carol.get(f"/privacy/consents/{kept[0].code}/scan/")["Location"]
    assert b"".join(as_carol.get(link).streaming_content) == b"%PDF-1.7 signed"
    assert "Agreed on 20 Nov 2026, valid until 20 Nov 2028" in in_one_line(as_carol.get(page))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"purposes": []}, "This field is required."),
        ({"giver": "guardian"}, "Type the name of the parent or guardian."),
        ({"given_on": "2999-01-01"}, "This day is still to come."),
        (
            {"scan": SimpleUploadedFile("scan.pdf", b"<script>alert(1)</script>")},
            "This is neither a PDF nor a JPEG or PNG picture.",
        ),
        (
            {"scan": SimpleUploadedFile("scan.pdf", b"%PDF-" + bytes(10 * 1024 * 1024))},
            "This file is larger than 10 MB. Scan it with fewer dots, or photograph it.",
        ),
    ],
)
def test_what_is_missing_on_paper_is_said(as_carol, runner, page, changes, sentence):
    answer = as_carol.post(f"{page}consent/", PAPER | changes)
    assert answer.status_code == 422
    assert sentence in in_one_line(answer)
    assert not runner.consents.exists()


@pytest.mark.parametrize(("born", "alone"), [(2009, True), (2010, False), (2015, False), (None, True)])
def test_under_the_age_only_a_guardian_agrees(runner, born, alone, time_machine):
    time_machine.move_to("2026-11-22T09:00Z")
    runner.birth_year = born
    runner.save()
    if alone:
        assert agree(runner, "sharing").pk
        return
    with pytest.raises(actions.NotTheirs) as refused:
        agree(runner, "sharing")
    assert str(refused.value) == "Runner 01 may not be 16 yet. A parent or guardian has to agree."
    assert agree(runner, "sharing", giver="guardian", giver_name="Somebody").pk


def test_on_paper_too_a_child_does_not_agree_alone(as_carol, runner, page):
    runner.birth_year = date.today().year - 12
    runner.save()
    answer = as_carol.post(f"{page}consent/", PAPER)
    assert answer.status_code == 422
    assert "Runner 01 may not be 16 yet. A parent or guardian has to agree." in in_one_line(answer)
    assert not runner.consents.exists()


def test_the_age_is_the_organisations(runner, organization, time_machine):
    time_machine.move_to("2026-11-22T09:00Z")
    runner.birth_year = 2012
    runner.save()
    with pytest.raises(actions.NotTheirs):
        agree(runner, "sharing")
    Organization.objects.filter(pk=organization.pk).update(consent_age=13)
    organization.refresh_from_db()
    runner.organization = organization
    assert agree(runner, "sharing").pk


def test_a_reader_sees_consents_and_changes_none(as_bob, runner, page):
    consent = agree(runner, "measuring")
    answer = in_one_line(as_bob.get(page))
    assert "Measuring here" in answer
    assert "Signed on paper" not in answer
    assert "Erase" not in answer
    assert as_bob.post(f"/privacy/consents/{consent.code}/end/").status_code == 403


# ── on the runner's phone ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def link(runner, carol):
    chosen = [actions.use_of("measuring"), actions.use_of("outside:ochy")]
    _, token = actions.ask_for_consent(subject=runner, chosen=chosen, language="en", by=carol)
    return f"/consent/{token}/"


READ = {"read": "2026-11-en 2026-11-en"}
YES = {"measuring": "yes", "outside:ochy": "yes", "giver": "runner", **READ}


def standing(runner):
    return {one.purpose for one in runner.consents.filter(ended_at=None)}


def test_a_coach_makes_a_link_that_is_shown_once(as_carol, page, runner):
    answer = as_carol.post(f"{page}ask/", {"purposes": ["measuring"], "language": "de"})
    assert answer.status_code == 201
    [made] = ConsentRequest.objects.all()
    address = in_one_line(answer).partition('value="http://127.0.0.1:8000/consent/')[2].partition("/")[0]
    assert made.token_hash == digest_of_token(address)
    assert address not in in_one_line(as_carol.get(page))
    assert AuditEntry.objects.get(action="consent_asked").about == "measuring"


def test_nothing_chosen_is_said(as_carol, page):
    answer = as_carol.post(f"{page}ask/", {"language": "en"}, follow=True)
    assert "Choose at least one thing to ask about." in in_one_line(answer)


def test_a_browser_says_to_us_and_only_to_us_where_the_answers_come_from(client, link):
    """With "no-referrer" it would send them as from nowhere, and they would be refused as forged."""
    question = client.get(link)
    assert question["Referrer-Policy"] == "same-origin"
    assert '<meta name="referrer" content="same-origin">' in in_one_line(question)


def test_a_runner_agrees_without_signing_in(client, link, runner):
    question = client.get(link)
    assert "For Runner 01." in in_one_line(question)
    assert "but without my name, to Ochy to be measured there." in in_one_line(question)
    assert question["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert client.post(link, YES)["Location"] == link
    assert standing(runner) == {"measuring", "outside"}
    [entry] = AuditEntry.objects.filter(action="consent_given", about="measuring")
    assert entry.by is None
    assert "are kept." in in_one_line(client.get(link))


def test_and_takes_it_back_with_the_same_link(client, link, runner):
    client.post(link, YES)
    client.post(link, YES | {"outside:ochy": "no"})
    assert standing(runner) == {"measuring"}


def test_saying_the_same_again_changes_nothing(client, link, runner):
    client.post(link, YES)
    client.post(link, YES)
    assert runner.consents.count() == 2


def test_a_no_stops_what_waits_and_is_a_no_whatever_the_rules_ask_for(
    client, link, order, account, credits, page, as_carol
):
    waiting = order(account=account)
    client.post(link, YES | {"outside:ochy": "no"})
    waiting.refresh_from_db()
    assert (waiting.status, waiting.reason_code) == ("failed", "consent_ended")
    assert AuditEntry.objects.get(action="consent_ended").about == "outside:ochy"
    with pytest.raises(OrderRefused, match="has not agreed that films go to Ochy"):
        order(account=account)
    assert "Said no on" in in_one_line(as_carol.get(page))


def test_an_answer_that_is_not_whole_keeps_nothing(client, link, runner):
    answer = client.post(link, {"measuring": "yes", "giver": "guardian", **READ})
    assert answer.status_code == 422
    assert "Something is missing below. Nothing has been kept yet." in in_one_line(answer)
    assert "Choose one of the two." in in_one_line(answer)
    assert not runner.consents.exists()


def test_a_child_cannot_agree_alone(client, link, runner):
    runner.birth_year = date.today().year - 12
    runner.save()
    assert "Under 16, a parent or guardian has to agree." in in_one_line(client.get(link))
    answer = client.post(link, YES)
    assert "Runner 01 may not be 16 yet. A parent or guardian has to agree." in in_one_line(answer)
    assert not runner.consents.exists()
    assert client.post(link, YES | {"giver": "guardian", "giver_name": "Somebody"}).status_code == 302
    assert set(runner.consents.values_list("giver_name", flat=True)) == {"Somebody"}


def test_only_what_was_asked_can_be_answered(client, link, runner):
    client.post(link, YES | {"research": "yes"})
    assert standing(runner) == {"measuring", "outside"}


def test_the_page_speaks_the_runners_language(client, runner, carol):
    _, token = actions.ask_for_consent(subject=runner, chosen=[actions.use_of("measuring")], language="fr", by=carol)
    answer = client.get(f"/consent/{token}/", headers={"accept-language": "en"})
    assert '<html lang="fr">' in in_one_line(answer)


@pytest.mark.parametrize("state", ["forged", "expired"])
def test_a_dead_link_says_one_sentence_and_one_cure(client, link, state):
    if state == "expired":
        ConsentRequest.objects.update(expires_at="2020-01-01T00:00Z")
    answer = client.get(link if state == "expired" else "/consent/forged/")
    assert answer.status_code == 404
    assert "This link has ended" in in_one_line(answer)
    assert "Ask whoever sent it to you for a new one." in in_one_line(answer)
    assert "Runner 01" not in in_one_line(answer)
