"""What a person sets for themselves: name, language and units, on every device."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import Resolver404
from django.utils.functional import SimpleLazyObject

from accounts import alerts
from accounts.models import AuditEntry, Organization, User
from accounts.views.you import not_found
from subjects.models import Subject
from tests.reading import shown

PAGE = "/you/"
GERMAN_BROWSER = {"HTTP_ACCEPT_LANGUAGE": "de"}


def language_of(answer) -> str:
    return shown(answer).partition('<html lang="')[2].partition('"')[0]


def choose(user: User, **chosen: str) -> None:
    User.objects.filter(pk=user.pk).update(**chosen)


def house_chooses(organization: Organization, **chosen: str) -> None:
    Organization.objects.filter(pk=organization.pk).update(**chosen)


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", ["as_alice", "as_carol", "as_bob"])
def test_everybody_chooses_for_themselves(who, request, organization):
    client = request.getfixturevalue(who)
    answer = client.post(PAGE, {"name": "Carol", "language": "de", "units": "imperial"}, follow=True)
    assert language_of(answer) == "de"
    kept = User.objects.get(pk=client.session["_auth_user_id"])
    assert (kept.language, kept.units) == ("de", "imperial")
    assert User.objects.exclude(pk=kept.pk).filter(language="de").count() == 0


def test_what_is_said_of_it_is_in_the_language_just_chosen(as_carol):
    german = as_carol.post(PAGE, {"name": "Carol", "language": "de"}, follow=True)
    assert "Die Einstellungen sind gespeichert." in shown(german)
    back = as_carol.post(PAGE, {"name": "Carol", "language": "", "units": ""}, follow=True)
    assert "The settings are kept." in shown(back)


def test_each_language_is_named_in_its_own_words(as_carol):
    page = shown(as_carol.get(PAGE))
    for name in ("Deutsch", "Français", "日本語", "한국어", "Português"):
        assert f">{name}</option>" in page
    assert '<a href="/you/">' in page


def test_a_language_there_is_not_is_refused(as_carol, carol):
    answer = as_carol.post(PAGE, {"name": "Carol", "language": "xx", "units": "stone"})
    assert answer.status_code == 422
    assert "Select a valid choice. xx is not one of the available choices." in shown(answer)
    carol.refresh_from_db()
    assert (carol.language, carol.units) == ("", "")


def test_a_new_name_stands_everywhere_at_once_and_the_record_knows_the_old_one(as_carol, as_alice, carol, runner):
    elsewhere = Organization.objects.create(name="Zebras")
    carol.memberships.create(organization=elsewhere, role="coach")
    as_carol.post(f"/runners/{runner.code}/note/", {"text": "Quieter arms."})
    answer = as_carol.post(PAGE, {"name": " Carol Lindqvist ", "language": "", "units": ""}, follow=True)
    assert "The settings are kept." in shown(answer)
    assert "Your account, Carol Lindqvist" in shown(answer)
    for page in ("/members/", "/members/audit/", f"/runners/{runner.code}/"):
        text = shown(as_alice.get(page))
        assert "Carol Lindqvist" in text
        assert ">Carol<" not in text
    noted = AuditEntry.objects.filter(action="name_changed", about="Carol → Carol Lindqvist", by=carol)
    assert {one.organization.name for one in noted} == {"Track club", "Zebras"}


def test_a_name_that_stays_is_no_line_in_the_record(as_carol):
    as_carol.post(PAGE, {"name": "Carol", "language": "fr"})
    assert not AuditEntry.objects.filter(action="name_changed").exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("  ", "This field is required."), ("x" * 121, "Ensure this value has at most 120 characters (it has 121).")],
)
def test_a_person_keeps_a_name_that_fits(as_carol, carol, typed, sentence):
    answer = as_carol.post(PAGE, {"name": typed, "language": "de"})
    assert answer.status_code == 422
    assert sentence in shown(answer)
    carol.refresh_from_db()
    assert (carol.name, carol.language) == ("Carol", "")


# ── who decides ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_person_goes_before_the_organisation_and_that_before_the_browser(as_carol, carol, organization):
    assert language_of(as_carol.get("/runners/", **GERMAN_BROWSER)) == "de"
    house_chooses(organization, language="fr")
    assert language_of(as_carol.get("/runners/", **GERMAN_BROWSER)) == "fr"
    choose(carol, language="it")
    assert language_of(as_carol.get("/runners/", **GERMAN_BROWSER)) == "it"


def test_it_holds_on_every_device(carol):
    choose(carol, language="ja")
    another = Client()
    another.force_login(carol)
    assert language_of(another.get("/runners/", **GERMAN_BROWSER)) == "ja"


@pytest.mark.parametrize("url", ["/accounts/2fa/", "/accounts/password/change/", "/accounts/sessions/"])
def test_the_pages_about_signing_in_follow_it(as_carol, carol, organization, url):
    house_chooses(organization, language="fr")
    assert language_of(as_carol.get(url, follow=True)) == "fr"
    choose(carol, language="de")
    assert language_of(as_carol.get(url, follow=True)) == "de"


def test_a_refusal_follows_it(as_carol, carol):
    choose(carol, language="de")
    answer = as_carol.get("/settings/")
    assert (answer.status_code, language_of(answer)) == (403, "de")


def test_an_address_that_leads_nowhere_is_answered_in_it(as_carol, carol, client):
    choose(carol, language="de")
    answer = as_carol.get("/nowhere/at/all/")
    assert (answer.status_code, language_of(answer)) == (404, "de")
    assert "Hier ist nichts" in shown(answer)
    nobody = client.get("/nowhere/at/all/", HTTP_ACCEPT_LANGUAGE="fr")
    assert (nobody.status_code, language_of(nobody)) == (404, "fr")


def test_whoever_is_not_signed_in_costs_an_address_that_leads_nowhere_no_query(db, client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/nowhere/at/all/").status_code == 404


def test_the_page_for_what_is_not_there_needs_no_database(rf):
    def away():
        raise OperationalError("the database is away")

    request = rf.get("/nowhere/at/all/", HTTP_COOKIE="sessionid=somebody")
    request.user = SimpleLazyObject(away)
    answer = not_found(request, Resolver404())
    assert answer.status_code == 404
    assert "There is nothing here" in shown(answer)


def test_a_person_of_two_organisations_reads_each_as_it_wants(as_carol, carol, organization):
    other = Organization.objects.create(name="Zebras", language="es", units="imperial")
    carol.memberships.create(organization=other, role="coach")
    assert language_of(as_carol.get("/runners/")) == "en"
    as_carol.post(f"/switch/{other.code}/")
    assert language_of(as_carol.get("/runners/")) == "es"


def test_the_next_person_in_the_same_process_reads_their_own(as_carol, carol, as_bob):
    choose(carol, language="de")
    as_carol.get("/runners/")
    assert language_of(as_bob.get("/runners/")) == "en"


# ── mail ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_mail_about_the_organisation_is_in_the_language_of_who_gets_it(as_alice, alice, organization, mailoutbox):
    house_chooses(organization, language="fr", alert_addresses=["Alice@example.com", "desk@example.com"])
    choose(alice, language="de")
    as_alice.post("/settings/alerts/test/")
    assert {mail.to[0]: mail.subject for mail in mailoutbox} == {
        "Alice@example.com": "Test-E-Mail von Track club",
        "desk@example.com": "E-mail de test de Track club",
    }


def test_alerts_to_people_nobody_knows_are_in_the_portal_s_first_language(organization, mailoutbox):
    house_chooses(organization, alert_addresses=["desk@example.com"])
    organization.refresh_from_db()
    alerts.tell(organization=organization, write=lambda: ("Subject", "Text"))
    assert [mail.subject for mail in mailoutbox] == ["Subject"]


def test_an_invitation_to_somebody_known_is_in_their_language(as_alice, charlie, organization, mailoutbox):
    house_chooses(organization, language="fr")
    choose(charlie, language="de")
    as_alice.post("/members/invite/", {"email": charlie.email, "role": "coach"})
    assert mailoutbox[0].subject == "Track club lädt Sie zu Coachportal ein"


def test_a_new_password_is_sent_in_the_person_s_language(client, carol, mailoutbox):
    client.post("/accounts/password/reset/", {"email": carol.email})
    choose(carol, language="de")
    client.post("/accounts/password/reset/", {"email": carol.email})
    assert len({mail.subject for mail in mailoutbox}) == 2
    assert "Passwort" in mailoutbox[1].subject


# ── units ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def imperial(carol):
    choose(carol, units="imperial")


def test_units_follow_the_person_first(as_carol, as_bob, runner, organization, imperial):
    url = f"/runners/{runner.code}/"
    assert "<span>5 ft 9 in</span><span>149.9 lb</span>" in shown(as_carol.get(url))
    assert "<span>1.75 m</span><span>68.0 kg</span>" in shown(as_bob.get(url))
    house_chooses(organization, units="imperial")
    assert "<span>5 ft 9 in</span>" in shown(as_bob.get(url))


def test_a_metric_person_stays_metric_in_an_imperial_house(as_carol, carol, runner, organization):
    house_chooses(organization, units="imperial")
    choose(carol, units="metric")
    assert "<span>1.75 m</span><span>68.0 kg</span>" in shown(as_carol.get(f"/runners/{runner.code}/"))


def test_the_runner_s_form_is_in_their_units(as_carol, runner, imperial):
    page = shown(as_carol.get(f"/runners/{runner.code}/edit/"))
    assert 'value="5 ft 9 in"' in page
    assert 'value="149.9"' in page
    assert '<span class="unit" aria-hidden="true">lb</span>' in page


def test_what_was_only_looked_at_is_not_changed_by_its_rounding(as_carol, runner, imperial):
    sent = {"name": runner.name, "height_m": "5 ft 9 in", "weight_kg": "149.9", "notes": "new shoes"}
    as_carol.post(f"/runners/{runner.code}/edit/", sent)
    runner.refresh_from_db()
    assert (runner.height_m, runner.weight_kg, runner.notes) == (1.75, 68, "new shoes")


def test_feet_and_pounds_need_no_unit_from_who_thinks_in_them(as_carol, imperial):
    as_carol.post("/runners/new/", {"name": "Zoe", "height_m": "69", "weight_kg": "150"})
    as_carol.post("/runners/new/", {"name": "Ada", "height_m": "1.75", "weight_kg": "68 kg"})
    zoe, ada = Subject.objects.get(name="Zoe"), Subject.objects.get(name="Ada")
    assert (zoe.height_m, zoe.weight_kg) == (1.753, 68.0)
    assert (ada.height_m, ada.weight_kg) == (1.75, 68.0)


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("height_m", "tall", "Write the height as 5 ft 9."),
        ("height_m", "9 ft 2", "Write the height as 5 ft 9."),
        ("weight_kg", "heavy", "Type a number, such as 68.5."),
        ("weight_kg", "12", "A weight is between 45 and 660 pounds."),
    ],
)
def test_a_mistake_is_answered_in_their_units(as_carol, imperial, field, typed, sentence):
    answer = as_carol.post("/runners/new/", {"name": "Zoe", field: typed})
    assert answer.status_code == 422
    assert sentence in shown(answer)


def test_the_order_s_form_is_in_their_units(as_carol, runner, order, imperial):
    order()  # on a belt, 6:00 /km
    page = shown(as_carol.get("/upload/", {"runner": str(runner.code)}))
    for part in ('value="5 ft 9 in"', 'value="149.9"', 'value="9:39"', 'placeholder="8:51"', ">/mi</span>"):
        assert part in page
    for part in ('data-height="5 ft 9 in"', 'data-weight="149.9"', 'data-pace="9:39"'):
        assert part in page
    assert "As 8:51 per mile, or as the belt shows it: 6.8 mph." in page
    assert "Without them 5 ft 7 in and 154 lb are used" in page


def test_an_order_in_miles_is_kept_metric(as_carol, runner, clip, imperial):
    sent = {"runner": str(runner.code), "clip": str(clip.code), "view": "side_view", "treadmill": "1"}
    wrong = as_carol.post("/upload/", sent | {"pace": "quick"})
    assert "Write the pace as 8:51, or the speed as 6.8 mph." in shown(wrong)
    missing = as_carol.post("/upload/", sent)
    assert "Type the pace of the belt: 8:51, or 6.8 mph." in shown(missing)
    walking = as_carol.post("/upload/", sent | {"pace": "40:00"})
    assert "Enter the treadmill’s pace between 3:13 /mi and 32:11 /mi." in shown(walking)
    as_carol.post("/upload/", sent | {"pace": "8:51", "height_m": "5 ft 9 in", "weight_kg": "150"})
    analysis = runner.analyses.get()
    assert analysis.pace_s_per_km == 330
    assert (analysis.height_m, analysis.weight_kg) == (1.75, 68.0)


def test_a_row_of_several_films_is_in_their_units(as_carol, clip, runner, engine_account, imperial):
    chosen = {"clip": str(clip.code), "runner": str(runner.code), "view": "side_view", "treadmill": "1"}
    asked = shown(as_carol.get("/upload/several/film/", chosen))
    assert "Type the pace of the belt: 8:51, or 6.8 mph." in asked
    as_carol.post("/upload/several/order/", chosen | {"pace": "8:51"})
    assert runner.analyses.get().pace_s_per_km == 330
