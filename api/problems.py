"""Refusals as RFC 9457 writes them: application/problem+json, with a stable word and our sentence."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import Field

from clips import storage

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"


class Fault(Schema):
    """One thing that does not fit, and where it stands in the request."""

    where: str = Field(description="Such as body.height_m or query.limit")
    detail: str


class ProblemBody(Schema):
    """RFC 9457."""

    type: str = Field(description="Always about:blank; `code` tells problems apart.")
    title: str = Field(description="The HTTP status in words")
    status: int
    code: str = Field(description="A stable word for programs")
    detail: str = Field(description="A sentence for people, in the language asked for")
    errors: list[Fault] = Field(default=[], description="What does not fit, one by one")


class Problem(Exception):
    """The request is not carried out; `detail` says why, `code` says it to programs."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: list[Fault] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.errors = errors or []
        self.headers = headers or {}


def answer(problem: Problem) -> HttpResponse:
    body = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        "errors": [fault.dict() for fault in problem.errors],
    }
    return JsonResponse(body, status=problem.status, content_type=MEDIA_TYPE, headers=dict(problem.headers))


def no_token() -> Problem:
    text = _("Send an access token as a bearer token. One is made in the portal under your name, Access tokens.")
    return Problem(401, "no_token", text, headers={"WWW-Authenticate": "Bearer"})


def not_found() -> Problem:
    return Problem(404, "not_found", _("There is nothing under this address that this token may see."))


def not_allowed() -> Problem:
    return Problem(403, "not_allowed", _("Your role here does not allow that. Ask an admin."))


def _not_fitting(error: ValidationError) -> Problem:
    faults = [
        Fault(where=".".join(str(part) for part in one["loc"] if part != "payload"), detail=one["msg"])
        for one in error.errors
    ]
    return Problem(422, "does_not_fit", _("Something in the request does not fit; `errors` says what."), errors=faults)


def _unread(error: HttpError) -> Problem:
    """What the library itself refuses: a body that is no JSON."""
    if isinstance(error, AuthenticationError):
        return no_token()
    return Problem(error.status_code, "not_read", _("The request could not be read. Send JSON in UTF-8."))


def _too_big() -> Problem:
    return Problem(413, "too_big", _("The request is too large."))


def _store_away(error: Exception) -> Problem:
    log.error("store_away", exc_info=error)
    return Problem(503, "store_away", _("Our film store does not answer just now. Try again in a minute."))


def handle_on(api: NinjaAPI) -> None:
    """Answer everything that can be raised in an operation as a problem."""

    def on(kind: type[Exception], make: Any) -> None:
        api.add_exception_handler(kind, lambda request, error: answer(make(error)))

    on(Problem, lambda error: error)
    on(Http404, lambda _error: not_found())
    on(PermissionDenied, lambda _error: not_allowed())
    on(ValidationError, _not_fitting)
    on(RequestDataTooBig, lambda _error: _too_big())
    on(HttpError, _unread)
    for kind in storage.TROUBLE:
        on(kind, _store_away)
    api.add_exception_handler(Exception, _broken)


def _broken(request: HttpRequest, error: Any) -> HttpResponse:
    # The outer edge: a program that asked for JSON gets JSON, and the log gets the error with its place.
    log.exception("api_broke", path=request.path, exc_info=error)
    text = _("Something broke on our side. Nothing was lost; try again, and tell the operator if it stays so.")
    return answer(Problem(500, "broken", text))
