"""Ask the provider how an analysis is doing, and bring the result home when it is there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, BinaryIO, cast

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from analyses import breaker
from analyses.actions.pause import KEY_REFUSED, pause_orders
from analyses.models import Analysis, Measurement, Result
from analyses.readout import corrected
from analyses.remote import provider_of, sentence_of
from analyses.waiting import no_answer_sentence, storage_sentence
from clips import storage
from providers.base import (
    Document,
    LinkRefused,
    NotFound,
    Provider,
    ProviderError,
    ProviderRefused,
    ProviderUnavailable,
    State,
    Status,
)
from providers.ochy import wire
from providers.results import Numbers

log = structlog.get_logger(__name__)

LEASE_S = 75  # longer than one answer may take (providers/http.py); renewed between them
# Ours, for no time is published: quick at first, then patient; stalled after half an hour, given up on after a day.
POLLS = ((60, 3), (600, 15), (1800, 60))  # (until so many seconds after the start, ask again after so many)
STALLED_POLL_S = 3600
GIVE_UP_AFTER_S = 24 * 3600
AGAIN_AFTER_ERROR_S = 15
UNKNOWN_FOR_S = 3600  # ours: long enough for whoever entered a wrong key to see it
VERSION_LENGTH = 20
RAW, FILM, THUMBNAIL = "raw.json", "annotated.mp4", "thumbnail.jpg"
BEING_MEASURED = (Analysis.Status.RUNNING, Analysis.Status.STALLED)


class LeaseLost(Exception):
    """Another worker took the row; what was fetched here is left to it."""


def ask_again(*, analysis: Analysis) -> None:
    """Make the next look due now, also at what was given up on: a person asks. The caller enqueues the job."""
    row = Analysis.objects.filter(pk=analysis.pk)
    row.unfinished().update(due_at=timezone.now())
    # A start without an answer waits on: asking tells nothing about it.
    row.filter(status__in=BEING_MEASURED).update(needs_person=False)


def give_up_result(*, analysis: Analysis, by: User) -> bool:
    """A person ends what no result came of within a day; False when it is not so. An admin decides about its credit."""
    if not analysis.needs_person or analysis.status not in BEING_MEASURED:
        return False
    note = f"given up by person {by.pk}"
    return analysis.move_to(Analysis.Status.FAILED, note=note, needs_person=False, finished_at=timezone.now())


def check_analysis(*, analysis: Analysis) -> None:
    """Ask the provider once. Afterwards the analysis has its result, failed with a reason, or is due again later."""
    if analysis.status not in BEING_MEASURED or not analysis.lease(LEASE_S):
        return
    try:
        with provider_of(analysis.account) as provider:
            status = provider.status(analysis.remote_id)
            if status.state is State.SUCCEEDED:
                _bring_home(analysis, provider, status)
            elif status.state is State.FAILED:
                _fail(analysis, status)
            else:
                _wait(analysis, status)
    except LeaseLost:
        log.warning("lease_lost", analysis=str(analysis.code))
        _leave_nothing_behind(analysis)
    except storage.TROUBLE as error:
        log.warning("storage_trouble", analysis=str(analysis.code), error=type(error).__name__)
        analysis.release(due_in_s=AGAIN_AFTER_ERROR_S, reason=storage_sentence(), reason_code="storage")
    except ProviderUnavailable as error:
        pause_s = min(max(AGAIN_AFTER_ERROR_S, error.retry_after_s or 0), breaker.LONGEST_HOLD_S)
        analysis.release(due_in_s=pause_s, reason=no_answer_sentence(), reason_code=error.code)
    except KEY_REFUSED as error:
        pause_orders(account=analysis.account, error=error)
        analysis.release(due_in_s=POLLS[-1][1], reason=sentence_of(error), reason_code=error.code)
    except NotFound as error:
        _wait_to_be_known(analysis, error)
    except ProviderError as error:
        _come_back(analysis, error)


def _age_s(analysis: Analysis) -> float:
    return (timezone.now() - (analysis.started_at or analysis.ordered_at)).total_seconds()


def _wait(analysis: Analysis, status: Status) -> None:
    """No result yet: ask again, more rarely the longer it takes, and after a day ask a person."""
    age_s = _age_s(analysis)
    percentage = round(status.percentage) if status.percentage is not None else analysis.percentage
    news = {"percentage": percentage, "reason": "", "reason_code": ""}
    if age_s > GIVE_UP_AFTER_S:
        _ask_person(analysis)
    elif age_s > settings.ANALYSIS_STALLED_AFTER_S:
        if analysis.status != Analysis.Status.STALLED:
            analysis.move_to(Analysis.Status.STALLED)
        analysis.release(due_in_s=STALLED_POLL_S, **news)
    else:
        pause_s = next((pause for until, pause in POLLS if age_s < until), POLLS[-1][1])
        analysis.release(due_in_s=pause_s, **news)


def _come_back(analysis: Analysis, error: ProviderError) -> None:
    """The service answers, and not with a result: ask again soon, and after a day ask a person."""
    if _age_s(analysis) > GIVE_UP_AFTER_S:
        _ask_person(analysis)
    elif isinstance(error, ProviderRefused):  # the numbers or a film come a moment after the word that they are there
        analysis.release(due_in_s=AGAIN_AFTER_ERROR_S, reason=no_answer_sentence(), reason_code=error.code)
    else:
        analysis.release(due_in_s=POLLS[-1][1], reason=sentence_of(error), reason_code=error.code)


def _ask_person(analysis: Analysis) -> None:
    text = _("No result came within a day. Ask the provider, or order again.")
    analysis.release(due_in_s=STALLED_POLL_S, needs_person=True, reason_code="no_result", reason=text)


def _wait_to_be_known(analysis: Analysis, error: NotFound) -> None:
    """What a service says it does not know it may not know yet, or not under the key of the moment; then it fails."""
    now = timezone.now()
    since = analysis.waiting_since if analysis.reason_code == error.code else None
    if since and (now - since).total_seconds() > UNKNOWN_FOR_S:
        _fail_unknown(analysis)
        return
    news = {"reason": sentence_of(error), "reason_code": error.code, "waiting_since": since or now}
    analysis.release(due_in_s=AGAIN_AFTER_ERROR_S, **news)


def _fail(analysis: Analysis, status: Status) -> None:
    """The provider could not measure it. What it cost stays spent: nobody says that it is refunded."""
    reason = status.reason
    if reason:
        text = reason.text
    else:
        text = _("The film could not be measured. Check that the whole runner is in view, in the right orientation.")
    code = reason.code if reason else "failed_without_reason"
    analysis.move_to(Analysis.Status.FAILED, note=code, reason_code=code[:40], reason=text, finished_at=timezone.now())


def _fail_unknown(analysis: Analysis) -> None:
    text = _("%(provider)s no longer knows this analysis. The film is kept; order it again.")
    analysis.move_to(
        Analysis.Status.FAILED,
        note="not found at the provider",
        reason_code="not_found",
        reason=text % {"provider": analysis.account},
        finished_at=timezone.now(),
    )


def _bring_home(analysis: Analysis, provider: Provider, status: Status) -> None:
    """Copy the three answers and both media into our storage, then count the analysis as done.

    The keys follow from the analysis, so whoever repeats this after a crash writes over the same files.
    """
    _renew(analysis)
    calculated = provider.calculated(analysis.remote_id)
    _renew(analysis)
    raw = provider.raw(analysis.remote_id)
    _renew(analysis)
    raw_key = _key(analysis, RAW)
    _put(raw_key, [raw.text.encode()])
    film_key = _copy(analysis, provider, status.film_url, FILM)
    thumbnail_key = _copy(analysis, provider, status.thumbnail_url, THUMBNAIL)
    with transaction.atomic():
        _store(analysis, status.document, calculated, raw_key, thumbnail_key, film_key)
        now = timezone.now()
        score = wire.parse_results(status.document.data).total_score
        fields: dict[str, Any] = {
            "percentage": 100,
            "finished_at": now,
            "total_score": score,
            "reason": "",
            "reason_code": "",
        }
        if not analysis.move_to(Analysis.Status.SUCCEEDED, **fields):
            raise LeaseLost


def _store(
    analysis: Analysis, results: Document, calculated: Document, raw_key: str, thumbnail_key: str, film_key: str
) -> None:
    Result.objects.update_or_create(
        analysis=analysis,
        organization=analysis.organization,
        defaults={
            "results": results.text,
            "calculated": calculated.text,
            "raw_key": raw_key,
            "thumbnail_key": thumbnail_key,
            "film_key": film_key,
        },
    )
    _write_measurements(analysis, wire.parse_calculated(calculated.data))


def read_again(*, analysis: Analysis) -> None:
    """Parse the stored answer anew, without asking the provider; steps that were left out of it stay out."""
    with transaction.atomic():
        left = corrected(analysis)
        _write_measurements(analysis, left.measured)
        score = left.judged.total_score
        if score != analysis.total_score:
            Analysis.objects.filter(pk=analysis.pk).update(total_score=score)
            analysis.total_score = score


def _write_measurements(analysis: Analysis, parsed: Numbers) -> None:
    numbers = {(number.key, number.side or "", number.phase or ""): number for number in parsed.numbers}
    analysis.measurements.all().delete()
    Measurement.objects.bulk_create(
        Measurement(
            organization=analysis.organization,
            analysis=analysis,
            key=key,
            side=side,
            phase=phase,
            value=number.value,
            unit=number.unit,
            uncertainty_95=number.uncertainty_95,
            count=number.n,
            typical_low=number.range_good[0] if number.range_good else None,
            typical_high=number.range_good[1] if number.range_good else None,
        )
        for (key, side, phase), number in numbers.items()
    )
    _write_conditions(analysis, parsed)


def _write_conditions(analysis: Analysis, parsed: Numbers) -> None:
    """Keep on the row what a later film must agree with to be compared with this one."""
    speeds = [number.value for number in parsed.numbers if number.key == "speed_m_s" and number.side is None]
    belt_m_s = 1000 / analysis.pace_s_per_km if analysis.treadmill and analysis.pace_s_per_km else None
    known: dict[str, Any] = {"speed_m_s": belt_m_s or next(iter(speeds), None)}
    for name, key in (("engine_version", "engine_version"), ("ranges_version", "bands_version")):
        said = parsed.house.get(key, "")
        known[name] = str(said)[:VERSION_LENGTH] if isinstance(said, str | int | float) else ""
    Analysis.objects.filter(pk=analysis.pk).update(**known)
    for name, value in known.items():
        setattr(analysis, name, value)


def _copy(analysis: Analysis, provider: Provider, link: str | None, name: str) -> str:
    """Copy what a link points to into our storage before it dies; "" when there is no link, or none to be followed."""
    if not link:
        return ""
    key = _key(analysis, name)
    try:
        with provider.download(link) as media:
            _put(key, _keeping_lease(analysis, media))
    except LinkRefused as refused:
        # A dead link comes alive with the next look. One that stays dead, or is none we may follow, must not keep
        # the numbers away that are paid for.
        is_dead = refused.http_status is not None
        if is_dead and _age_s(analysis) < settings.ANALYSIS_STALLED_AFTER_S:
            raise
        log.warning("media_not_kept", analysis=str(analysis.code), name=name, code=refused.code)
        return ""
    return key


def _keeping_lease(analysis: Analysis, chunks: Iterable[bytes]) -> Iterable[bytes]:
    renew_at = timezone.now() + timedelta(seconds=LEASE_S / 4)
    for chunk in chunks:
        if timezone.now() > renew_at:
            _renew(analysis)
            renew_at = timezone.now() + timedelta(seconds=LEASE_S / 4)
        yield chunk


def _renew(analysis: Analysis) -> None:
    """A worker that dies here is missed after LEASE_S, however much it had fetched."""
    if not analysis.extend_lease(LEASE_S):
        raise LeaseLost


def _put(key: str, chunks: Iterable[bytes]) -> None:
    """Store what comes in pieces; it is gathered on disk, not in memory."""
    with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as file:
        for chunk in chunks:
            file.write(chunk)
        storage.put(key, cast(BinaryIO, file))


def _leave_nothing_behind(analysis: Analysis) -> None:
    """Remove what was stored for an analysis that was ended or erased meanwhile: no row leads to it.

    One that another worker has, or has brought home, keeps its files, which are the same.
    """
    if not Analysis.objects.filter(pk=analysis.pk, status__in=(*BEING_MEASURED, Analysis.Status.SUCCEEDED)).exists():
        storage.delete(*(_key(analysis, name) for name in (RAW, FILM, THUMBNAIL)))


def _key(analysis: Analysis, name: str) -> str:
    return f"results/{analysis.code}/{name}"
