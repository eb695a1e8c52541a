"""The pages of the sign-in library: those there are speak our words and have our look, the others are not there."""

from __future__ import annotations

import hashlib
import json
import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.urls import URLPattern, reverse
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from accounts import sign_in_urls
from accounts.models import User
from tests.reading import shown

LIBRARY = ("account/", "mfa/", "socialaccount/", "usersessions/", "openid_connect/", "allauth/")
NO_WORDS = {"mfa/webauthn/snippets/login_script.html", "mfa/recovery_codes/download.txt"}


def names(patterns=sign_in_urls.urlpatterns) -> set[str]:
    found = set()
    for one in patterns:
        found |= {one.name} if isinstance(one, URLPattern) else names(one.url_patterns)
    return found


def addresses(key: Authenticator | None) -> dict[str, str]:
    """Where each page is, by its name; those of one passkey only where there is one."""
    told = {
        "account_reset_password_from_key": {"uidb36": "1", "key": "too-old"},
        "openid_connect_login": {"provider_id": "sso"},
        "openid_connect_callback": {"provider_id": "sso"},
    }
    of_key = ("mfa_edit_webauthn", "mfa_remove_webauthn")
    told |= {name: {"pk": key.pk} for name in of_key if key}
    return {name: reverse(name, kwargs=told.get(name)) for name in names() if key or name not in of_key}


def passkey(user: User) -> Authenticator:
    """A passkey as a browser registers one, made here; its key signs nothing."""
    point = {1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32}
    made = AttestedCredentialData.create(Aaguid.NONE, b"a passkey", ES256(point))
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    data = AuthenticatorData.create(hashlib.sha256(b"testserver").digest(), flags, 0, made)
    said = {"type": "webauthn.create", "challenge": "abcd", "origin": "https://testserver"}
    credential = {
        "id": websafe_encode(b"a passkey"),
        "rawId": websafe_encode(b"a passkey"),
        "type": "public-key",
        "clientExtensionResults": {"credProps": {"rk": True}},
        "response": {
            "clientDataJSON": websafe_encode(json.dumps(said).encode()),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        },
    }
    return Authenticator.objects.create(user=user, type="webauthn", data={"name": "Laptop", "credential": credential})


@pytest.fixture
def here(as_alice):
    """Alice, who confirmed just now that it is she."""
    as_alice.post("/accounts/reauthenticate/", {"password": "a long password"})
    return as_alice


@pytest.fixture
def secured(alice):
    """Alice's second factor in all its kinds; return her passkey."""
    TOTP.activate(alice, generate_totp_secret())
    RecoveryCodes.activate(alice)
    return passkey(alice)


def foreign(answer, settings) -> set[str]:
    """The templates of the library's own that a page was made of."""
    ours = str(settings.BASE / "templates")
    made_of = [one for one in answer.templates if one.name and one.name.startswith(LIBRARY)]
    return {one.name for one in made_of if not str(one.origin.name).startswith(ours)} - NO_WORDS


def test_no_page_speaks_the_library_s_own_words(here, settings):
    for name, url in sorted(addresses(None).items()):
        answer = here.get(url)
        assert answer.status_code in (200, 302, 404, 405), name
        assert foreign(answer, settings) == set(), name


@pytest.mark.parametrize("page", ["account_login", "account_reset_password"])
def test_a_field_does_not_repeat_its_label_within_itself(client, db, page):
    assert "placeholder" not in client.get(reverse(page)).content.decode()


@pytest.mark.parametrize(
    "page", ["mfa_deactivate_totp", "mfa_add_webauthn", "mfa_edit_webauthn", "mfa_remove_webauthn"]
)
def test_nor_do_those_for_who_has_a_second_factor(here, secured, settings, page):
    answer = here.get(addresses(secured)[page])
    assert answer.status_code == 200
    assert foreign(answer, settings) == set()
    assert 'class="alone"' in shown(answer)


