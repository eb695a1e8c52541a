"""What every operation shares: the key, the methods, JSON out, and one shape for every "no"."""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Callable
from typing import Any, NoReturn

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, UnreadablePostError

from engine import settings
from engine.models import Partner

log = logging.getLogger(__name__)

MAX_DRAINED_BYTES = 200_000_000  # ours: a sender of more is cut off

Detail = str | list[dict[str, Any]]
Handler = Callable[..., HttpResponseBase]


class Problem(Exception):
    """An answer that is not the one asked for: status, `detail` and sometimes `code`."""

    def __init__(self, status: int, detail: Detail, code: str = "") -> None:
        super().__init__(f"{status} {code or detail}")
        self.status = status
        self.detail = detail
        self.code = code

    def response(self) -> JsonResponse:
        """The error body of the contract."""
        body: dict[str, Any] = {"detail": self.detail}
        if self.code:
            body["code"] = self.code
        return JsonResponse(body, status=self.status)


def field_error(field: str, message: str) -> dict[str, Any]:
    """One entry of the list form of a 422."""
    return {"loc": ["body", field] if field else ["body"], "msg": message, "type": "value_error"}


def invalid(field: str, message: str) -> Problem:
    """The 422 for a single field."""
    return Problem(422, [field_error(field, message)])


def _partner_of(request: HttpRequest) -> Partner:
    """Return whose key the request carries; 401 without a key, 403 with one nobody has."""
    key = request.GET.get("apiKey", "")
    if not key:
        raise Problem(401, "API Key is missing")
    found = [
        name
        for name, known in settings.PARTNERS.items()
        # Compared in constant time, so that the answer's delay says nothing about the key.
        if hmac.compare_digest(known.encode(), key.encode("utf-8", "replace"))
    ]
    if not found:
        raise Problem(403, "Invalid API Key")
    return Partner.objects.get_or_create(name=found[0])[0]


def json_object(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object in the body; 422 for anything else, 413 beyond a megabyte."""
    try:
        body = json.loads(request.body, parse_constant=_no_constant)
        json.dumps(body, ensure_ascii=False).encode()  # half a surrogate pair can be read but never stored
    except RequestDataTooBig as error:
        raise Problem(413, "Request body exceeds 1 MB") from error
    except (ValueError, RecursionError) as error:
        raise Problem(422, [field_error("", "The body is not valid JSON")]) from error
    if not isinstance(body, dict):
        raise Problem(422, [field_error("", "The body must be a JSON object")])
    return body


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def operations(
    disturb: Callable[[HttpRequest, str, Callable[[], HttpResponseBase]], HttpResponseBase], **by: Handler
) -> Handler:
    """Make the view of one path out of its operations by method, each called with the request and its partner.

    The operation's name, for the switches of control.py, is its function's name.
    """

    def view(request: HttpRequest, **path: str) -> HttpResponseBase:
        handler = by.get(request.method or "")
        if handler is None:
            answer = Problem(405, "Method Not Allowed").response()
            answer["Allow"] = ", ".join(sorted(by))
            return answer
        try:
            partner = _partner_of(request)
            return disturb(request, handler.__name__, lambda: handler(request, partner, **path))
        except Problem as problem:
            read_rest(request)
            return problem.response()

    return view


def read_rest(request: HttpRequest) -> None:
    """Take the rest of the body off the wire.

    A sender that is answered before it has sent everything may meet a closed connection instead of the answer.
    """
    left = MAX_DRAINED_BYTES
    try:
        while left > 0 and (piece := request.read(min(left, 1 << 16))):
            left -= len(piece)
    except UnreadablePostError:
        log.info("%s: the sender went away", request.path)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django itself refuses, such as a foreign host name."""
    return Problem(400, "Bad Request").response()


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that is none of ours."""
    return Problem(404, "Not Found").response()


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a bug; Django has logged it."""
    return Problem(500, "Internal Server Error").response()
