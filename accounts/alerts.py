"""Mail to an organisation about itself: who gets it, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from smtplib import SMTPAuthenticationError, SMTPException, SMTPRecipientsRefused, SMTPResponseException

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.manner import manner_of
from accounts.models import Organization, User

log = structlog.get_logger(__name__)

MOST_ADDRESSES = 10
# These keep mail on this machine: for trying things out, not for telling anybody.
NO_SERVER = ("console", "dummy", "filebased")


@dataclass
class Told:
    """What became of one mail to several addresses."""

    sent: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  # a sentence each


def addresses_of(organization: Organization) -> list[str]:
    """Return who gets mail about the organisation: the addresses an admin typed, else those of the admins."""
    if organization.alert_addresses:
        return list(organization.alert_addresses)
    admins = organization.memberships.admins()
    return list(admins.order_by("user__email").values_list("user__email", flat=True))


def has_mail_server() -> bool:
    return settings.EMAIL_BACKEND.split(".")[-2] not in NO_SERVER


def tell(*, organization: Organization, write: Callable[[], tuple[str, str]]) -> Told:
    """Send one mail to each address, so that none sees the others. Never raises for what a mail server does.

    `write` returns subject and text in the language in use, which is that of whoever gets it.
    """
    told = Told()
    addresses = addresses_of(organization)
    people = {user.email: user for user in User.objects.filter(email__in=[one.lower() for one in addresses])}
    try:
        with get_connection() as connection:
            for address in addresses:
                with translation.override(manner_of(people.get(address.lower()), organization).language):
                    subject, text = write()
                mail = EmailMessage(" ".join(subject.split()), text, None, [address], connection=connection)
                if sentence := _send(mail, address):
                    told.wrong.append(sentence)
                else:
                    told.sent.append(address)
    except (SMTPException, OSError) as error:
        # The server itself: whoever has not got the mail yet will not get it.
        told.wrong.append(_why(error))
    if told.wrong:
        log.warning("alert_not_mailed", sent=len(told.sent), of=len(addresses))
    return told


def _send(mail: EmailMessage, address: str) -> str:
    """Send to one address; return why it could not be, empty where it was. Raises what ends the connection."""
    try:
        mail.send()
    except SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()), (0, b""))
        return _("%(address)s was refused by the mail server: %(answer)s") % {
            "address": address,
            "answer": f"{code} {_text(answer)}",
        }
    return ""


def _why(error: Exception) -> str:
    if isinstance(error, SMTPAuthenticationError):
        return _("The mail server does not take the portal’s name and password. The operator sets them.")
    if isinstance(error, SMTPResponseException):
        answer = f"{error.smtp_code} {_text(error.smtp_error)}"
        return _("The mail server refused the mail: %(answer)s") % {"answer": answer}
    host = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    return _("The mail server at %(host)s does not answer. The operator checks its address.") % {"host": host}


def _text(answer: bytes | str) -> str:
    return answer.decode(errors="replace") if isinstance(answer, bytes) else answer
