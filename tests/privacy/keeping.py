"""Films of long ago, and how long an organisation keeps them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from accounts import wall
from analyses.models import Analysis, Result
from clips.models import Clip
from privacy import actions
from privacy.actions.retention import months_before
from privacy.models import Retention

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FOR_EVER = {"originals_months": None, "copies_months": None, "numbers_months": None}


def age(analysis: Analysis, *, months: int) -> None:
    at = months_before(NOW, months)
    Clip.objects.filter(pk=analysis.clip_id).update(created_at=at)
    Result.objects.filter(analysis=analysis).update(received_at=at)
    Analysis.objects.filter(pk=analysis.pk).update(ordered_at=at, finished_at=at)


def keep(organization, **months) -> None:
    Retention.objects.update_or_create(
        organization=organization, defaults={**FOR_EVER, **months, "starts_at": NOW - timedelta(days=1)}
    )


def remove(organization) -> int:
    with wall.only(organization.pk):
        return actions.remove_what_is_old(organization=organization, now=timezone.now())
