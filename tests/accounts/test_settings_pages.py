"""Settings: the index, and what an organisation decides for itself."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Membership, Organization
from accounts.places import SECTIONS
from tests.reading import shown

PLACES = [place.page for section in SECTIONS for place in section.places]
ORGANIZATION = "/settings/organization/"
ALERTS = "/settings/alerts/"
TEST = "/settings/alerts/test/"


def record_of_settings() -> list[str]:
    return list(AuditEntry.objects.filter(action="settings_changed").values_list("about", flat=True))


# ── the index ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_index_leads_to_every_page_and_each_marks_itself(as_alice):
    index = shown(as_alice.get("/settings/"))
    for page in PLACES:
        assert f'<a href="{reverse(page)}">' in index
        text = shown(as_alice.get(reverse(page)))
        assert f'<a href="{reverse(page)}" aria-current="page">' in text, page
        assert '<a class="to" href="/settings/" aria-current="page">' in text, page


@pytest.mark.parametrize("url", ["/settings/", ORGANIZATION, ALERTS])
def test_only_an_admin_decides(as_carol, as_bob, url):
    assert as_carol.get(url).status_code == 403
    assert as_bob.post(url).status_code in (403, 405)


# ── name, language, units ───────────────────────────────────────────────────────────────────────────────────────────


def test_an_admin_changes_name_language_and_units(as_alice, organization):
    answer = as_alice.post(ORGANIZATION, {"name": "Lane 4", "language": "de", "units": "imperial"}, follow=True)
    assert "The settings are kept." in shown(answer)
    organization.refresh_from_db()
    assert (organization.name, organization.language, organization.units) == ("Lane 4", "de", "imperial")
    assert record_of_settings() == ["Lane 4 · de · imperial"]


def test_an_organisation_keeps_a_name(as_alice, organization):
    answer = as_alice.post(ORGANIZATION, {"name": " ", "language": "", "units": "metric"})
    assert answer.status_code == 422
    assert "This field is required." in shown(answer)
    assert Organization.objects.get(pk=organization.pk).name == "Track club"


def test_an_invitation_is_written_in_the_organisation_s_language(as_alice, organization, mailoutbox):
    Organization.objects.filter(pk=organization.pk).update(language="de")
    as_alice.post("/members/invite/", {"email": "neu@example.com", "role": "coach"})
    assert mailoutbox[0].subject == "Track club lädt Sie zu Coachportal ein"


# ── alerts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_addresses_are_kept_once_each(as_alice, organization):
    as_alice.post(ALERTS, {"addresses": "desk@example.org\nhead@example.org, desk@example.org"})
    organization.refresh_from_db()
    assert organization.alert_addresses == ["desk@example.org", "head@example.org"]
    assert record_of_settings() == ["alerts: desk@example.org, head@example.org"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("desk@example", "“desk@example” is not an e-mail address. Write one a line, such as desk@example.org."),
        (
            "\n".join(f"desk{n}@example.org" for n in range(11)),
            "Ten addresses at most. Make a shared one for the rest.",
        ),
    ],
    ids=["no address", "too many"],
)
def test_what_is_no_list_of_addresses_is_refused(as_alice, organization, typed, sentence):
    answer = as_alice.post(ALERTS, {"addresses": typed})
    assert (answer.status_code, sentence in shown(answer)) == (422, True)
    assert Organization.objects.get(pk=organization.pk).alert_addresses == []


def test_a_test_mail_goes_to_the_admins_where_nobody_is_named(as_alice, alice, mailoutbox):
    text = shown(as_alice.post(TEST, follow=True))
    assert "The mail server has taken the test mail for alice@example.com. Look there, in the spam folder too." in text
    assert [mail.to for mail in mailoutbox] == [[alice.email]]
    assert mailoutbox[0].subject == "Test mail of Track club"
    assert mailoutbox[0].body.startswith(
        "This is how Track club hears about itself. Alice sent this mail to test it; there is nothing to do."
    )


def test_without_a_mail_server_the_page_says_where_the_mail_is(as_alice, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert "No mail server is set up yet." in shown(as_alice.get(ALERTS))
    said = "No mail server is set up: the test mail stands in the portal’s log. The operator sets EMAIL_BACKEND."
    assert said in shown(as_alice.post(TEST, follow=True))


def test_a_refusal_of_the_mail_server_is_shown(as_alice, monkeypatch):
    def send_messages(backend, messages):
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", send_messages)
    text = shown(as_alice.post(TEST, follow=True))
    assert "The mail server at localhost:25 does not answer. The operator checks its address." in text


def test_nobody_can_flood_an_address_with_test_mails(as_alice, mailoutbox, time_machine):
    time_machine.move_to(timezone.now(), tick=False)  # all within one minute of the limit's
    answers = [shown(as_alice.post(TEST, follow=True)) for _ in range(6)]
    assert len(mailoutbox) == 5
    assert "Too many test mails in a row. Wait a minute, then send the next one." in answers[-1]


def test_a_stranger_sees_their_own_settings(as_charlie, organization, charlie):
    Organization.objects.filter(pk=organization.pk).update(alert_addresses=["secret@example.org"])
    as_charlie.post(ORGANIZATION, {"name": "Other", "language": "", "units": "metric"})
    assert "secret@example.org" not in shown(as_charlie.get(ALERTS))
    assert Membership.objects.get(user=charlie).organization.name == "Other"
    assert Organization.objects.get(pk=organization.pk).name == "Track club"


@pytest.mark.parametrize(
    ("refused", "page"),
    [
        ("subjects:add_site", "subjects:groups"),
        ("reports:accent", "reports:look"),
        ("reports:logo", "reports:look"),
        ("credits:give", "credits:ledger"),
        ("credits:take", "credits:ledger"),
        ("credits:set_budget", "credits:rules"),
    ],
)
def test_a_refused_form_stays_on_its_page(as_alice, refused, page):
    answer = as_alice.post(reverse(refused), {"accent": "no colour"})
    assert answer.status_code == 422
    assert f'<a href="{reverse(page)}" aria-current="page">' in answer.content.decode()
