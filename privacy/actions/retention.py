"""Keep films, copies and numbers for as long as the organisation wants, and no longer.

A batch is one transaction: the rows say what went, the record tells it, and a Removal holds the files' keys; the files
are deleted after it. Whoever is killed anywhere leaves rows that are still due or a Removal that is: the next goes on.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.actions import record
from accounts.models import AuditEntry, Organization, User
from analyses.models import Analysis, AnalysisQuerySet, Beside, Pool, Repeat, Result
from clips import storage
from clips.models import Clip, ClipQuerySet
from privacy.models import Removal, Retention
from reports.models import Report, ShareLink

AT_ONCE = 50
SECOND_THOUGHTS = timedelta(days=1)


@dataclass(frozen=True)
class Going:
    """How many films as they came, films' copies and analyses' numbers are older than they are kept."""

    originals: int = 0
    copies: int = 0
    numbers: int = 0

    def __bool__(self) -> bool:
        return any(getattr(self, one.name) for one in fields(self))

    def is_within(self, other: Going) -> bool:
        """No more goes of anything than of the other."""
        return all(getattr(self, one.name) <= getattr(other, one.name) for one in fields(self))


@transaction.atomic
def set_retention(
    *,
    organization: Organization,
    originals_months: int | None,
    copies_months: int | None,
    numbers_months: int | None,
    by: User,
) -> Retention:
    """Keep each for so many months from now on, None for ever; a shorter time begins to count in a day."""
    Organization.held(organization.pk)
    before = Retention.of(organization)
    times = {"originals_months": originals_months, "copies_months": copies_months, "numbers_months": numbers_months}
    if {name: getattr(before, name) for name in times} == times:
        return before
    starts_at = before.starts_at
    if any(_as_length(new) < _as_length(getattr(before, name)) for name, new in times.items()):
        starts_at = timezone.now() + SECOND_THOUGHTS
    kept, _ = Retention.objects.update_or_create(organization=organization, defaults={**times, "starts_at": starts_at})
    about = " · ".join(
        f"{name.removesuffix('_months')} {'for ever' if new is None else f'{new} months'}"
        for name, new in times.items()
    )
    record(organization=organization, by=by, action=AuditEntry.Action.PRIVACY_CHANGED, about=f"kept: {about}")
    return kept


def what_goes(retention: Retention, *, now: datetime) -> Going:
    """Count what these times no longer keep, whether or not they are set."""
    return Going(
        _old_originals(retention, now).count(),
        _old_copies(retention, now).count(),
        _old_numbers(retention, now).count(),
    )


def remove_what_is_old(*, organization: Organization, now: datetime) -> int:
    """Remove one batch of what is no longer kept, files included; return how many rows, 0 when nothing is left to do.

    May run twice at once, and be killed anywhere. Raises storage.TROUBLE: the files are deleted by a later turn.
    """
    retention = Retention.of(organization)
    gone = Going()
    if retention.pk and retention.starts_at <= now:
        with transaction.atomic():
            gone = Going(
                _remove_originals(retention, now), _remove_copies(retention, now), _remove_numbers(retention, now)
            )
            if gone:
                told = [f"{getattr(gone, one.name)} {one.name}" for one in fields(gone) if getattr(gone, one.name)]
                record(organization=organization, by=None, action=AuditEntry.Action.REMOVED, about=" · ".join(told))
    _delete_files(organization)
    return gone.originals + gone.copies + gone.numbers


def _delete_files(organization: Organization) -> None:
    """Delete the files of rows that are gone. Raises storage.TROUBLE."""
    for removal in Removal.objects.filter(organization=organization):
        storage.delete(*removal.keys)
        Removal.objects.filter(pk=removal.pk).delete()


def due_organizations(now: datetime) -> Iterator[Organization]:
    """Yield every organisation in which something is no longer kept, or files wait to be deleted."""
    for retention in Retention.objects.filter(starts_at__lte=now).select_related("organization"):
        old = (_old_originals(retention, now), _old_copies(retention, now), _old_numbers(retention, now))
        waiting = Removal.objects.filter(organization=retention.organization_id)
        if any(rows.exists() for rows in old) or waiting.exists():
            yield retention.organization


def months_before(now: datetime, months: int) -> datetime:
    """Return the same day so many calendar months ago, or that month's last."""
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    last_day = monthrange(year, month + 1)[1]
    return now.replace(year=year, month=month + 1, day=min(now.day, last_day))


def _as_length(months: int | None) -> float:
    return float("inf") if months is None else months


# ── what is old ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _films(retention: Retention, before: datetime) -> ClipQuerySet:
    """Films that came before then, in nobody's hands: no copy of them is being made, none is being measured."""
    films = Clip.objects.filter(organization=retention.organization_id, created_at__lt=before)
    films = films.filter(status=Clip.Status.PROBED).exclude(copy_status=Clip.CopyStatus.PENDING)
    return films.filter(~Exists(Analysis.objects.unfinished().filter(clip=OuterRef("pk"))))


def _old_originals(retention: Retention, now: datetime) -> ClipQuerySet:
    if retention.originals_months is None:
        return Clip.objects.none()
    return _films(retention, months_before(now, retention.originals_months)).filter(original_removed_at=None)


