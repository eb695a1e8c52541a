"""Each mail about somebody's own sign-in, word by word: to them alone, and in their language."""

from __future__ import annotations

import json
import re
from pathlib import Path
from smtplib import SMTPServerDisconnected

import allauth
import pytest
import time_machine
from allauth.account.adapter import get_adapter
from django.urls import reverse

from accounts.sign_in_mail import CHANGES, LINK
from tests.accounts.test_devices import FIREFOX
from tests.accounts.test_sign_in_pages import passkey
from tests.accounts.test_single_sign_on import service, sign_in  # noqa: F401

PASSWORD, NEW = "a long password", "another long password"
NOW = "2026-11-22 10:50:30+00:00"
# Mails of the library that nothing here can send, by why.
NEVER = {
    "nobody opens an account alone": {"account_already_exists", "unknown_account", "email_confirmation_signup"},
    "nobody changes or confirms an address here": {
        *("email_changed", "email_confirm", "email_confirmation", "email_deleted"),
    },
    "no codes by mail": {"login_code", "password_reset_code"},
    "a tie to single sign-on is not undone here": {"account_disconnected"},
}
CHANGED = """{what}
22 Nov 2026, 10:50 UTC · {device} · 127.0.0.1

Was it not you? Choose a new password at once, and tell an admin of your organisation:
{address}/accounts/password/reset/
"""


@pytest.fixture
def changed(settings):
    """The whole text of a mail about a change."""
    return lambda what, device="Firefox · Mac": CHANGED.format(what=what, device=device, address=settings.PUBLIC_URL)


@pytest.fixture(autouse=True)
def at_that_time():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def here(client, alice):
    """Alice on her Mac, who confirmed just now that it is she."""
    client.defaults["HTTP_USER_AGENT"] = FIREFOX
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def only(mailoutbox) -> tuple[list[str], str, str]:
    [mail] = mailoutbox
    return mail.to, mail.subject, mail.body


def test_every_mail_of_the_library_has_our_words_or_is_never_sent():
    folder = Path(allauth.__file__).parent / "templates"
    theirs = {path.name.removesuffix("_subject.txt") for path in folder.glob("*/email/*_subject.txt")}
    ours = {name.rpartition("/")[2] for name in (LINK, *CHANGES)}
    never = set().union(*NEVER.values())
    assert theirs == ours | never
    assert not ours & never


def test_a_mail_without_our_words_is_not_sent(alice, mailoutbox):
    with pytest.raises(KeyError):
        get_adapter().send_mail("account/email/login_code", alice.email, {"user": alice})
    assert mailoutbox == []


def test_who_lost_the_password_gets_a_link_and_hears_that_it_was_used(client, alice, mailoutbox, changed):
    client.defaults["HTTP_USER_AGENT"] = FIREFOX
    client.post("/accounts/password/reset/", {"email": alice.email})
    to, subject, text = only(mailoutbox)
    assert (to, subject) == ([alice.email], "A new password for Coachportal")
    [link] = re.findall(r"http://testserver(/accounts/password/reset/key/[\w-]+/)\n", text)
    assert text == (
        "Follow this link within three days to choose a new password for Coachportal:\n"
        f"http://testserver{link}\n\n"
        "If you did not expect this, do nothing: without the link nothing happens.\n"
    )
    mailoutbox.clear()
    form = client.get(link, follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert only(mailoutbox) == (
        [alice.email],
        "Your sign-in to Coachportal has changed",
        changed("Your password was changed."),
    )


@pytest.mark.parametrize(("days", "is_alive"), [(2.9, True), (3.1, False)])
def test_the_link_lasts_the_three_days_it_names(client, alice, mailoutbox, days, is_alive):
    client.post("/accounts/password/reset/", {"email": alice.email})
    [link] = re.findall(r"/accounts/password/reset/key/[\w-]+/", mailoutbox[0].body)
    with time_machine.travel(NOW, tick=False) as clock:
        clock.shift(days * 86_400)
        page = client.get(link, follow=True).content.decode()
    assert ("password1" in page) is is_alive


def test_who_changes_the_password_hears_of_it(here, alice, mailoutbox, changed):
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert only(mailoutbox)[2] == changed("Your password was changed.")


def test_who_had_none_and_sets_one_hears_of_it(client, alice, mailoutbox, changed):
    alice.set_unusable_password()
    alice.save()
    client.force_login(alice)
    client.post("/accounts/password/set/", {"password1": NEW, "password2": NEW})
    assert only(mailoutbox)[2] == changed("Your password was changed.", device="Unspecified")


def test_each_change_of_the_second_factor_is_told(
    here, mailoutbox, changed, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr("allauth.mfa.totp.forms.auth.validate_totp_code", lambda secret, code: True)
    with django_capture_on_commit_callbacks(execute=True):
        here.post("/accounts/2fa/totp/activate/", {"code": "123456"})
        here.post("/accounts/2fa/recovery-codes/generate/")
    here.post("/accounts/2fa/totp/deactivate/")
    assert [mail.body for mail in mailoutbox] == [
        changed("An authenticator app was set up."),
        changed("New recovery codes were made."),
        changed("The authenticator app was switched off."),
    ]


def test_a_passkey_that_comes_or_goes_is_told(here, alice, mailoutbox, changed, monkeypatch):
    monkeypatch.setattr("allauth.mfa.webauthn.forms.auth.complete_registration", lambda credential: None)
    key = passkey(alice)
    here.post(reverse("mfa_remove_webauthn", args=[key.pk]))
    here.post("/accounts/2fa/webauthn/add/", {"credential": json.dumps(key.data["credential"])})
    said = [changed("A passkey was removed."), changed("A passkey was added.")]
    assert [mail.body for mail in mailoutbox] == said


def test_a_first_sign_in_by_single_sign_on_is_told(sign_in, carol, mailoutbox, changed):  # noqa: F811
    sign_in()
    assert only(mailoutbox)[2] == changed("You can sign in with Club accounts from now on.", device="Unspecified")
    sign_in()
    assert len(mailoutbox) == 1


def test_it_is_in_the_person_s_language_whatever_the_browser_asks_for(here, alice, mailoutbox):
    alice.language = "de"
    alice.save()
    here.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW},
        headers={"accept-language": "fr"},
    )
    assert only(mailoutbox)[1] == "Ihre Anmeldung bei Coachportal wurde geändert"


def test_a_mail_server_that_is_away_undoes_nothing_and_shows_nobody_whose_address_is_known(
    here, client, alice, monkeypatch, caplog
):
    def away(*args, **how):
        raise SMTPServerDisconnected("away")

    monkeypatch.setattr("accounts.adapter.send_mail", away)
    known, unknown = (
        client.post("/accounts/password/reset/", {"email": email}) for email in (alice.email, "x@example.com")
    )
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert caplog.text.count("sign_in_mail_not_sent") == 1
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    alice.refresh_from_db()
    assert alice.check_password(NEW)
