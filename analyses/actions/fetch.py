"""Bring a result home: the three answers and both media into our storage, the numbers into rows of their own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, BinaryIO, cast

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from analyses import readout
from analyses.models import Analysis, LeaseLost, Measurement, Result
from clips import storage
from providers.base import Document, LinkRefused, Provider, Status
from providers.ochy import wire
from providers.results import Numbers

log = structlog.get_logger(__name__)

LEASE_S = 75  # longer than one answer may take (providers/http.py); renewed between them, to miss a dead worker soon
VERSION_LENGTH = 20
RAW, FILM, THUMBNAIL = "raw.json", "annotated.mp4", "thumbnail.jpg"
KEEPS_ITS_FILES = (Analysis.Status.RUNNING, Analysis.Status.STALLED, Analysis.Status.SUCCEEDED)


def fetch_result(analysis: Analysis, provider: Provider, status: Status) -> None:
    """Copy the three answers and both media into our storage, then count the analysis as done.

    The keys follow from the analysis, so whoever repeats this after a crash writes over the same files. Raises
    LeaseLost, ProviderError, storage.TROUBLE.
    """
    analysis.keep_lease(LEASE_S)
    calculated = provider.calculated(analysis.remote_id)
    analysis.keep_lease(LEASE_S)
    raw = provider.raw(analysis.remote_id)
    analysis.keep_lease(LEASE_S)
    raw_key = _key(analysis, RAW)
    _put(raw_key, [raw.text.encode()])
    film_key = _copy(analysis, provider, status.film_url, FILM)
    thumbnail_key = _copy(analysis, provider, status.thumbnail_url, THUMBNAIL)
    with transaction.atomic():
        _store(analysis, status.document, calculated, raw_key, thumbnail_key, film_key)
        now = timezone.now()
        score = readout.read(wire.parse_results(status.document.data), wire.parse_calculated(calculated.data)).score
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
        left = readout.corrected(analysis)
        _write_measurements(analysis, left.measured)
        score = readout.read(left.judged, left.measured).score
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
        if is_dead and analysis.age_s < settings.ANALYSIS_STALLED_AFTER_S:
            raise
        log.warning("media_not_kept", analysis=str(analysis.code), name=name, code=refused.code)
        return ""
    return key


def _keeping_lease(analysis: Analysis, chunks: Iterable[bytes]) -> Iterable[bytes]:
    renew_at = timezone.now() + timedelta(seconds=LEASE_S / 4)
    for chunk in chunks:
        if timezone.now() > renew_at:
            analysis.keep_lease(LEASE_S)
            renew_at = timezone.now() + timedelta(seconds=LEASE_S / 4)
        yield chunk


def _put(key: str, chunks: Iterable[bytes]) -> None:
    """Store what comes in pieces; it is gathered on disk, not in memory."""
    with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as file:
        for chunk in chunks:
            file.write(chunk)
        storage.put(key, cast(BinaryIO, file))


def leave_nothing_behind(analysis: Analysis) -> None:
    """Remove what was stored for an analysis that was ended or erased meanwhile: no row leads to it.

    One that another worker has, or has brought home, keeps its files, which are the same.
    """
    if not Analysis.objects.filter(pk=analysis.pk, status__in=KEEPS_ITS_FILES).exists():
        storage.delete(*(_key(analysis, name) for name in (RAW, FILM, THUMBNAIL)))


def _key(analysis: Analysis, name: str) -> str:
    return f"results/{analysis.code}/{name}"
