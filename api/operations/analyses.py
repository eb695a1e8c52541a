"""Analyses: order, look after, read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Header, Query, Router, Status
from pydantic import AwareDatetime, Field

from accounts import access
from analyses import jobs
from analyses.actions import OrderRefused, cancel_order
from analyses.models import Analysis
from api.actions import KeyUsedOtherwise, UnderWay, order_under_key
from api.gate import as_member, may
from api.models import Scope
from api.operations.answers import answers
from api.paging import Page, Paged, page_of
from api.problems import Problem, not_found
from api.schemas import AnalysisOut, OrderIn, ResultOut, State, View
from clips import storage
from clips.models import Clip
from credits.refusals import NotEnoughCredits, OverBudget
from subjects.models import Subject

router = Router(tags=["analyses"])
FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)  # beyond, UTC cannot tell all
Level = Literal["results", "calculated", "raw"]
KEY = "Chosen by you for this one order, such as a UUID. Sent again with the same key, the order is made once."
VISIBLE = r"^[\x21-\x7e]+$"


class Which(Paged):
    status: State | None = None
    runner: UUID | None = None
    view: View | None = None
    finished_after: AwareDatetime | None = Field(
        None, ge=FIRST, le=LAST, description="Only those that ended after this moment, given with its time zone"
    )


@router.get("", response=answers(Page[AnalysisOut]), auth=may(Scope.READ))
def list_analyses(request: HttpRequest, asked: Query[Which]) -> Any:
    """List analyses, those ordered last first."""
    found = _rows(request)
    wanted = {"status": asked.status, "view": asked.view, "finished_at__gt": asked.finished_after}
    found = found.filter(**{name: value for name, value in wanted.items() if value})
    if asked.runner:
        found = found.filter(subject=access.row(as_member(request), Subject, asked.runner))
    return page_of(found, asked)


@router.post("", response=answers(AnalysisOut, 400, 409, status=201), auth=may(Scope.ORDER, "writer"))
def order_analysis(
    request: HttpRequest,
    payload: OrderIn,
    idempotency_key: str = Header(  # type: ignore[type-arg]
        alias="Idempotency-Key", min_length=1, max_length=200, pattern=VISIBLE, description=KEY
    ),
) -> Any:
    """Order a film to be measured. It costs what the service costs; what is refused costs nothing."""
    asking = as_member(request)
    clip = access.row(asking, Clip, payload.film, write=True)
    subject = access.row(asking, Subject, payload.runner)
    if not clip.is_usable:
        raise Problem(409, "no_film", _("This film has not arrived, or it is not a film. Send it and finish it first."))
    try:
        analysis, repeated = order_under_key(
            key=idempotency_key,
            clip=clip,
            subject=subject,
            view=payload.view,
            treadmill=payload.treadmill,
            pace_s_per_km=payload.pace_s_per_km,
            ticked=payload.accept_warnings,
            by=asking.user,
        )
    except (KeyUsedOtherwise, UnderWay, OrderRefused, NotEnoughCredits) as error:
        raise _refused(error) from None
    if not repeated:
        jobs.hint(analysis)
    return Status(201, analysis)


def _refused(error: Exception) -> Problem:
    if isinstance(error, KeyUsedOtherwise):
        return Problem(422, "key_used", _("Something else was ordered under this Idempotency-Key. Choose another one."))
    if isinstance(error, UnderWay):
        return Problem(409, "under_way", _("This film is being measured in this view already. Nothing was ordered."))
    if isinstance(error, NotEnoughCredits):
        code = "over_budget" if isinstance(error, OverBudget) else "not_enough_credits"
        return Problem(409, code, error.sentence)
    return Problem(422, "refused", str(error))


@router.get("/{code}", response=answers(ResultOut), auth=may(Scope.READ))
def read_analysis(request: HttpRequest, code: UUID) -> Any:
    """Read one analysis; when it has ended well, its numbers with their doubt and typical range, and its media."""
    access.row(as_member(request), Analysis, code)
    return _rows(request).select_related("result").prefetch_related("measurements", "corrections").get(code=code)


@router.post("/{code}/cancel", response=answers(AnalysisOut, 409), auth=may(Scope.ORDER, "writer"))
def take_back(request: HttpRequest, code: UUID) -> Any:
    """Take the order back, if the film has not left yet; its credit returns."""
    asking = as_member(request)
    access.row(asking, Analysis, code, write=True)
    analysis = _rows(request).get(code=code)
    if not cancel_order(analysis=analysis, by=asking.user):
        text = _("The film was on its way already, so it is measured to the end.")
        raise Problem(409, "too_late", text)
    return analysis


@router.get("/{code}/answers/{level}", response=answers(dict[str, Any], 503), auth=may(Scope.READ))
def read_answer(request: HttpRequest, code: UUID, level: Level) -> Any:
    """Read what the service said, as received: its results, the calculated data, or the raw key points."""
    analysis = access.row(as_member(request), Analysis, code)
    result = getattr(analysis, "result", None)
    if result is None:
        raise not_found()
    if level == "raw":
        if not result.raw_key:
            raise not_found()
        try:
            return FileResponse(storage.open_file(result.raw_key), content_type="application/json")
        except FileNotFoundError:
            raise not_found() from None
    return HttpResponse(result.results if level == "results" else result.calculated, content_type="application/json")


def _rows(request: HttpRequest) -> QuerySet[Analysis]:
    return access.rows(as_member(request), Analysis).select_related("subject", "clip", "account")
