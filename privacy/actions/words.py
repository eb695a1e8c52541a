"""Change the words runners agree to."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Max

from accounts.actions import record
from accounts.models import AuditEntry, Organization, User
from privacy.models import Wording
from privacy.wording import newest_of, shipped_text


@transaction.atomic
def set_words(*, organization: Organization, language: str, texts: Mapping[str, str], by: User) -> int:
    """Use these words from now on, by purpose; return how many differ from what counted before.

    An empty text, or the shipped one, brings the shipped words back. Consents keep the words they were given for.
    """
    # The organisation's row is the lock: of two admins who save at once, each change gets a number of its own.
    Organization.held(organization.pk)
    return sum(_set(organization, language, purpose, text, by) for purpose, text in texts.items())


def _set(organization: Organization, language: str, purpose: str, text: str, by: User) -> bool:
    text = "" if text == shipped_text(purpose, language) else text
    before = newest_of(organization, purpose, language)
    if text == (before.text if before else ""):
        return False
    same = Wording.objects.filter(organization=organization, purpose=purpose, language=language)
    number = (same.aggregate(last=Max("number"))["last"] or 0) + 1
    made = Wording.objects.create(
        organization=organization, purpose=purpose, language=language, number=number, text=text, made_by=by
    )
    about = f"consent text {purpose}: {made.version if text else f'shipped, {language}'}"
    record(organization=organization, by=by, action=AuditEntry.Action.PRIVACY_CHANGED, about=about)
    return True
