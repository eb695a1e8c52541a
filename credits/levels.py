"""The level at which somebody should know that credits run out, and until when they last."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Min
from django.utils import timezone

from accounts.models import Organization
from credits.models import Entry, LowLevel, Rules

PACE_DAYS = 28  # four whole weeks, so that each day of the week counts alike
LEAST_DAYS = 7  # one testing day says nothing about a month
FAR_DAYS = 365  # ours: beyond a year a date would pretend to know


def note(organization: Organization, balance: int) -> None:
    """Remember when the balance reaches the level and when it rises above it. Called under the ledger's lock."""
    low = balance <= Rules.of(organization).low_at
    there = LowLevel.objects.filter(organization=organization, ended_at=None)
    if not low:
        there.update(ended_at=timezone.now())
    elif not there.exists() and Entry.objects.filter(organization=organization, kind=Entry.Kind.SPEND).exists():
        # Who has not begun to spend, or was just given the first few, need not be told.
        LowLevel.objects.create(organization=organization)


def lasts_until(organization: Organization, balance: int) -> date | None:
    """Return the day on which the credits are used up at the pace of the last four weeks.

    None where nothing was used, or where they last beyond a year.
    """
    now = timezone.now()
    entries = Entry.objects.filter(organization=organization)
    used = -entries.used().filter(at__gte=now - timedelta(days=PACE_DAYS)).total()
    if used <= 0 or balance <= 0:
        return None
    first = entries.filter(kind=Entry.Kind.SPEND).aggregate(at=Min("at"))["at"] or now
    days = min(PACE_DAYS, max(LEAST_DAYS, (now - first).days + 1))
    lasts_days = balance * days // used
    return timezone.localdate() + timedelta(days=lasts_days) if lasts_days <= FAR_DAYS else None
