"""Two films of one runner beside each other, and what really changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import access
from accounts.access import MemberRequest, member_required
from accounts.questions import Asked
from accounts.questions import rows as asked_rows
from accounts.watch import note_look
from analyses import actions, jobs
from analyses.alignment import Alignment, align
from analyses.changes import Choice, comparable, grouped, other_films, own_of, own_sets, repeats_of, side_of
from analyses.compare import compare, not_alike
from analyses.corrections import Corrected
from analyses.curves import Drawing, over_each_other
from analyses.models import Analysis, AnalysisQuerySet, Beside, Repeat
from analyses.readout import Readout, corrected, read
from analyses.views.detail import film_speeds
from clips import storage


@dataclass(frozen=True)
class Film:
    """One of the two: what it shows, and where its pictures are."""

    analysis: Analysis
    answer: Corrected
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
    analysis = _film_of(request, code)
    before = cast(AnalysisQuerySet, access.rows(request, Analysis)).last_comparable(analysis)
    if before is None:
        return render(request, "analyses/compare_alone.html", {"analysis": analysis, "runner": analysis.subject})
    return redirect("analyses:compare", analysis.code, before.code)


@require_safe
@member_required
def two(request: MemberRequest, code: UUID, other: UUID) -> HttpResponse:
    """Show two films of one runner, the earlier one as what was before."""
    if code == other:
        return redirect("analyses:compare_newest", _film_of(request, code).code)
    before, now = map(_film, _pair(request, code, other))
    return render(request, "analyses/compare.html", _page(request, now, before))


@require_POST
@member_required(write=True)
def make_beside(request: MemberRequest, code: UUID, other: UUID) -> HttpResponse:
    """Have a worker make the picture and the film of both; answer how far it is."""
    before, now = _pair(request, code, other)
    try:
        asked = actions.ask_beside(now=now, before=before, by=request.user)
    except actions.FilmNotReady:
        messages.error(request, _("A film is still being prepared. Try again in a minute."))
    else:
        jobs.hint_beside(asked)
        if request.headers.get("HX-Request"):
            return _state(request, now, before)
    return redirect("analyses:compare", now.code, before.code)


@require_safe
@member_required
def beside_state(request: MemberRequest, code: UUID, other: UUID) -> HttpResponse:
    """Answer how far the picture and the film are."""
    before, now = _pair(request, code, other)
    return _state(request, now, before)


def _state(request: MemberRequest, now: Analysis, before: Analysis) -> HttpResponse:
    return render(request, "analyses/_beside.html", {"now": now, "before": before, **_beside(request, now, before)})


@require_POST
@member_required(write=True)
def repeat(request: MemberRequest, code: UUID, other: UUID) -> HttpResponse:
    """Keep that two films show the same minute."""
    first, second = _pair(request, code, other)
    try:
        actions.keep_repeat(first=first, second=second, by=request.user)
    except actions.NotOneMinute:
        text = _("Only two films of one runner, one day and the same conditions can show the same minute.")
        messages.error(request, text)
        return redirect("analyses:compare", second.code, first.code)
    messages.success(request, _("Kept. From now on changes are judged by what your own films differ by, too."))
    return redirect("analyses:repeatability")


@require_safe
@member_required
def repeatability(request: MemberRequest) -> HttpResponse:
    """Show what the organisation's own films differ by, beside the usual figures."""
    rows = list(access.rows(request, Repeat).select_related("first__subject", "second", "by"))
    sets = own_sets(repeats_of(request.member.organization_id))
    return render(request, "analyses/repeatability.html", {"repeats": rows, "sets": sets})


@require_POST
@member_required(write=True)
def forget_repeat(request: MemberRequest, code: UUID) -> HttpResponse:
    actions.forget_repeat(repeat=access.row(request, Repeat, code, write=True))
    messages.success(request, _("Forgotten. Nothing else was changed."))
    return redirect("analyses:repeatability")


def _pair(request: MemberRequest, code: UUID, other: UUID) -> list[Analysis]:
    """Return two finished films of one runner, the earlier one first; 404 for anything else."""
    pair: list[Analysis] = asked_rows(comparable, request.member.organization_id, code, other)
    if len(pair) != 2 or pair[0].subject_id != pair[1].subject_id:
        raise Http404
    note_look(request.member, pair[0])
    return sorted(pair, key=lambda one: (one.ordered_at, one.pk))


def _beside(request: MemberRequest, now: Analysis, before: Analysis) -> dict[str, Any]:
    made = access.rows(request, Beside).filter(now=now, before=before).first()
    if made is None or made.status != Beside.Status.READY:
        return {"beside": made}
    name = f"{timezone.localdate(before.ordered_at)}-{timezone.localdate(now.ordered_at)}"
    return {
        "beside": made,
        "picture": storage.link(made.picture_key, content_type="image/png", filename=f"{name}.png"),
        "film": storage.link(made.film_key, content_type="video/mp4", filename=f"{name}.mp4"),
    }


def _page(request: MemberRequest, now: Film, before: Film) -> dict[str, Any]:
    side = side_of(now.analysis, now.shown)
    own = own_of(now.analysis.organization_id, side)
    earlier = side_of(before.analysis, before.shown)
    result = compare(side, earlier, own=own, units=request.manner.units)
    return {
        "own_on": max((row.own_on for row in (result.score, *result.rows) if row.own_on), default=None),
        "can_repeat": actions.is_one_minute(before.analysis, now.analysis),
        **_beside(request, now.analysis, before.analysis),
        "runner": now.analysis.subject,
        "now": now,
        "before": before,
        "is_one_day": timezone.localdate(now.analysis.ordered_at) == timezone.localdate(before.analysis.ordered_at),
        "comparison": result,
        "groups": grouped(result.rows),
        "aligned": _aligned(now, before),
        "curves": _curves(now, before),
        "over_stance": now.shown.over_stance,
        "has_points": all(film.analysis.result.raw_key and (film.annotated or film.original) for film in (now, before)),
        "choices": _choices(request, now.analysis, before.analysis),
        "speeds": film_speeds(),
    }


def _film_of(request: MemberRequest, code: UUID) -> Analysis:
    return access.row(request, Asked(comparable, request.member.organization_id, code), code)


def _film(analysis: Analysis) -> Film:
    clip, result = analysis.clip, analysis.result
    answer = corrected(analysis)
    return Film(
        analysis,
        answer,
        read(answer.judged, answer.measured),
        storage.link(result.film_key, content_type="video/mp4"),
        storage.link(clip.review_key, content_type="video/mp4"),
        storage.link(result.thumbnail_key or clip.thumbnail_key),
    )


def _aligned(now: Film, before: Film) -> Alignment:
    ends = [film.analysis.clip.duration_s or 0.0 for film in (now, before)]
    return align(now.shown.steps, before.shown.steps, *ends)


def _curves(now: Film, before: Film) -> tuple[Drawing, ...]:
    # A stance and a stride are not the same hundred per cent.
    if now.shown.over_stance != before.shown.over_stance:
        return ()
    return over_each_other(now.answer.measured.curves, before.answer.measured.curves)


def _choices(request: MemberRequest, now: Analysis, before: Analysis) -> list[Choice]:
    """Return the runner's newest finished films but this one, those that compare first."""
    here = side_of(now)
    choices = []
    for code, film in other_films(now):
        reasons = not_alike(here, film, units=request.manner.units)
        choices.append(Choice(code, film, reasons[0] if reasons else None, code == before.code))
    return sorted(choices, key=lambda choice: choice.reason is not None)
