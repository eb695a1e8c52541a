"""Mail about the organisation: who gets it, and what is said when it cannot be sent."""

from __future__ import annotations

from smtplib import SMTPAuthenticationError, SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.utils import timezone

from accounts.alerts import addresses_of, tell
from accounts.models import Membership

PAIR = ["first@example.com", "second@example.com"]


@pytest.fixture
def refuse(settings, monkeypatch):
    """A mail server that answers with `error` when the mail for `address` comes, or to all."""

    def refuse(error, address=""):
        def send_messages(backend, messages):
            if not address or address in messages[0].to:
                raise error
            return len(messages)

        settings.EMAIL_HOST, settings.EMAIL_PORT = "mail.example.com", 587
        monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", send_messages)

    return refuse


@pytest.fixture
def told(organization):
    organization.alert_addresses = PAIR
    organization.save()
    return lambda: tell(organization=organization, write=lambda: ("Few credits\nleft", "3 are left."))


def test_each_address_gets_a_mail_of_its_own(told, mailoutbox):
    outcome = told()
    assert (outcome.sent, outcome.wrong) == (PAIR, [])
    assert [mail.to for mail in mailoutbox] == [[address] for address in PAIR]
    assert mailoutbox[0].subject == "Few credits left"


def test_without_addresses_the_admins_who_are_let_in_get_it(organization, alice, bob, carol):
    assert addresses_of(organization) == [alice.email]
    Membership.objects.filter(user=carol).update(role="admin", suspended_at=timezone.now())
    assert addresses_of(organization) == [alice.email]
    Membership.objects.filter(user=carol).update(suspended_at=None)
    assert addresses_of(organization) == [alice.email, carol.email]


def test_one_refused_address_does_not_keep_the_mail_from_the_others(told, refuse):
    refuse(SMTPRecipientsRefused({PAIR[0]: (550, b"no such user")}), PAIR[0])
    outcome = told()
    assert outcome.sent == [PAIR[1]]
    assert outcome.wrong == ["first@example.com was refused by the mail server: 550 no such user"]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            SMTPAuthenticationError(535, b"no"),
            "The mail server does not take the portal’s name and password. The operator sets them.",
        ),
        (SMTPDataError(554, b"spam"), "The mail server refused the mail: 554 spam"),
        (
            ConnectionRefusedError(111, "refused"),
            "The mail server at mail.example.com:587 does not answer. The operator checks its address.",
        ),
        (
            SMTPServerDisconnected("gone"),
            "The mail server at mail.example.com:587 does not answer. The operator checks its address.",
        ),
    ],
    ids=["password", "content", "down", "gone"],
)
def test_a_server_in_trouble_is_named_and_nothing_raises(told, refuse, error, sentence):
    refuse(error)
    outcome = told()
    assert (outcome.sent, outcome.wrong) == ([], [sentence])
