"""Every change of an analysis, from start to end. Each is one conditional write: who comes second changes nothing.

    pending -> analyzing -> success | failed

A measuring process claims the oldest analysis that is due, renews its lease while it works, and ends it. A process
that dies leaves a lease that runs out; then the analysis is due again, keeps its state and its percentage, and is
measured once more. Ending an analysis names the attempt, so only the last one to claim it can end it: one success.
"""

from __future__ import annotations

import logging
import shutil
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Literal

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from engine import queue, settings
from engine.forms import StartForm
from engine.http import Problem
from engine.models import Analysis, Partner, Rule, Subject
from engine.order import Refused
from engine.switches import next_rule, switches
from engine.texts import refused
from engine.uploads import MAX_FILM_BYTES, ReceivedFilm
from engine.video import probe
from engine.webhooks import record_event

log = logging.getLogger(__name__)

SUFFIXES = (".mp4", ".mov", ".avi", ".webm")
# The contract says 10 s. A film cut to ten seconds often holds one picture more, which its length then includes.
MAX_FILM_S = 10.0 + 0.1
MILESTONES = (25, 50, 75)
MAX_CRASHES = 2
Fault = Literal["measuring_broke_off", "measuring_took_too_long"]  # of the measuring itself, not of what runs it
CLOCKS_MAY_DIFFER_BY = timedelta(minutes=5)
# ours: far above what restarts of a server can cause, low enough that a film which kills every process comes to an end
MAX_ATTEMPTS = 8


def start_analysis(partner: Partner, form: StartForm) -> Analysis:
    """Keep the film, take one credit and queue the analysis; or raise the contract's "no", with nothing taken.

    The order of the checks is ours: extension, size, duration, subject, webhook, credits.
    """
    video = form.video
    _check_film(video, form.order.language)
    subject = None
    if form.subject_id is not None:
        subject = Subject.objects.filter(partner=partner, pk=form.subject_id, deleted_at=None).first()
        if subject is None:
            raise Problem(404, "Subject not found")
    if form.notify_via_webhook and not partner.webhook_is_ready:
        raise Problem(400, "Webhook is not configured or is disabled", "webhook_not_configured")
    analysis = Analysis(
        partner=partner,
        subject=subject,
        order=asdict(form.order),
        film_suffix=video.suffix,
        film_bytes=video.size or 0,
        film_sha256=video.sha256,
        notify_via_webhook=form.notify_via_webhook,
        forced=next_rule(Rule.Kind.OUTCOME),
    )
    # The film first: a row without a film could never end, a film without a row is only a file too many.
    video.keep_as(analysis.film_path)
    try:
        with transaction.atomic():
            _take_credit(partner)
            analysis.save(force_insert=True)
            # Robust: the row is kept and will be measured even if Redis is away just now.
            transaction.on_commit(queue.ring, robust=True)
    except BaseException:
        analysis.film_path.unlink(missing_ok=True)
        raise
    log.info("analysis %s: queued, %s, %d bytes", analysis.pk, form.order.view, analysis.film_bytes)
    return analysis


def _check_film(video: ReceivedFilm, language: str) -> None:
    if video.suffix not in SUFFIXES:
        raise Problem(400, "Invalid file type", "invalid_file_type")
    if (video.size or 0) > MAX_FILM_BYTES:
        raise Problem(413, "Video file exceeds 30 MB", "file_too_large")
    try:
        found = probe(video.path, language)
    except Refused as refused:
        # Longer than a minute is refused by the reader itself; to the contract it is merely too long.
        if refused.code == "film_too_long":
            raise Problem(400, "Video duration exceeds 10 seconds") from refused
        raise Problem(400, refused.text, "invalid_file_type") from refused
    if found.duration_s > MAX_FILM_S:
        raise Problem(400, "Video duration exceeds 10 seconds")


def _take_credit(partner: Partner) -> None:
    """Take one credit, unless credits are not counted; the condition makes taking the last one twice impossible."""
    counted = Partner.objects.filter(pk=partner.pk, credits__isnull=False)
    if counted.exists() and not counted.filter(credits__gt=0).update(credits=F("credits") - 1):
        raise Problem(402, "Insufficient credits to perform analysis", "insufficient_credits")


def due() -> QuerySet[Analysis]:
    """Return the analyses a process may claim now, oldest first: not ended, and held by nobody alive."""
    now = timezone.now()
    # A lease further ahead than any is given is of a clock that was set back since.
    never_given = now + timedelta(seconds=settings.LEASE_S) + CLOCKS_MAY_DIFFER_BY
    free = Q(lease_until=None) | Q(lease_until__lt=now) | Q(lease_until__gt=never_given)
    return Analysis.objects.filter(free, status__in=Analysis.OPEN).order_by("created_at")


