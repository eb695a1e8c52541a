"""What every page owes: contrast, nothing inline, its own words for each error, and sign-in in our own look."""

from __future__ import annotations

import re
from itertools import product

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client
from django.views.defaults import server_error
from PIL import Image

from coachportal.templatetags.portal import icon

TOKENS = (settings.BASE / "static" / "css" / "tokens.css").read_text()
TEMPLATES = sorted((settings.BASE / "templates").rglob("*.html"))
AA = 4.5  # WCAG 2.2, 1.4.3

TEXT_ON = [
    *product(("ink", "ink-2", "ink-3", "accent", "good", "okay", "bad", "left", "right"), ("page", "surface")),
    *product(("ink", "ink-2", "ink-3"), ("sunken", "accent-soft")),
    *((word, f"{word}-soft") for word in ("good", "okay", "bad", "accent")),
    ("accent-ink", "accent"),
    ("bad-ink", "bad"),
    ("film-ink-2", "film"),
]


def colours(dark: bool) -> dict[str, str]:
    light, _, night = TOKENS.partition("@media (prefers-color-scheme: dark)")
    found = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", light))
    return found | (dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", night)) if dark else {})


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_stands_out_from_its_ground(text, ground, dark):
    known = colours(dark)
    low, high = sorted((luminance(known[text]), luminance(known[ground])))
    assert (high + 0.05) / (low + 0.05) >= AA


def test_every_icon_that_is_named_is_in_the_set():
    named = {name for path in TEMPLATES for name in re.findall(r'{% icon "([^"]+)"', path.read_text())}
    assert len(named) > 30
    for name in sorted(named):
        assert icon(name).startswith("<svg")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE / "templates")))
def test_no_template_holds_what_the_content_policy_forbids(path):
    text = path.read_text()
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=\"|javascript:|hx-on", text)
    assert not re.search(r"<script(?![^>]*\s(src=|type=\"application/json\"))", text)  # what is told is no script


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE / "templates")))
def test_no_template_loads_from_another_host(path):
    assert not re.search(r"(src|href|action)=\"(https?:)?//", path.read_text())


def test_sign_in_has_our_look_and_says_what_was_wrong(client, alice):
    assert "<h1>Sign in</h1>" in client.get("/accounts/login/").content.decode()
    answer = client.post("/accounts/login/", {"login": alice.email, "password": "wrong"})
    assert "form-wrong" in answer.content.decode()
    assert "Coachportal" in answer.content.decode()


def test_signing_in_leads_to_the_inbox_and_out_again(client, alice):
    answer = client.post("/accounts/login/", {"login": "ALICE@example.com", "password": "a long password"}, follow=True)
    assert "<h1>Inbox</h1>" in answer.content.decode()
    assert "notices" not in answer.content.decode()
    assert "<h1>Sign in</h1>" in client.post("/accounts/logout/", follow=True).content.decode()


@pytest.mark.parametrize(
    "url",
    ["/accounts/password/reset/", "/accounts/password/reset/done/", "/accounts/signup/", "/accounts/inactive/"],
)
def test_the_pages_around_sign_in_have_our_look(client, db, url):
    answer = client.get(url)
    assert answer.status_code == 200
    assert 'class="alone"' in answer.content.decode()


@pytest.mark.parametrize("url", ["/accounts/password/change/", "/accounts/logout/"])
def test_the_pages_of_one_s_account_have_our_look(as_alice, url):
    answer = as_alice.get(url)
    assert answer.status_code == 200
    assert 'class="alone"' in answer.content.decode()


def test_a_telephone_and_a_messenger_have_a_picture_of_the_portal(client, db):
    page = client.get("/accounts/login/").content.decode()
    picture = re.search(r'<link rel="apple-touch-icon" href="/static/(.+?)">', page)
    assert picture
    with Image.open(settings.BASE / "static" / picture[1]) as opened:
        assert opened.size == (180, 180)
        assert "transparency" not in opened.info  # there, what is transparent is black


def test_nobody_signs_up_alone(client, db):
    assert "Nobody can sign up on their own here." in client.get("/accounts/signup/").content.decode()


def test_what_is_not_there_says_so(as_alice):
    answer = as_alice.get("/nowhere/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


def test_what_is_not_allowed_says_who_can_change_that(as_bob):
    answer = as_bob.get("/credits/")
    assert answer.status_code == 403
    assert "Your role here does not allow it. An admin of your organisation can change that." in answer.content.decode()


def test_a_form_kept_open_too_long_says_what_to_do(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    answer = client.post("/runners/new/", {"name": "Runner 77"})
    assert answer.status_code == 403
    text = "Nothing was changed. Go back, load the page again and repeat the last step."
    assert text in answer.content.decode()


def test_a_fault_of_ours_has_a_page_that_needs_nothing(alice, monkeypatch):
    def broken(*_):
        raise RuntimeError("a fault")

    monkeypatch.setattr("subjects.views.runners.groups_of", broken)
    client = Client(raise_request_exception=False)
    client.force_login(alice)
    answer = client.get("/runners/")
    assert answer.status_code == 500
    assert "What you had saved is kept, and the fault is on record." in answer.content.decode()
    assert "a fault" not in answer.content.decode()


def test_the_page_of_a_fault_needs_neither_a_database_nor_the_list_of_static_files(rf, settings, tmp_path):
    settings.DEBUG = False
    settings.STATIC_ROOT = tmp_path  # nothing was collected
    settings.STORAGES |= {"staticfiles": {"BACKEND": "coachportal.static.NamedByContent"}}
    with pytest.raises(ValueError, match="Missing staticfiles manifest entry"):
        render_to_string("404.html")
    answer = server_error(rf.get("/"))
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "What you had saved is kept, and the fault is on record." in page
    # The plain names are served beside those that change with the content.
    named = re.findall(r'(?:href|src)="/static/([^"]+)"', page)
    assert len(named) > 5
    assert [name for name in named if not (settings.BASE / "static" / name).exists()] == []


def test_the_style_page_is_for_development_only(client, db, settings):
    assert client.get("/style/").status_code == 404
    settings.DEBUG = True
    assert client.get("/style/").status_code == 200


def test_every_page_sends_the_strict_content_policy(as_alice):
    policy = as_alice.get("/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