def _old_copies(retention: Retention, now: datetime) -> ClipQuerySet:
    """Films with something to look at; a film measured again lately keeps it as long as that measuring is young."""
    if retention.copies_months is None:
        return Clip.objects.none()
    before = months_before(now, retention.copies_months)
    results = Result.objects.filter(analysis__clip=OuterRef("pk"))
    drawn = results.filter(Q(film_key__gt="") | Q(thumbnail_key__gt="") | Q(landings_key__gt=""))
    there = Q(review_key__gt="") | Q(thumbnail_key__gt="") | Exists(drawn)
    return _films(retention, before).filter(there, ~Exists(results.filter(received_at__gte=before)))


def _old_numbers(retention: Retention, now: datetime) -> AnalysisQuerySet:
    ended = Analysis.objects.filter(organization=retention.organization_id).filter(
        status__in=(Analysis.Status.SUCCEEDED, Analysis.Status.FAILED)
    )
    if retention.numbers_months is None:
        return ended.none()
    before = months_before(now, retention.numbers_months)
    return ended.filter(Q(finished_at__lt=before) | Q(finished_at=None, ordered_at__lt=before))


# ── removing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _taken(old: ClipQuerySet) -> list[Clip]:
    """Lock the oldest films and return those that nobody has ordered meanwhile."""
    locked = list(old.order_by("created_at", "pk").select_for_update(of=("self",))[:AT_ONCE])
    # Asked anew: what was ordered while we waited for the lock is seen by this query, not by the one above.
    wanted = set(Analysis.objects.unfinished().filter(clip__in=locked).values_list("clip_id", flat=True))
    return [clip for clip in locked if clip.pk not in wanted]


def _remove_originals(retention: Retention, now: datetime) -> int:
    clips = _taken(_old_originals(retention, now))
    measured = set(Analysis.objects.filter(clip__in=clips).values_list("clip_id", flat=True))
    for clip in clips:
        keys = [clip.incoming_key, clip.original_key]
        if clip.pk not in measured:  # on no page: all of it goes
            clip.delete()
            keys += [clip.review_key, clip.thumbnail_key]
        _put_aside(retention, keys)
    kept = Clip.objects.filter(pk__in=measured)
    kept.update(original_removed_at=now, original_kept_months=retention.originals_months)
    return len(clips)


def _remove_copies(retention: Retention, now: datetime) -> int:
    clips = _taken(_old_copies(retention, now))
    results = Result.objects.filter(analysis__clip__in=clips)
    for clip in clips:
        _put_aside(retention, [clip.review_key, clip.thumbnail_key])
    for result in results:
        _put_aside(retention, [result.film_key, result.thumbnail_key, result.landings_key])
    analyses = list(Analysis.objects.filter(clip__in=clips).values_list("pk", flat=True))
    _remove_pairs(retention, Beside.objects.filter(Q(now__in=analyses) | Q(before__in=analyses)))
    results.update(film_key="", thumbnail_key="", landings_key="", landings_of=[])
    Clip.objects.filter(pk__in=[clip.pk for clip in clips]).update(
        review_key="", thumbnail_key="", copies_removed_at=now, copies_kept_months=retention.copies_months
    )
    return len(clips)


def _remove_numbers(retention: Retention, now: datetime) -> int:
    """Take the numbers away; that a film was measured then, by whom and for how much stays."""
    old = _old_numbers(retention, now).select_related("organization").order_by("ordered_at", "pk")
    gone = [analysis for analysis in old[:AT_ONCE] if _empty(analysis, retention, now)]
    for result in Result.objects.filter(analysis__in=gone):
        _put_aside(retention, [result.raw_key, result.film_key, result.thumbnail_key, result.landings_key])
    reports = Report.objects.filter(Q(analysis__in=gone) | Q(other_view__in=gone))
    _put_aside(retention, reports.values_list("key", flat=True))
    reports.delete()
    _remove_pairs(retention, Beside.objects.filter(Q(now__in=gone) | Q(before__in=gone)))
    Repeat.objects.filter(Q(first__in=gone) | Q(second__in=gone)).delete()
    Pool.objects.filter(pk__in=Pool.objects.filter(analyses__in=gone).values("pk")).delete()
    ShareLink.objects.filter(Q(analysis__in=gone) | Q(before__in=gone), revoked_at=None).update(revoked_at=now)
    for analysis in gone:
        analysis.measurements.all().delete()
        analysis.corrections.all().delete()
    Result.objects.filter(analysis__in=gone).delete()
    return len(gone)


def _empty(analysis: Analysis, retention: Retention, now: datetime) -> bool:
    return analysis.move_to(
        Analysis.Status.REMOVED,
        note=f"kept for {retention.numbers_months} months",
        removed_at=now,
        kept_months=retention.numbers_months,
        reviewed_at=analysis.reviewed_at or now,
        total_score=None,
        speed_m_s=None,
        engine_version="",
        ranges_version="",
        height_m=0,
        weight_kg=0,
        reason="",
        reason_code="",
    )


def _remove_pairs(retention: Retention, besides: QuerySet[Beside]) -> None:
    for beside in besides:
        _put_aside(retention, [beside.picture_key, beside.film_key])
    besides.delete()


def _put_aside(retention: Retention, keys: Iterable[str]) -> None:
    if named := [key for key in keys if key]:
        Removal.objects.create(organization_id=retention.organization_id, keys=named)
