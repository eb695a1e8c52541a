"""Films in (begin, receive, finish), their check list, and films out through signed links."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, BinaryIO, cast
from uuid import UUID

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts import access
from accounts.access import MemberRequest, member_required
from accounts.limits import Limit
from accounts.writing import in_turn
from clips import actions, jobs, rules, storage
from clips.models import Clip
from clips.probe import CopyBroke, NotAFilm, reason
from clips.ranges import film_response
from clips.uploads import TooBig, limit_upload
from subjects.models import Subject

log = structlog.get_logger(__name__)

TRUE = ("1", "true", "on", "yes")
SOUND_EXCESS_S = 0.5


def store_may_be_away(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Answer 503 and a sentence where the store does not answer or take a film: the same works later."""

    @wraps(view)
    def inner(request: MemberRequest, code: UUID) -> HttpResponseBase:
        try:
            return view(request, code)
        except storage.TROUBLE:
            log.exception("store_away", path=request.path)
            return _problem(
                _("Our film store does not answer just now. Try again in a minute."), "store_away", status=503
            )

    return inner


@require_POST
@member_required(write=True)
def begin(request: MemberRequest) -> HttpResponse:
    """Judge what the browser knows of a film (`name`, `size`, where it can `duration`, `width`, `height`) and answer
    where to send it; 422 with the check list when it could not be measured anyway, so that nothing is sent in vain.

    `duration` is that of the run, also in slow motion. `start`, in seconds of the film as it plays, says where the ten
    seconds of the run begin that will be kept of a film that is too long.
    """
    limit = Limit("uploads", settings.UPLOADS_AN_HOUR, 3600)
    if not limit.passes(str(request.user.pk)):
        minutes = -(-limit.retry_after_s // 60)
        text = ngettext(
            "You have sent very many films within an hour. Go on in %(minutes)s minute.",
            "You have sent very many films within an hour. Go on in %(minutes)s minutes.",
            minutes,
        )
        return _problem(text % {"minutes": minutes}, "too_often", status=429)
    claims = _claims(request)
    if claims.size_bytes == 0:
        return _refused("empty")
    judged = _judged(rules.first_verdicts(claims, **_question(request.POST)))
    html = render_to_string("clips/_film.html", judged, request)
    if not judged["may_be_sent"]:
        text = in_turn(verdict.text for verdict in judged["verdicts"] if verdict.level == "no")
        trimmable = _is_trimmable(judged["verdicts"], claims.duration_s)
        refusal = {"code": "not_measurable", "text": text, "html": html, "trimmable": trimmable}
        return JsonResponse(refusal, status=422)
    subject = request.POST.get("subject")
    clip = actions.begin_upload(
        organization=request.member.organization,
        name=request.POST.get("name", ""),
        by=request.user,
        subject=access.row(request, Subject, subject) if subject else None,
    )
    return JsonResponse({"html": html, **_ways(clip)}, status=201)


def _ways(clip: Clip) -> dict[str, Any]:
    """Where the browser sends the film, and what it asks afterwards."""
    ours = reverse("clips:receive", args=[clip.code])
    form = storage.upload_form(clip.incoming_key, max_bytes=rules.MAX_SIZE_BYTES)
    return {
        "code": str(clip.code),
        "url": form.url if form else ours,
        "fields": form.fields if form else {},
        "own_url": ours,  # for a browser that is kept from the bucket
        "finish_url": reverse("clips:finish", args=[clip.code]),
        "checks_url": reverse("clips:checks", args=[clip.code]),
        "delete_url": reverse("clips:delete", args=[clip.code]),
    }


@csrf_exempt  # done below: the check reads the form, and the limit must be set before that
@require_POST
@member_required(write=True)
@store_may_be_away
def receive(request: MemberRequest, code: UUID) -> HttpResponseBase:
    """Take the file of an upload, as the field `file` of a form."""
    clip = access.row(request, Clip, code, write=True)
    try:
        limit = limit_upload(request)
    except TooBig:
        return _refused("too_big", status=413)
    try:
        response: HttpResponseBase = _receive(request, clip)
    except MultiPartParserError:  # a form no browser writes, such as one with a name of 4 kB
        return _refused("missing", status=400)
    # Also when the check against forged requests failed because the form was cut off.
    return _refused("too_big", status=413) if limit.exceeded else response


@csrf_protect
def _receive(request: HttpRequest, clip: Clip) -> HttpResponse:
    file = request.FILES.get("file")
    if file is None:
        return _refused("missing")
    if not file.size:
        return _refused("empty")
    if clip.status != Clip.Status.WAITING:
        return _problem(_("This film has arrived already. Choose another one."), "arrived", status=409)
    actions.receive_film(clip=clip, file=cast(BinaryIO, file))
    return HttpResponse(status=204)


@require_POST
@member_required(write=True)
@store_may_be_away
def finish(request: MemberRequest, code: UUID) -> HttpResponse:
    """Look into the film that was sent; answer its check list for the view and surface given.

    `copy`, for a browser that cannot play the film itself: where its copy is; empty while that is made, null for none.
    """
    clip = access.row(request, Clip, code, write=True)
    try:
        clip = actions.finish_upload(clip=clip, start_s=_number(request.POST.get("start")))
    except NotAFilm as missing:
        return _refused(missing.code, status=409)
    except CopyBroke:
        text = _("The film has arrived, but could not be cut just now. Try again in a minute.")
        return _problem(text, "not_cut", status=503)
    if not clip.is_usable:
        return _refused(clip.rejection_code)
    jobs.hint(clip)
    judged = _judged(_verdicts(clip, request.POST), clip)
    html = render_to_string("clips/_film.html", judged, request)
    return JsonResponse(
        {
            "code": str(clip.code),
            "html": html,
            "may_be_sent": judged["may_be_sent"],
            "needs_tick": judged["needs_tick"],
            "duration": clip.duration_s,
            "trimmable": _is_trimmable(judged["verdicts"], clip.duration_s),
            "copy": _copy(clip),
        }
    )


def _is_trimmable(verdicts: list[rules.Verdict], duration_s: float | None) -> bool:
    return rules.only_too_long(verdicts) and rules.is_trimmable(duration_s or 0)


def _copy(clip: Clip) -> str | None:
    if clip.copy_status == Clip.CopyStatus.PENDING:
        return ""
    return storage.link(clip.review_key, content_type="video/mp4") or None


@require_GET
@member_required
def checks(request: MemberRequest, code: UUID) -> HttpResponse:
    """The check list of a film for another view or surface."""
    clip = access.row(request, Clip, code)
    if not clip.is_usable:
        return _refused(clip.rejection_code or "missing")
    return render(request, "clips/_film.html", _judged(_verdicts(clip, request.GET), clip))


@require_POST
@member_required(write=True)
@store_may_be_away
def delete(request: MemberRequest, code: UUID) -> HttpResponse:
    """Remove a film nobody has measured."""
    clip = access.row(request, Clip, code, write=True)
    try:
        actions.delete_clip(clip=clip)
    except actions.ClipInUse:
        text = _("This film was measured, so it is kept. Erase the runner to remove it.")
        return _problem(text, "in_use", status=409)
    return HttpResponse(status=204)


@require_safe
def film(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """Give the file a signed link leads to: the signature is the right, nobody need be signed in."""
    try:
        linked = storage.follow(token)
        path = storage.path_on_disk(linked.key)
        if path is None:  # films have moved to a bucket since the link was made
            return redirect(storage.link(linked.key, content_type=linked.content_type, filename=linked.filename))
        return film_response(
            request,
            path,
            content_type=linked.content_type,
            filename=linked.filename,
            max_age_s=settings.FILM_LINK_LIFETIME_S,
        )
    except (storage.LinkDead, FileNotFoundError):
        return render(request, "clips/link_dead.html", status=404)


def _verdicts(clip: Clip, asked: QueryDict) -> list[rules.Verdict]:
    return rules.verdicts(clip.facts, **_question(asked))


def _question(asked: QueryDict) -> dict[str, Any]:
    """What the film is meant for, from the order's form."""
    return {
        "view": asked.get("view", "side_view"),
        "treadmill": asked.get("treadmill", "").lower() in TRUE,
        "strict_orientation": asked.get("strict", "").lower() in TRUE,
    }


def _judged(verdicts: list[rules.Verdict], clip: Clip | None = None) -> dict[str, Any]:
    """What `clips/_film.html` shows; without a clip nothing has been sent yet."""
    return {
        "clip": clip,
        "verdicts": verdicts,
        "may_be_sent": rules.may_be_sent(verdicts, ticked=True),
        "needs_tick": rules.needs_tick(verdicts),
    }


def _claims(request: HttpRequest) -> rules.Claims:
    size, duration_s, width, height = (
        _number(request.POST.get(key)) for key in ("size", "duration", "width", "height")
    )
    if duration_s is not None and rules.is_trimmable(duration_s) and _number(request.POST.get("start")) is not None:
        duration_s = rules.MAX_DURATION_S
    # A browser counts the sound too, which may be longer than the pictures: only a clear excess is certain.
    unsure = duration_s is not None and rules.MAX_DURATION_S < duration_s <= rules.MAX_DURATION_S + SOUND_EXCESS_S
    return rules.Claims(
        size_bytes=None if size is None else int(size),
        duration_s=None if unsure else duration_s,
        width_px=int(width) if width else None,
        height_px=int(height) if height else None,
    )


def _number(given: str | None) -> float | None:
    """A number that makes sense, or None: what a browser cannot tell, it leaves out or calls infinite."""
    try:
        value = float(given or "")
    except ValueError:
        return None
    return value if 0 <= value < 1e12 else None


def _refused(code: str, *, status: int = 422) -> JsonResponse:
    return _problem(reason(code), code, status=status)


def _problem(text: str, code: str, *, status: int) -> JsonResponse:
    """What the page shows in place of the film: one sentence and one cure."""
    return JsonResponse({"code": code, "text": text}, status=status)
