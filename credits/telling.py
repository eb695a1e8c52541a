"""Tell an organisation by mail that its credits run out: once for each time they fall to the level it chose."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts import alerts
from credits import ledger, levels
from credits.models import LowLevel

# A mail server may be away for a night; after that the inbox has told everybody long ago.
PAUSES = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8))


def mail_low_level(*, level: LowLevel) -> bool:
    """Mail it, if it is still so and nobody else is at it; True when it went out. What fails is tried again."""
    now = timezone.now()
    pause = PAUSES[min(level.tries, len(PAUSES) - 1)]
    # Whoever moves it on first has it. A worker that dies here leaves it to the next try.
    mine = LowLevel.objects.due(now).filter(pk=level.pk, tries=level.tries)
    if not mine.update(due_at=now + pause, tries=F("tries") + 1):
        return False
    organization = level.organization
    left = ledger.balance(organization)
    told = {
        "organization": organization,
        "left": left,
        "lasts_until": levels.lasts_until(organization, left),
        "link": settings.PUBLIC_URL + reverse("credits:ledger"),
    }
    outcome = alerts.tell(
        organization=organization,
        write=lambda: (
            render_to_string("emails/low_credits.subject.txt", told),
            render_to_string("emails/low_credits.txt", told),
        ),
    )
    if outcome.wrong and not outcome.sent:
        return False
    LowLevel.objects.filter(pk=level.pk).update(mailed_at=timezone.now())
    return True