def claim_next(*, by: str) -> Analysis | None:
    """Take the oldest analysis that is due for the process `by`; None when there is none."""
    while True:
        analysis = due().select_related("partner").first()
        if analysis is None:
            return None
        if analysis.attempt >= MAX_ATTEMPTS:
            fail(analysis, refused("measuring_interrupted", analysis.as_order().language))
            continue
        claimed = _claim(analysis, by)
        if claimed:
            return claimed


def _claim(analysis: Analysis, by: str) -> Analysis | None:
    with transaction.atomic():
        # The old attempt in the filter is the lock: of two processes, one updates no row.
        changed = (
            due()
            .filter(pk=analysis.pk, attempt=analysis.attempt)
            .order_by()
            .update(
                attempt=F("attempt") + 1,
                lease_until=_lease_end(),
                lease_by=by,
                status=Analysis.Status.ANALYZING,
                started_at=analysis.started_at or timezone.now(),
            )
        )
        if not changed:
            return None
        first = analysis.status == Analysis.Status.PENDING
        analysis.refresh_from_db()
        if first:
            record_event(analysis, "analysis.started")
    return analysis


def _held(analysis: Analysis) -> QuerySet[Analysis]:
    """The row, while this attempt holds it: none once another process has it or it has ended."""
    return Analysis.objects.filter(pk=analysis.pk, attempt=analysis.attempt, status=Analysis.Status.ANALYZING)


def _lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=settings.LEASE_S)


def renew_lease(analysis: Analysis) -> bool:
    """Hold the analysis for another while; False when another process has it or it has ended."""
    return bool(_held(analysis).update(lease_until=_lease_end()))


def record_progress(analysis: Analysis, percentage: int) -> bool:
    """Note how far the measuring is, renew the lease and tell milestones; False when the analysis is no longer ours.

    A second attempt starts again at 0; what is shown never goes back.
    """
    if percentage <= analysis.percentage:
        return renew_lease(analysis)
    before, now = analysis.percentage, min(percentage, 99)
    with transaction.atomic():
        if not _held(analysis).update(percentage=now, lease_until=_lease_end()):
            return False
        analysis.percentage = now
        if any(before < milestone <= now for milestone in MILESTONES):
            record_event(analysis, "analysis.progress")
    return True


def succeed(analysis: Analysis, *, thumbnail: str, output_video: str) -> bool:
    """End the analysis with the answer in its folder; False when another process has taken it over."""
    analysis.thumbnail, analysis.output_video = thumbnail, output_video
    return _end(analysis, Analysis.Status.SUCCESS)


def fail(analysis: Analysis, reason: Refused) -> bool:
    """End the analysis without an answer; the reason is for the log, the books and our own portal."""
    return _end(analysis, Analysis.Status.FAILED, reason=reason)


def _end(analysis: Analysis, status: Analysis.Status, reason: Refused | None = None) -> bool:
    values = {
        "status": status,
        "percentage": 100 if status == Analysis.Status.SUCCESS else analysis.percentage,
        "ended_at": timezone.now(),
        "lease_until": None,
        "thumbnail": analysis.thumbnail,
        "output_video": analysis.output_video,
        "reason_code": reason.code if reason else "",
        "reason_text": reason.text if reason else "",
    }
    with transaction.atomic():
        mine = Analysis.objects.filter(pk=analysis.pk, attempt=analysis.attempt, status__in=Analysis.OPEN)
        if not mine.update(**values):
            log.warning("analysis %s: attempt %d came too late to end it", analysis.pk, analysis.attempt)
            return False
        analysis.refresh_from_db()
        success = status == Analysis.Status.SUCCESS
        record_event(analysis, "analysis.completed" if success else "analysis.failed")
        if not success and switches().refund_failed:
            _refund(analysis)
    if not success:
        shutil.rmtree(analysis.answer_folder.parent, ignore_errors=True)
    log.info("analysis %s: %s %s", analysis.pk, status.value, reason or "")
    return True


def _refund(analysis: Analysis) -> None:
    Partner.objects.filter(pk=analysis.partner_id, credits__isnull=False).update(credits=F("credits") + 1)
    Analysis.objects.filter(pk=analysis.pk).update(credits=0)


def crashed(analysis: Analysis, why: Fault) -> None:
    """Note that the measuring itself came to nothing: try once more, then fail with the reason of the last try."""
    crashes = analysis.crashes + 1
    if not _held(analysis).update(crashes=crashes):
        return
    if crashes >= MAX_CRASHES:
        fail(analysis, refused(why, analysis.as_order().language))
    else:
        _held(analysis).update(lease_until=None)


def process_died(*, by: str, why: Fault | None) -> None:
    """Free what the dead process `by` held, without waiting for its lease; no `why`: something outside ended it."""
    for analysis in Analysis.objects.filter(lease_by=by, status=Analysis.Status.ANALYZING):
        log.warning("analysis %s: process %s died, attempt %d", analysis.pk, by, analysis.attempt)
        if why:
            crashed(analysis, why)
        else:
            _held(analysis).update(lease_until=None)
