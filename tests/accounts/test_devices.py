"""Where one is signed in, in words a person knows, and with what one signs in there."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from accounts.devices import device_of, is_mobile

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 Version/26.0 Mobile Safari/604.1"
PIXEL = "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 Chrome/156.0.0.0 Mobile Safari/537.36"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0"
FIREFOX = "Mozilla/5.0 (Macintosh; Intel Mac OS X 15.7; rv:150.0) Gecko/20100101 Firefox/150.0"


@pytest.mark.parametrize(
    ("user_agent", "words", "in_the_hand"),
    [
        (CHROME, "Chrome · Linux", False),
        (IPHONE, "Safari · iPhone", True),
        (PIXEL, "Chrome · Android", True),
        (EDGE, "Edge · Windows", False),
        (FIREFOX, "Firefox · Mac", False),
        ("curl/8.5.0", "curl", False),
        ("", "", False),
    ],
)
def test_a_browser_is_told_in_two_words(user_agent, words, in_the_hand):
    assert (device_of(user_agent), is_mobile(user_agent)) == (words, in_the_hand)


def test_the_page_names_each_place_and_marks_this_one(client, alice):
    answer = client.post(
        "/accounts/login/", {"login": alice.email, "password": "a long password"}, headers={"user-agent": CHROME}
    )
    assert answer.status_code == 302
    page = client.get("/accounts/sessions/", headers={"user-agent": CHROME}).content.decode()
    assert "Chrome · Linux" in page
    assert page.count("this one") == 1
    assert "AppleWebKit" not in page


def test_who_signs_out_everywhere_else_stays_and_the_others_are_out(alice):
    typed = {"login": alice.email, "password": "a long password"}
    here, lost = Client(), Client()
    for browser in (here, lost):
        browser.post("/accounts/login/", typed)
        assert browser.get("/runners/").status_code == 200
    page = here.get("/accounts/sessions/").content.decode()
    assert "Sign out everywhere else" in page
    here.post("/accounts/sessions/")
    assert here.get("/runners/").status_code == 200
    assert lost.get("/runners/")["Location"] == "/accounts/login/?next=/runners/"


def test_the_second_factor_s_page_says_what_is_on_and_what_can_be_set_up(as_alice, alice):
    page = as_alice.get("/accounts/2fa/").content.decode()
    assert "Set up" in page
    assert "Recovery codes" not in page
    TOTP.activate(alice, generate_totp_secret())
    RecoveryCodes.activate(alice)
    Authenticator.objects.create(user=alice, type="webauthn", data={"name": "Laptop", "credential": {}})
    page = as_alice.get("/accounts/2fa/").content.decode()
    assert "Switch off" in page
    assert "Recovery codes" in page
    listed = as_alice.get("/accounts/2fa/webauthn/").content.decode()
    assert "Laptop" in listed
    assert 'aria-label="Remove Laptop"' in listed


@pytest.mark.parametrize(
    ("host", "offered"),
    [("portal.example", True), ("localhost:8000", True), ("127.0.0.1:8000", False), ("[::1]:8000", False)],
)
def test_a_passkey_is_offered_only_where_a_browser_takes_one(client, alice, settings, host, offered):
    settings.ALLOWED_HOSTS = ["*"]
    page = client.get("/accounts/login/", HTTP_HOST=host).content.decode()
    assert ("Sign in with a passkey" in page) is offered
    assert ("webauthn" in page) is offered
    client.force_login(alice)
    assert ("<h2>Passkeys" in client.get("/accounts/2fa/", HTTP_HOST=host).content.decode()) is offered


def test_passkeys_there_are_can_be_removed_from_anywhere(as_alice, alice, settings):
    settings.ALLOWED_HOSTS = ["*"]
    Authenticator.objects.create(user=alice, type="webauthn", data={"name": "Laptop", "credential": {}})
    assert "<h2>Passkeys" in as_alice.get("/accounts/2fa/", HTTP_HOST="127.0.0.1").content.decode()
