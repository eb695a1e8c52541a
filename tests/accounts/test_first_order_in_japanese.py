"""From the invitation to the first order in another script: no English word is left on the way."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client

from accounts.models import Organization
from analyses import jobs
from analyses.models import Analysis, ProviderAccount

BESIDE = ("aria-label", "aria-description", "title", "placeholder", "alt")
# Names, what people typed, and what is written so in every script.
NAMES = {
    *("Coachportal", "Alice", "Dana", "Runner", "Zoe", "run", "AVI", "MOV", "WEBM", "CSV", "PDF", "JPEG", "PNG"),
    *("Ochy", "Webhook", "JavaScript", "Enter", "min", "mile", "openapi", "json"),
    *("English", "Deutsch", "Español", "Français", "Italiano", "Português"),
}
PAGES = [
    *("/accounts/2fa/", "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/", "/accounts/sessions/"),
    *("/accounts/password/change/", "/you/", "/tokens/", "/nowhere/", "/members/", "/reports/"),
    *("/runners/", "/runners/new/", "/runners/groups/", "/runners/import/", "/upload/", "/upload/several/"),
]
MISTAKES = [
    *({"clip": ""}, {"runner": ""}, {"runner": "new", "new_name": ""}, {"view": ""}, {"treadmill": "0"}),
    *({"pace": ""}, {"pace": "quick"}, {"pace": "40:00"}, {"height_m": "175"}, {"weight_kg": "heavy"}),
]


def read(page: str) -> list[str]:
    """What a person reads or hears of a page: its words, and those beside its fields and buttons."""
    page = re.sub(r"<(script|style|template)\b.*?</\1>|<!--.*?-->", " ", page, flags=re.DOTALL)
    beside = re.findall(rf'\s(?:{"|".join(BESIDE)})="([^"]*)"', page)
    told = re.findall(r'\sdata-[a-z-]+="([^"]*\s[^"]*)"', page)
    return [html.unescape(one) for one in (*re.sub(r"<[^>]*>", "\n", page).split("\n"), *beside, *told)]


def english(page: str) -> set[str]:
    """The texts that hold a word in Latin letters which is no name."""
    found = set()
    for text in read(page):
        plain = re.sub(r"[\w.+-]+@[\w.-]+|https?://\S+|Track club", "", text)
        if set(re.findall(r"[A-Za-zÀ-ÿ]{3,}", plain)) - NAMES:
            found.add(text.strip())
    return found


@pytest.fixture
def look():
    """Look at an answer for English words; return its text."""

    def look(answer, status=200) -> str:
        page = answer.content.decode()
        if answer["Content-Type"].startswith("application/json"):
            told = answer.json()
            text = told.get("html") or told["text"]
        else:
            text = page
        assert (answer.status_code, english(text)) == (status, set())
        return page

    return look


@pytest.fixture
def dana(as_alice, organization, settings):
    """Somebody invited by a Japanese house, before the link was followed; return their browser and the link."""
    Organization.objects.filter(pk=organization.pk).update(language="ja")
    page = as_alice.post("/members/invite/", {"email": "dana@example.com", "role": "coach"}).content.decode()
    link = re.search(r"data-link>([^<]+)<", page)[1].removeprefix(settings.PUBLIC_URL)
    return Client(HTTP_ACCEPT_LANGUAGE="ja"), link


@pytest.fixture
def joined(dana):
    client, link = dana
    client.post(link, {"name": "Dana", "password": "far away and long ago"})
    return client


@pytest.fixture
def typed(clip, runner, engine_account, monkeypatch):
    """A filled-in order; nobody works on it."""
    monkeypatch.setattr(jobs, "hint", lambda analysis: None)
    return {"clip": str(clip.code), "runner": str(runner.code), "view": "side_view", "treadmill": "1", "pace": "6:00"}


def test_somebody_is_invited_and_joins(dana, as_alice, look, mailoutbox):
    client, link = dana
    assert english(f"{mailoutbox[0].subject}\n{mailoutbox[0].body}") == set()
    look(as_alice.get("/members/"))
    look(as_alice.post("/members/invite/", {"email": "dana@example.com", "role": "coach"}), 422)
    look(client.get(link))
    for typed in ({"name": "", "password": "short"}, {"name": "Dana", "password": "password"}):
        look(client.post(link, typed), 422)
    look(client.post(link, {"name": "Dana", "password": "far away and long ago"}, follow=True))
    look(client.get(link), 404)


@pytest.mark.parametrize("page", PAGES)
def test_a_new_coach_looks_around(joined, look, page):
    look(joined.get(page), {"/nowhere/": 404, "/members/": 403}.get(page, 200))


def test_a_film_is_ordered_and_the_order_taken_back(joined, look, typed, organization):
    look(joined.post("/films/begin/", {"name": "", "size": 0}), 422)
    look(joined.get(f"/films/{typed['clip']}/checks/", {"view": "side_view", "treadmill": "0"}))
    for mistake in MISTAKES:
        look(joined.post("/upload/", typed | mistake), 422)
    look(joined.get("/upload/several/film/", typed | {"pace": ""}))
    look(joined.get("/upload/runners/", {"q": "Zoe"}))
    ochy = ProviderAccount.objects.create(organization=organization, kind="ochy")
    look(joined.get("/upload/price/", {"runner": typed["runner"]}))
    look(joined.post("/upload/", typed), 409)
    ochy.delete()
    look(joined.post("/upload/", typed, follow=True))
    analysis = f"/analyses/{Analysis.objects.get().code}/"
    for page in (f"{analysis}status/", "/", f"/runners/{typed['runner']}/"):
        look(joined.get(page))
    look(joined.post(f"{analysis}cancel/", follow=True))


def test_a_runner_is_asked_for_consent_and_agrees(joined, look, typed, organization):
    Organization.objects.filter(pk=organization.pk).update(consent_for="everything")
    look(joined.get("/upload/", {"runner": typed["runner"]}))
    look(joined.post("/upload/", typed), 422)
    privacy = f"/privacy/runners/{typed['runner']}/"
    look(joined.get(privacy))
    asked = look(joined.post(f"{privacy}ask/", {"purposes": ["measuring"], "language": "ja"}), 201)
    consent = re.search(r"/consent/[\w-]+/", asked)[0]
    phone = Client(HTTP_ACCEPT_LANGUAGE="en")
    page = look(phone.get(consent))
    look(phone.post(consent, {"measuring": "yes"}), 422)
    version = html.unescape(re.search(r'name="read" value="([^"]*)"', page)[1])
    look(phone.post(consent, {"measuring": "yes", "giver": "runner", "read": version}, follow=True))
    look(joined.get(privacy))
    look(joined.post("/upload/", typed, follow=True))
