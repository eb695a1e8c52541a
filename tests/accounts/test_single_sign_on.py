"""Single sign-on by OpenID Connect: another service proves the address, membership and invitation decide here."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from django.utils import timezone
from environs import EnvError

from accounts.actions import invite
from accounts.models import Invitation, Membership, User
from coachportal.env import secure_address
from subjects.models import Group
from tests.accounts.sign_on import CLIENT, SECRET, running_service
from tests.reading import shown

LOGIN = "/accounts/oidc/sso/login/"


@pytest.fixture
def service(settings, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running_service() as service:
        app = {
            "provider_id": "sso",
            "name": "Club accounts",
            "client_id": CLIENT,
            "secret": SECRET,
            "settings": {"server_url": service.address, "oauth_pkce_enabled": True},
        }
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
        settings.OIDC_URL, settings.OIDC_NAME = service.address, "Club accounts"
        yield service


@pytest.fixture
def sign_in(service, client):
    """Go there and back as a browser does; return the page one ends on."""

    def sign_in(**said):
        service.person |= said
        there = client.get(LOGIN)
        assert there.status_code == 302
        back = httpx.get(there["Location"], trust_env=False).headers["Location"]
        parts = urlsplit(back)
        return client.get(f"{parts.path}?{parts.query}", follow=True)

    return sign_in


def is_in(client) -> bool:
    return "_auth_user_id" in client.session


def test_the_sign_in_page_offers_it(service, client):
    page = shown(client.get("/accounts/login/?next=/runners/"))
    assert "Sign in with Club accounts" in page
    assert f"{LOGIN}?next=/runners/" in page


def test_without_its_settings_nobody_is_offered_it(client, db):
    assert "Sign in with" not in shown(client.get("/accounts/login/")).replace("Sign in with a passkey", "")
    assert client.get(LOGIN).status_code == 404


def test_a_member_comes_in(sign_in, client, carol, organization):
    assert sign_in().status_code == 200
    assert client.get("/runners/").status_code == 200
    assert User.objects.get(pk=client.session["_auth_user_id"]) == carol
    assert SocialAccount.objects.get().uid == "1"


def test_the_second_time_the_same_account_is_found(sign_in, client, carol):
    sign_in()
    client.logout()
    sign_in()
    assert is_in(client)
    assert SocialAccount.objects.count() == 1


def test_it_asks_with_a_challenge_and_its_secret(sign_in, service, client, carol):
    asked = parse_qs(urlsplit(client.get(LOGIN)["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}
    sign_in()
    assert service.asked[0]["client_secret"] == SECRET
    assert service.asked[0]["code_verifier"]


def test_a_stranger_is_told_whom_to_ask(sign_in, client, carol):
    answer = sign_in(sub="2", email="Nobody@example.com")
    assert answer.status_code == 403
    text = (
        "nobody@example.com is neither a member here nor invited. Ask an admin of your organisation for an invitation."
    )
    assert text in shown(answer)
    assert not is_in(client)
    assert not User.objects.filter(email="nobody@example.com").exists()


@pytest.mark.parametrize("verified", [False, None, "false", 1.5])
def test_an_address_that_was_not_checked_opens_nothing(sign_in, client, carol, verified):
    answer = sign_in(email_verified=verified)
    assert answer.status_code == 403
    text = "Club accounts does not say that your e-mail address was checked. Ask whoever runs it."
    assert text in shown(answer)
    assert not is_in(client)


def test_who_is_invited_becomes_a_member_without_a_password(sign_in, client, organization, alice):
    group = Group.objects.create(organization=organization, name="Juniors")
    invitation, _ = invite(organization=organization, email="dana@example.com", role="coach", by=alice, groups=[group])
    sign_in(sub="3", email="dana@example.com", name="Dana")
    dana = User.objects.get(email="dana@example.com")
    assert (dana.name, dana.has_usable_password()) == ("Dana", False)
    assert client.get("/runners/").status_code == 200
    assert list(Membership.objects.get(user=dana).groups.all()) == [group]
    invitation.refresh_from_db()
    assert invitation.accepted_at


@pytest.mark.parametrize("change", [{"withdrawn_at": timezone.now()}, {"expires_at": timezone.now() - timedelta(1)}])
def test_an_invitation_that_has_ended_opens_nothing(sign_in, client, organization, alice, change):
    invite(organization=organization, email="dana@example.com", role="coach", by=alice)
    Invitation.objects.update(**change)
    assert sign_in(sub="3", email="dana@example.com").status_code == 403
    assert not User.objects.filter(email="dana@example.com").exists()


def test_who_is_no_longer_a_member_stays_outside(sign_in, client, carol):
    sign_in()
    client.logout()
    carol.memberships.all().delete()
    assert sign_in().status_code == 403
    assert not is_in(client)


def test_a_former_member_who_is_invited_again_keeps_the_account(sign_in, client, carol, organization, alice):
    carol.memberships.all().delete()
    invite(organization=organization, email="carol@example.com", role="clinic", by=alice)
    sign_in()
    assert carol.memberships.get().role == "clinic"


def test_an_answer_meant_for_another_client_opens_nothing(sign_in, service, client, carol):
    service.audience = "somebody else"
    answer = sign_in()
    assert answer.status_code == 401
    text = "The other service gave no answer we could use. Try again; if it stays so, tell whoever runs this portal."
    assert text in shown(answer)
    assert not is_in(client)


def test_an_answer_nobody_asked_for_opens_nothing(service, client, carol):
    answer = client.get(f"{LOGIN}callback/?code=a+code&state=made-up")
    assert answer.status_code == 401
    assert not is_in(client)


def test_who_stops_it_there_is_told_so(service, client, carol):
    state = parse_qs(urlsplit(client.get(LOGIN)["Location"]).query)["state"][0]
    answer = client.get(f"{LOGIN}callback/?error=access_denied&state={state}", follow=True)
    assert "You stopped it at the other service. Nothing was changed." in shown(answer)


def test_a_second_factor_is_asked_for_all_the_same(sign_in, client, carol):
    TOTP.activate(carol, generate_totp_secret())
    answer = sign_in()
    assert answer.redirect_chain[-1][0] == "/accounts/2fa/authenticate/"
    assert not is_in(client)


def test_nobody_ties_another_person_s_account_to_their_own(service, client, carol, alice):
    client.force_login(alice)
    there = client.get(f"{LOGIN}?process=connect")
    back = urlsplit(httpx.get(there["Location"], trust_env=False).headers["Location"])
    answer = client.get(f"{back.path}?{back.query}", follow=True)
    assert answer.status_code == 403
    assert "carol@example.com is not the address of your account here." in shown(answer)
    assert not SocialAccount.objects.exists()


def test_whoever_ties_their_own_account_goes_on_to_the_inbox(service, client, carol):
    client.force_login(carol)
    there = client.get(f"{LOGIN}?process=connect")
    back = urlsplit(httpx.get(there["Location"], trust_env=False).headers["Location"])
    answer = client.get(f"{back.path}?{back.query}", follow=True)
    assert (answer.status_code, answer.redirect_chain[-1][0]) == (200, "/")
    assert SocialAccount.objects.get().user == carol


def test_a_service_without_tls_is_refused_at_the_start():
    with pytest.raises(EnvError) as refused:
        secure_address("OIDC_URL", "http://accounts.example.com")
    assert str(refused.value) == (
        "OIDC_URL must begin with https://, or name this machine; it is “http://accounts.example.com”."
    )


@pytest.mark.parametrize("address", ["", "https://accounts.example.com", "http://127.0.0.1:8000"])
def test_a_service_over_tls_or_on_this_machine_is_taken(address):
    assert secure_address("OIDC_URL", address) == address
