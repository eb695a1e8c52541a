"""The record says in the reader's language what an entry is about; what it keeps stays in the words of its proof."""

from __future__ import annotations

import pytest
from django.utils import translation

from accounts.actions import ask_for_second_factor, set_alert_addresses, set_organization
from accounts.models import AuditEntry
from analyses.actions import choose_service, choose_service_for, set_habit
from api.actions import add_endpoint, end_token, make_token, remove_endpoint
from api.forms import EVENTS as EVENTS_TOLD
from api.models import Scope
from credits import ledger
from credits.actions import change_rules, remove_budget, set_budget
from credits.models import Budget
from privacy.actions import record_consent, set_local_only, set_retention, set_rules, uses
from privacy.deeds import EVENTS, FORMS, SCOPES, in_words
from reports.actions import set_accent
from subjects.actions import archive_subject, note_change
from subjects.groups import delete_group, keep_coaches_to_groups, save_group, set_coaches
from subjects.models import Group

A = AuditEntry.Action


def told(action, about, language="de"):
    with translation.override(language):
        return in_words(AuditEntry(action=action, about=about))


@pytest.mark.parametrize(
    ("action", "about", "words"),
    [
        (A.MEMBER_INVITED, "new@example.com · coach · Squad · Juniors", "new@example.com · Coach · Squad · Juniors"),
        (A.MEMBER_SUSPENDED, "bob@example.com · readmitted", "bob@example.com · wieder zugelassen"),
        (A.GROUPS_CHANGED, "Squad · carol@example.com added", "Squad · carol@example.com · hinzugefügt"),
        (A.CREDITS_ASKED, "two admins: no longer", "Niemand sonst muss mehr zustimmen."),
        (A.CREDITS_DECIDED, "agreed: +50 · Testing week: autumn", "zugestimmt: +50 · Testing week: autumn"),
        (A.CREDITS_DECIDED, "given back: 1 · Nobody in the film", "Erstattet: 1 · Nobody in the film"),
        (A.CHANGED, "name, height_m, groups", "Name, Größe (m), Gruppen"),
        (A.CHANGED, "taken back", "wieder in der Liste"),
        (A.SHARED, "side_view · 2026-11-23", "Seitenansicht · 23. Nov. 2026"),
        (A.SHARED, "Side view · 2026-11-23", "Seitenansicht · 23. Nov. 2026"),
        (A.REPORTED, "runner · 2026-11-23", "Für den Läufer, eine Seite · 23. Nov. 2026"),
        (A.EXPORTED, "numbers · 2026-11-23", "Zahlen (CSV) · 23. Nov. 2026"),
        (A.EXPORTED, "credits used in 2026-11 by person as CSV", "Credits, November 2026 · Nach Person (CSV)"),
        (A.ERASED, "412 rows", "Entfernte Zeilen: 412"),
        (A.REMOVED, "3 originals · 12 numbers", "Originalfilme: 3 · Zahlen: 12"),
        (A.CONSENT_ASKED, "measuring, outside:ochy, sharing", "Messen hier, Messen bei Ochy, Teilen per Link"),
        (A.PROVIDER_CHANGED, "Built-in engine · Squad", "Eingebauter Messdienst · Squad"),
        (A.PROVIDER_CHANGED, "as usual", "Wie die Organisation"),
        (A.PROVIDER_CHANGED, "ochy · continued", "Ochy · geht weiter"),
        (
            A.TOKEN_CHANGED,
            "Calendar · made · order, credits · 90 days",
            "Calendar · erstellt · Analysen beauftragen · Die Credits lesen · 90 Tage",
        ),
        (
            A.ENDPOINT_CHANGED,
            "hooks.example.com · added · analysis.failed, runner.erased",
            "hooks.example.com · hinzugefügt · Eine Analyse ist gescheitert · Ein Läufer wurde endgültig gelöscht",
        ),
        (A.ENDPOINT_CHANGED, "hooks.example.com · new secret", "hooks.example.com · Neues Geheimnis"),
    ],
)
def test_it_is_told_in_the_readers_language(action, about, words):
    assert told(action, about) == words


@pytest.mark.parametrize(
    ("action", "about"),
    [
        (A.CREDITS_GIVEN, "+25 · Autumn pack, removed later"),
        (A.NAME_CHANGED, "coach → admin"),
        (A.GROUPS_CHANGED, "removed"),
        (A.EXPORTED, "words of a version to come"),
        (A.SHARED, "%(name)s · 100 %"),
        (A.SIGN_IN, ""),
    ],
)
def test_what_has_no_form_is_shown_as_it_was_written(action, about):
    assert told(action, about) == about


@pytest.mark.parametrize(("labels", "known"), [(SCOPES, Scope.choices), (EVENTS, EVENTS_TOLD)])
def test_the_record_knows_what_a_token_may_do_and_what_is_told_outside(labels, known):
    assert list(labels.items()) == known


def test_every_entry_that_is_made_has_a_form(organization, alice, bob, runner):
    """Else its words would stay English on a German page, and nobody would see it."""
    about = {"organization": organization, "by": alice}
    member = organization.memberships.get(user=bob)
    ask_for_second_factor(needed=True, **about)
    set_organization(name="Club", language="de", units="metric", **about)
    set_alert_addresses(addresses=[], **about)
    set_rules(consent_for="leaving", consent_age=16, **about)
    set_retention(originals_months=3, copies_months=3, numbers_months=None, **about)
    set_habit(view="side_view", treadmill=True, pace_s_per_km=300, **about)
    set_accent(accent="#0d5c63", **about)
    keep_coaches_to_groups(wanted=True, **about)
    group = save_group(group=Group(organization=organization, name="Squad"), by=alice)
    set_coaches(group=group, members=[member], by=alice)
    delete_group(group=group, by=alice)
    ledger.give(amount=5, reason="A pack", **about)
    change_rules(low_at=3, agreed_above=None, **about)
    remove_budget(
        budget=set_budget(budget=Budget(organization=organization, member=member), limit=9, by=alice), by=alice
    )
    choose_service(kind="ochy", key="k", **about)
    choose_service_for(whom=runner, kind="engine", by=alice)
    record_consent(subject=runner, use=uses()[0], giver="runner", way="paper", by=alice)
    set_local_only(subject=runner, local_only=True, by=alice)
    note_change(subject=runner, what=["height_m"], by=alice)
    archive_subject(subject=runner, by=alice)
    token, _secret = make_token(membership=organization.memberships.get(user=alice), name="T", scopes=["read"], days=90)
    end_token(token=token, by=alice)
    endpoint, _secret = add_endpoint(url="https://hooks.example/", events=[], **about)
    remove_endpoint(endpoint=endpoint, by=alice)
    entries = AuditEntry.objects.filter(organization=organization)
    free = {A.CREDITS_GIVEN, A.SIGN_IN, A.GROUPS_CHANGED}
    unknown = [
        (one.action, one.about)
        for one in entries
        if one.action not in free and not any(form.fullmatch(one.about) for form, _words in FORMS[one.action])
    ]
    assert entries.count() > 24
    assert unknown == []


def test_the_page_tells_it_and_the_table_keeps_it(as_alice, alice, organization):
    ask_for_second_factor(organization=organization, needed=True, by=alice)
    ask_for_second_factor(organization=organization, needed=False, by=alice)
    page = as_alice.get("/members/audit/", HTTP_ACCEPT_LANGUAGE="de").content.decode()
    assert "Ein zweiter Faktor ist allen freigestellt." in page
    assert "second factor not needed" not in page
    assert b"second factor not needed" in as_alice.get("/members/audit.csv").getvalue()
