"""An organisation's own words for consent: edited in one language, kept with every consent, never put in a mouth."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, Organization
from privacy import actions
from privacy.forms import WordsForm
from privacy.models import Wording
from subjects.models import Consent
from tests.reading import in_one_line

PAGE = "/settings/consent-texts/"
OWN = "You may film me on our blue track and keep the film for my coaching."


def texts(organization, language="en") -> dict[str, str]:
    """What the page is filled with."""
    form = WordsForm(organization=organization, language=language)
    return {name: field.initial for name, field in form.fields.items()}


@pytest.fixture
def edit(organization, alice):
    def edit(text, purpose="measuring", language="en"):
        return actions.set_words(organization=organization, language=language, texts={purpose: text}, by=alice)

    return edit


@pytest.fixture
def link(runner, carol):
    def link(language="en", asked=("measuring",)):
        chosen = [actions.use_of(word) for word in asked]
        _, token = actions.ask_for_consent(subject=runner, chosen=chosen, language=language, by=carol)
        return f"/consent/{token}/"

    return link


def newest(runner) -> Consent:
    return runner.consents.newest_first().first()


# ── editing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_admin_edits_the_words_of_one_language(as_alice, alice, organization):
    page = in_one_line(as_alice.get(PAGE))
    assert "You may film me running" in page
    answer = as_alice.post(f"{PAGE}?language=en", texts(organization) | {"measuring": OWN}, follow=True)
    assert "The texts are kept. Whoever is asked from now on reads them." in in_one_line(answer)
    [made] = Wording.objects.all()
    assert (made.purpose, made.language, made.text, made.version, made.made_by) == (
        *("measuring", "en", OWN, "own-1-en"),
        alice,
    )
    about = AuditEntry.objects.filter(action="privacy_changed").values_list("about", flat=True)
    assert list(about) == ["consent text measuring: own-1-en"]
    assert OWN not in in_one_line(as_alice.get(f"{PAGE}?language=de"))


def test_saving_what_is_there_changes_nothing(as_alice, organization, edit):
    edit(OWN)
    answer = as_alice.post(f"{PAGE}?language=en", texts(organization), follow=True)
    assert "Nothing was different, so nothing was changed." in in_one_line(answer)
    assert Wording.objects.count() == 1


@pytest.mark.parametrize("back", ["", "shipped"])
def test_an_empty_text_brings_the_shipped_words_back(as_alice, organization, edit, link, back):
    shipped = texts(organization)
    edit(OWN)
    text = shipped["measuring"] if back else ""
    as_alice.post(f"{PAGE}?language=en", texts(organization) | {"measuring": text})
    assert [one.text for one in Wording.objects.all()] == ["", OWN]
    assert "You may film me running" in in_one_line(Client().get(link()))
    page = in_one_line(as_alice.get(PAGE))
    assert OWN in page  # among the earlier changes


def test_the_name_of_the_service_must_stay(as_alice, organization):
    changed = texts(organization) | {"outside": "You may send my films somewhere."}
    answer = as_alice.post(f"{PAGE}?language=en", changed)
    assert answer.status_code == 422
    assert "Keep [service] in this text: the runner has to know which service it is about." in in_one_line(answer)
    assert not Wording.objects.exists()


def test_only_admins_edit_and_only_their_own(as_carol, as_bob, as_charlie, edit):
    edit(OWN)
    assert as_carol.get(PAGE).status_code == 403
    assert as_bob.post(PAGE).status_code == 403
    assert OWN not in in_one_line(as_charlie.get(PAGE))


def test_the_page_opens_in_the_organisation_s_language(as_alice, organization):
    Organization.objects.filter(pk=organization.pk).update(language="fr")
    assert '<option value="fr" selected>' in in_one_line(as_alice.get(PAGE))
    assert '<option value="fr" selected>' in in_one_line(as_alice.get(f"{PAGE}?language=xx"))
    assert '<option value="ja" selected>' in in_one_line(as_alice.get(f"{PAGE}?language=ja"))


# ── agreeing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_consent_keeps_the_words_agreed_to_and_their_version(client, edit, link, runner):
    edit("You may send films of me to [service], on Tuesdays.", purpose="outside")
    address = link(asked=["outside:ochy"])
    assert "You may send films of me to Ochy, on Tuesdays." in in_one_line(client.get(address))
    client.post(address, {"outside:ochy": "yes", "giver": "runner", "read": "own-1-en"})
    edit("Other words about [service].", purpose="outside")
    kept = newest(runner)
    assert (kept.text, kept.text_version) == ("You may send films of me to Ochy, on Tuesdays.", "own-1-en")


def test_other_languages_keep_the_shipped_words(client, edit, link, runner):
    edit(OWN)
    client.post(link("de"), {"measuring": "yes", "giver": "runner", "read": "2026-11-de"})
    assert newest(runner).text_version == "2026-11-de"
    assert newest(runner).text.startswith("Sie dürfen mich")


def test_words_changed_while_somebody_reads_them_are_read_again(client, edit, link, runner):
    address = link()
    client.get(address)
    edit(OWN)
    answer = client.post(address, {"measuring": "yes", "giver": "runner", "read": "2026-11-en"})
    assert answer.status_code == 422
    said = "The words have changed since you opened this page. Read them once more, then keep your answers."
    assert said in in_one_line(answer)
    assert not runner.consents.exists()
    assert '<input type="hidden" name="read" value="own-1-en">' in in_one_line(answer)
    assert OWN in in_one_line(answer)
    client.post(address, {"measuring": "yes", "giver": "runner", "read": "own-1-en"})
    assert newest(runner).text == OWN


def test_a_yes_to_earlier_words_is_no_yes_to_the_new_ones(client, edit, link, runner, as_carol):
    address = link()
    client.post(address, {"measuring": "yes", "giver": "runner", "read": "2026-11-en"})
    assert "checked" in in_one_line(client.get(address)).partition("id_giver")[0]
    edit(OWN)
    assert "checked" not in in_one_line(client.get(address)).partition("id_giver")[0]
    page = f"/privacy/runners/{runner.code}/"
    assert "The words have changed since. Ask again if the new ones go further." in in_one_line(as_carol.get(page))
    client.post(address, {"measuring": "yes", "giver": "runner", "read": "own-1-en"})
    assert [one.text_version for one in runner.consents.newest_first()] == ["own-1-en", "2026-11-en"]
    assert "The words have changed since." not in in_one_line(as_carol.get(page))


def test_a_consent_to_earlier_words_still_counts(edit, order, runner, organization, carol):
    Organization.objects.filter(pk=organization.pk).update(consent_for="everything")
    runner.refresh_from_db()
    actions.record_consent(subject=runner, use=actions.use_of("measuring"), giver="runner", way="paper", by=carol)
    edit(OWN)
    assert order(subject=runner).pk


def test_paper_keeps_the_words_of_the_day_it_was_signed(edit, runner, carol):
    edit(OWN)
    Wording.objects.update(made_at=timezone.now() - timedelta(days=10))
    edit("The words of today.")
    use, today = actions.use_of("measuring"), timezone.localdate()
    for days, version in ((20, "2026-11-en"), (5, "own-1-en"), (0, "own-2-en")):
        consent = actions.record_consent(
            subject=runner, use=use, giver="runner", given_on=today - timedelta(days=days), way="paper", by=carol
        )
        assert consent.text_version == version


def test_the_words_to_be_signed_are_the_house_s_own(as_carol, edit, runner):
    edit(OWN)
    assert OWN in in_one_line(as_carol.get(f"/privacy/runners/{runner.code}/consent/"))