@pytest.mark.parametrize(
    ("page", "others"),
    [
        ("account_reauthenticate", ["Authenticator app", "Passkeys"]),
        ("mfa_reauthenticate", ["Passkeys", "Password"]),
        ("mfa_reauthenticate_webauthn", ["Authenticator app", "Password"]),
    ],
)
def test_who_confirms_that_it_is_they_may_do_so_in_another_way(as_alice, secured, settings, page, others):
    as_alice.get("/accounts/2fa/totp/deactivate/")
    answer = as_alice.get(reverse(page))
    assert foreign(answer, settings) == set()
    text = shown(answer)
    assert "<h1>Confirm it is you</h1>" in text
    assert sorted(re.findall(r'<a class="btn"[^>]*>.*?</svg> ([^<]+)</a>', text, re.DOTALL)) == others


def test_the_second_step_of_signing_in_asks_for_a_code_or_a_passkey(client, alice, secured, settings):
    settings.ALLOWED_HOSTS = ["*"]
    for host, has_passkey in (("testserver", True), ("127.0.0.1", False)):
        typed = {"login": alice.email, "password": "a long password"}
        page = client.post("/accounts/login/", typed, follow=True, HTTP_HOST=host)
        assert page.redirect_chain[-1][0] == "/accounts/2fa/authenticate/"
        assert foreign(page, settings) == set()
        assert "Type the code of your authenticator app, or a recovery code." in shown(page)
        assert ("Sign in with a passkey" in shown(page)) is has_passkey
        assert ("webauthn.js" in shown(page)) is has_passkey
    wrong = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert "Incorrect code." in shown(wrong)
    code = RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()[0]
    assert client.post("/accounts/2fa/authenticate/", {"code": code})["Location"] == "/"


def test_a_passkey_is_renamed_and_removed(here, secured):
    edit, remove = (reverse(f"mfa_{deed}_webauthn", args=[secured.pk]) for deed in ("edit", "remove"))
    assert "This field is required." in shown(here.post(edit, {"name": ""}))
    assert "Phone" in shown(here.post(edit, {"name": "Phone"}, follow=True))
    assert "<h1>Remove Phone?</h1>" in shown(here.get(remove))
    page = shown(here.post(remove, follow=True))
    assert "The settings are kept." in page
    assert "Phone" not in page


def test_an_address_not_confirmed_keeps_nobody_from_a_second_factor(here, alice):
    """An invitation reached it; opening the library's list of addresses once left such a row behind."""
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=False)
    assert here.get("/accounts/2fa/totp/activate/").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "",
        "email/",
        "confirm-email/",
        "confirm-email/abc/",
        "login/code/confirm/",
        "3rdparty/",
        "3rdparty/signup/",
        "3rdparty/login/error/",
        "social/connections/",
    ],
)
def test_pages_without_a_use_here_are_not_there(as_alice, address):
    assert as_alice.get(f"/accounts/{address}").status_code == 404


def test_a_stranger_s_address_gets_no_mail(client, db, mailoutbox):
    client.post("/accounts/password/reset/", {"email": "stranger@example.com"})
    assert mailoutbox == []


@pytest.mark.parametrize(
    ("language", "ours", "theirs"),
    [
        ("en", ["E-mail", "Current password", "New password again", "At least 10 char"], ["Email", "New Password"]),
        ("pt", ["E-mail", "Senha atual", "Nova senha outra vez", "No mínimo 10 caracteres"], ["alavra-passe"]),
    ],
)
def test_a_field_is_called_as_everywhere_else_in_the_portal(as_alice, client, language, ours, theirs):
    about = {"headers": {"accept-language": language}}
    pages = [client.get(reverse("account_login"), **about), as_alice.get(reverse("account_change_password"), **about)]
    words = " ".join(re.findall(r">([^<>]+)<", "".join(shown(page) for page in pages)))
    assert [word for word in ours if word not in words] == []
    assert [word for word in theirs if word in words] == []
