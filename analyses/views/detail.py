"""One analysis: under way, failed, or done."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from accounts import access
from accounts.access import MemberRequest, member_required
from accounts.numbers import number
from accounts.questions import Asked
from analyses import actions, jobs
from analyses.keeping import removal_notice
from analyses.landings import PART_PX
from analyses.models import Analysis, Result
from analyses.progress import steps_of, usual_s
from analyses.readout import readout, weakest, with_answers
from analyses.remote import sentence_of
from analyses.steps import marks, tiles
from clips import storage
from clips.models import Clip
from credits.models import Entry
from providers.base import ProviderError, RemoteAnalysis

STEP_LIST = "step-list"  # asks for itself while the pictures of the landings are being made
LEVELS = ("results", "calculated", "raw")
SCRIPTS = ("js/film.js", "js/player.js", "js/skeleton.js", "js/frames.js", "js/curves.js", "js/note.js")
STOP_POLLING = 286  # htmx: shown, and not asked for again


@require_safe
@member_required
def detail(request: MemberRequest, code: UUID) -> HttpResponse:
    analysis = _analysis(request, code)
    if analysis.status == Analysis.Status.SUCCEEDED:
        jobs.hint_landings(analysis)
        # A number that is pressed brings only the steps behind it; the film above them plays on.
        asked = request.headers.get("HX-Target") if request.method == "GET" else None
        if asked == STEP_LIST and actions.landings_due(analysis):
            return HttpResponse(status=204)
        only_steps = asked in ("steps", STEP_LIST)
        page = "analyses/_steps.html" if only_steps else "analyses/result.html"
        return render(request, page, _result(request, analysis))
    if analysis.status == Analysis.Status.FAILED:
        return render(request, "analyses/failed.html", _failed(request, analysis))
    if analysis.status == Analysis.Status.REMOVED:
        return render(request, "analyses/removed.html", _common(analysis) | {"notice": removal_notice(analysis)})
    return render(request, "analyses/running.html", _running(request, analysis))


@require_safe
@member_required
def status(request: MemberRequest, code: UUID) -> HttpResponse:
    """Answer how far it is; when it is over, have the browser open the page anew."""
    analysis = _analysis(request, code)
    if analysis.is_finished:
        return HttpResponseClientRefresh()
    # What waits for a person does not change by itself: each look would ask the service for its whole list.
    status = STOP_POLLING if analysis.needs_person else 200
    return render(request, "analyses/_status.html", _running(request, analysis), status=status)


@require_POST
@member_required(write=True)
def refresh(request: MemberRequest, code: UUID) -> HttpResponse:
    """Ask the service now rather than when it is due."""
    analysis = _analysis(request, code, write=True)
    actions.ask_again(analysis=analysis)
    jobs.hint(analysis)
    return redirect("analyses:detail", analysis.code)


@require_POST
@member_required(write=True)
def cancel(request: MemberRequest, code: UUID) -> HttpResponse:
    """Take the order back, if the film has not left yet."""
    analysis = _analysis(request, code, write=True)
    if not actions.cancel_order(analysis=analysis, by=request.user):
        messages.error(request, _("The film was on its way already, so it is measured to the end."))
    return redirect("analyses:detail", analysis.code)


@require_POST
@member_required(write=True)
def decide(request: MemberRequest, code: UUID) -> HttpResponse:
    """Say what becomes of a start without an answer (it is that one there, send it anew) or a result; or end it."""
    analysis = _analysis(request, code, write=True)
    choice = request.POST.get("choice", "")
    try:
        done = _decide(request, analysis, choice)
    except ProviderError as error:
        messages.error(request, sentence_of(error))
    else:
        if not done:
            messages.error(request, _("That is no longer possible. Look at the page again and decide anew."))
        jobs.hint(analysis)
    return redirect("analyses:detail", analysis.code)


def _decide(request: MemberRequest, analysis: Analysis, choice: str) -> bool:
    start = request.POST.get("start", "")
    if choice == "anew":
        return actions.send_anew(analysis=analysis, start=start, by=request.user)
    if choice == "end":
        given_up = actions.give_up_start(analysis=analysis, start=start, by=request.user)
        return given_up or actions.give_up_result(analysis=analysis, by=request.user)
    return actions.attach_start(analysis=analysis, remote_id=choice)


@require_safe
@member_required
def raw(request: MemberRequest, code: UUID, level: str) -> HttpResponseBase:
    """Give what the service said, as received: its results, the calculated data, or the raw key points."""
    analysis = _analysis(request, code)
    result = getattr(analysis, "result", None)
    if result is None or level not in LEVELS:
        raise Http404
    name = f"{level}-{analysis.code}.json"
    if level == "raw":
        try:
            return FileResponse(storage.open_file(result.raw_key), as_attachment=True, filename=name)
        except FileNotFoundError as error:
            raise Http404 from error
    text = result.results if level == "results" else result.calculated
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _analysis(request: MemberRequest, code: UUID, *, write: bool = False) -> Analysis:
    return access.row(request, Asked(with_answers, code), code, write=write)


def film_speeds() -> list[tuple[str, str]]:
    """Return how fast a film can be played: for the player and for people."""
    return [("0.1", number(0.1, 1)), ("0.25", "¼"), ("0.5", "½"), ("1", "1")]


def _common(analysis: Analysis) -> dict[str, Any]:
    clip = analysis.clip
    return {
        "analysis": analysis,
        "runner": analysis.subject,
        "still": storage.link(clip.thumbnail_key),
    }


def _landings(result: Result) -> dict[str, Any] | None:
    if not result.landings_key:
        return None
    width_px, height_px = PART_PX
    link = storage.link(result.landings_key, content_type="image/webp")
    return {"link": link, "width_px": width_px * len(result.landings_of), "height_px": height_px}


def _download(clip: Clip) -> str:
    if not clip.has_original:
        return ""
    return storage.link(clip.original_key, content_type=clip.content_type, filename=clip.download_name)


def _failed(request: MemberRequest, analysis: Analysis) -> dict[str, Any]:
    back = access.rows(request, Entry).filter(kind=Entry.Kind.GIVE_BACK, reference=analysis.reference)
    return _common(analysis) | {"returned": back.exists(), "moves": analysis.moves.all()}


def _running(request: MemberRequest, analysis: Analysis) -> dict[str, Any]:
    now = timezone.now()
    is_unsure = analysis.needs_person and analysis.status == Analysis.Status.UNSURE
    candidates, trouble = _candidates(analysis) if is_unsure else ([], "")
    clip = analysis.clip
    return _common(analysis) | {
        "steps": steps_of(analysis),
        "so_far_s": (now - analysis.ordered_at).total_seconds(),
        "usual_s": usual_s(analysis, access.rows(request, Analysis)),
        # Whoever decides which of those there it is sees what was filmed.
        "film": storage.link(clip.review_key, content_type="video/mp4") if is_unsure else "",
        "candidates": candidates,
        "trouble": trouble,
    }


def _candidates(analysis: Analysis) -> tuple[list[RemoteAnalysis], str]:
    try:
        return actions.candidates(analysis), ""
    except ProviderError as error:
        return [], sentence_of(error)


def _result(request: MemberRequest, analysis: Analysis) -> dict[str, Any]:
    clip, result = analysis.clip, analysis.result
    shown = readout(analysis)
    row = shown.by_key.get(request.GET.get("about", ""))
    fps = clip.fps or 0.0
    has_moments = any(one.strike_s is not None for one in shown.steps)
    return _common(analysis) | {
        "result": shown,
        "weakest": weakest(shown),
        "annotated": storage.link(result.film_key, content_type="video/mp4"),
        "original": storage.link(clip.review_key, content_type="video/mp4"),
        "download": _download(clip),
        "poster": storage.link(result.thumbnail_key),
        "annotated_fps": fps,
        "original_fps": clip.copy_fps or fps,
        "frames": max(0, (clip.frame_count or 1) - 1),
        "marks": marks(shown.steps, clip.duration_s or 0.0, shown.left_out),
        "about": row,
        "tiles": tiles(shown.steps, row.measure.key if row else "", shown.left_out, result.landings_of),
        "landings": _landings(result),
        "landings_due": has_moments and actions.landings_due(analysis),
        "scripts": SCRIPTS,
        "corrections": analysis.corrections.standing().select_related("by") if shown.left_out else (),
        "film_steps": [
            {"side": one.side, "strike": one.strike_s, "toeOff": one.toe_off_s, "next": one.next_strike_s}
            for one in shown.steps
            if one.strike_s is not None
        ],
        "has_points": bool(result.raw_key),
        "speeds": film_speeds(),
    }
