"""Two films of one runner beside each other, and what really changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts import access
from accounts.access import MemberRequest, member_required
from analyses.changes import grouped, side_of
from analyses.compare import Reason, compare, not_alike
from analyses.corrections import Corrected
from analyses.curves import Drawing, over_each_other
from analyses.locking import Lock, lock
from analyses.models import Analysis, AnalysisQuerySet
from analyses.readout import Readout, corrected, read
from clips import storage

MOST_CHOICES = 50
SPEEDS = (("0.1", "0.1"), ("0.25", "¼"), ("0.5", "½"), ("1", "1"))


@dataclass(frozen=True)
class Film:
    """One of the two: what it shows, and where its pictures are."""

    analysis: Analysis
    left: Corrected
    shown: Readout
    annotated: str
    original: str
    still: str

    @property
    def code(self) -> UUID:
        return self.analysis.code


@require_safe
@member_required
def newest(request: MemberRequest, code: UUID) -> HttpResponse:
    """Lead to the comparison with the last comparable film; without an earlier film say what to do."""
    analysis = _finished(request, code)
    before = _rows(request).last_comparable(analysis)
    if before is None:
        return render(request, "analyses/compare_alone.html", {"analysis": analysis, "runner": analysis.subject})
    return redirect("analyses:compare", analysis.code, before.code)


@require_safe
@member_required
def two(request: MemberRequest, code: UUID, other: UUID) -> HttpResponse:
    """Show two films of one runner, the earlier one as what was before."""
    if code == other:
        return redirect("analyses:compare_newest", code)
    pair = [_finished(request, code), _finished(request, other)]
    if pair[0].subject_id != pair[1].subject_id:
        raise Http404
    before, now = (_film(one) for one in sorted(pair, key=lambda one: (one.ordered_at, one.pk)))
    return render(request, "analyses/compare.html", _page(request, now, before))


def _page(request: MemberRequest, now: Film, before: Film) -> dict[str, Any]:
    result = compare(side_of(now.analysis, now.shown), side_of(before.analysis, before.shown))
    return {
        "runner": now.analysis.subject,
        "now": now,
        "before": before,
        "comparison": result,
        "groups": grouped(result.rows),
        "lock": _lock(now, before),
        "curves": _curves(now, before),
        "over_stance": now.shown.over_stance,
        "choices": _choices(request, now.analysis, before.analysis),
        "speeds": SPEEDS,
    }


def _rows(request: MemberRequest) -> AnalysisQuerySet:
    return cast(AnalysisQuerySet, access.rows(request, Analysis))


def _finished(request: MemberRequest, code: UUID) -> Analysis:
    known = _rows(request).finished().select_related("subject", "clip", "account", "result")
    return get_object_or_404(known.with_shoes().prefetch_related("corrections"), code=code)


def _film(analysis: Analysis) -> Film:
    clip, result = analysis.clip, analysis.result
    left = corrected(analysis)
    return Film(
        analysis,
        left,
        read(left.judged, left.measured),
        storage.link(result.film_key, content_type="video/mp4") if result.film_key else "",
        storage.link(clip.review_key, content_type="video/mp4") if clip.review_key else "",
        storage.link(result.thumbnail_key or clip.thumbnail_key) if result.thumbnail_key or clip.thumbnail_key else "",
    )


def _lock(now: Film, before: Film) -> Lock:
    ends = [film.analysis.clip.duration_s or 0.0 for film in (now, before)]
    return lock(now.shown.steps, before.shown.steps, *ends)


def _curves(now: Film, before: Film) -> tuple[Drawing, ...]:
    # A stance and a stride are not the same hundred per cent.
    if now.shown.over_stance != before.shown.over_stance:
        return ()
    return over_each_other(now.left.measured.curves, before.left.measured.curves)


@dataclass(frozen=True)
class Choice:
    """Another film of the runner to compare with, and why it does not compare."""

    analysis: Analysis
    reason: Reason | None
    is_chosen: bool


def _choices(request: MemberRequest, now: Analysis, before: Analysis) -> list[Choice]:
    """Return the runner's newest finished films but this one, those that compare first."""
    others = _rows(request).finished().filter(subject=now.subject_id).exclude(pk=now.pk)
    films = others.select_related("clip", "account").with_shoes().order_by("-ordered_at")[:MOST_CHOICES]
    here = side_of(now)
    choices = []
    for film in films:
        reasons = not_alike(here, side_of(film))
        choices.append(Choice(film, reasons[0] if reasons else None, film.pk == before.pk))
    return sorted(choices, key=lambda choice: choice.reason is not None)
