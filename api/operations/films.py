"""Films in: say what comes, send it, have it looked into."""

from __future__ import annotations

from typing import Any, BinaryIO, cast
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from django.utils.translation import gettext as _
from ninja import Query, Router, Status
from pydantic import Field

from accounts import access
from accounts.limits import Limit
from accounts.writing import in_turn
from analyses.leaving import account_for
from analyses.remote import account_of
from api.gate import as_member, may, too_often
from api.models import Scope
from api.operations.answers import answers
from api.paging import Page, Paged, page_of
from api.problems import Problem
from api.schemas import ChecksOut, FilmBegun, FilmIn, FilmOut, View, absolute
from clips import actions, jobs, rules, storage
from clips.models import Clip
from clips.probe import CopyBroke, NotAFilm, reason
from clips.uploads import TooBig, limit_upload
from subjects.models import Subject

router = Router(tags=["films"])
A_FILE = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "string", "format": "binary"}},
                    "required": ["file"],
                }
            }
        },
    }
}

START = "Of a film that is too long: where in it the ten seconds begin that are kept, as it plays"


class Which(Paged):
    runner: UUID | None = Field(None, description="Only films sent in for this runner")


@router.get("", response=answers(Page[FilmOut]), auth=may(Scope.READ))
def list_films(request: HttpRequest, asked: Query[Which]) -> Any:
    """List films, those begun last first."""
    found = access.rows(as_member(request), Clip).select_related("subject")
    if asked.runner:
        found = found.filter(subject=access.row(as_member(request), Subject, asked.runner))
    return page_of(found, asked)


@router.post("", response=answers(FilmBegun, 400, status=201), auth=may(Scope.WRITE, "writer"))
def begin_film(request: HttpRequest, payload: FilmIn) -> Any:
    """Say which film comes; the answer says where to send it. What cannot be measured anyway is refused at once."""
    asking = as_member(request)
    limit = Limit("uploads", settings.UPLOADS_AN_HOUR, 3600)
    if not limit.passes(str(asking.user.pk)):
        raise too_often(limit)
    subject = access.row(asking, Subject, payload.runner) if payload.runner else None
    claims = rules.Claims(size_bytes=payload.size_bytes, duration_s=payload.duration_s)
    found = rules.first_verdicts(claims, view="side_view", treadmill=False, strict_orientation=False)
    refused = [verdict.text for verdict in found if verdict.level == "no"]
    if refused and not (rules.only_too_long(found) and rules.is_trimmable(payload.duration_s or 0)):
        raise Problem(422, "not_measurable", in_turn(refused))
    clip = actions.begin_upload(
        organization=asking.member.organization, name=payload.name, by=asking.user, subject=subject
    )
    form = storage.upload_form(clip.incoming_key, max_bytes=rules.MAX_SIZE_BYTES)
    ours = absolute(reverse("api_v1:receive_film", kwargs={"code": clip.code}))
    upload = {"url": form.url if form else ours, "fields": form.fields if form else {}, "needs_token": form is None}
    return Status(201, {"film": clip, "upload": upload})


@router.post(
    "/{code}/file",
    response=answers(None, 400, 409, 413, 503, status=204),
    auth=may(Scope.WRITE, "writer"),
    openapi_extra=A_FILE,
)
def receive_film(request: HttpRequest, code: UUID) -> Any:
    """Send the film as the field `file` of a form, where `upload` did not name a bucket."""
    clip = access.row(as_member(request), Clip, code, write=True)
    try:
        limit = limit_upload(request)
        file = request.FILES.get("file")
    except TooBig:
        raise Problem(413, "too_big", reason("too_big")) from None
    except MultiPartParserError:
        raise Problem(400, "missing", reason("missing")) from None
    if limit.exceeded:
        raise Problem(413, "too_big", reason("too_big"))
    if not file or not file.size:
        code_word = "empty" if file else "missing"
        raise Problem(422, code_word, reason(code_word))
    if clip.status != Clip.Status.WAITING:
        raise Problem(409, "arrived", _("This film has arrived already. Choose another one."))
    actions.receive_film(clip=clip, file=cast(BinaryIO, file))
    return HttpResponse(status=204)


@router.post("/{code}/finish", response=answers(FilmOut, 409, 503), auth=may(Scope.WRITE, "writer"))
def finish_film(
    request: HttpRequest,
    code: UUID,
    start_s: float | None = Query(None, ge=0, le=1e6, allow_inf_nan=False, description=START),  # type: ignore[type-arg]
) -> Any:
    """Have the film looked into that was sent: it is probed afterwards, or rejected and says why."""
    clip = access.row(as_member(request), Clip, code, write=True)
    try:
        clip = actions.finish_upload(clip=clip, start_s=start_s)
    except NotAFilm as missing:
        raise Problem(409, missing.code, reason(missing.code)) from None
    except CopyBroke:
        text = _("The film has arrived, but could not be cut just now. Try again in a minute.")
        raise Problem(503, "not_cut", text) from None
    if clip.is_usable:
        jobs.hint(clip)
    return clip


@router.get("/{code}", response=answers(FilmOut), auth=may(Scope.READ))
def read_film(request: HttpRequest, code: UUID) -> Any:
    """Read what a film is."""
    return access.row(as_member(request), Clip, code)


@router.get("/{code}/checks", response=answers(ChecksOut, 409), auth=may(Scope.READ))
def check_film(request: HttpRequest, code: UUID, view: View, treadmill: bool = False) -> Any:
    """Judge a film for a view and a surface, before anything is spent."""
    clip = access.row(as_member(request), Clip, code)
    if not clip.is_usable:
        word = clip.rejection_code or "missing"
        raise Problem(409, word, reason(word))
    usual = account_of(clip.organization)
    account = account_for(clip.subject, usual) if clip.subject else usual
    found = rules.verdicts(clip.facts, view=view, treadmill=treadmill, strict_orientation=account.price > 0)
    return {"may_be_sent": rules.may_be_sent(found, ticked=True), "checks": found}


@router.delete("/{code}", response=answers(None, 409, 503, status=204), auth=may(Scope.WRITE, "writer"))
def delete_film(request: HttpRequest, code: UUID) -> Any:
    """Remove a film that nobody was measured in."""
    clip = access.row(as_member(request), Clip, code, write=True)
    try:
        actions.delete_clip(clip=clip)
    except actions.ClipInUse:
        text = _("This film was measured, so it is kept. Erase the runner to remove it.")
        raise Problem(409, "in_use", text) from None
    return HttpResponse(status=204)
