"""A provider calls in. What it says changes nothing by itself: it is a hint to ask with our own key."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls.resolvers import RoutePattern
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts import wall
from analyses import intake, jobs
from analyses.models import Analysis, ProviderAccount
from providers.ochy.wire import MAX_EVENT_BYTES, parse_event
from workers.hints import Ration

ROUTE = "hooks/<slug:kind>/<str:token>/"
SEEN_WITHIN = timedelta(seconds=10)
LONGEST_REQUEST_ID = 64
HINTS = Ration(a_second=20)  # twice what all workers together may ask one service (providers/pacing.py)
log = structlog.get_logger(__name__)


class CallsFirst:
    """Hand a provider's call to its view, past all that stands around pages: sessions, languages, people, their record.

    It comes by the hundred a second, and nine parts in ten of that work are of no use to it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.pattern = RoutePattern(ROUTE, is_endpoint=True)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        found = self.pattern.match(request.path_info.removeprefix("/"))
        if found is None:
            return self.get_response(request)
        request.get_host()  # raises for a host that is none of ours
        said = request.headers.get("X-Request-ID", "")[:LONGEST_REQUEST_ID]
        with structlog.contextvars.bound_contextvars(request_id=said or str(uuid.uuid4())):
            answer = receive(request, kind=str(found[2]["kind"]), token=str(found[2]["token"]))
            answer.headers["Content-Length"] = str(len(answer.content))  # else it goes out in chunks
            return answer


@csrf_exempt
@require_POST
def receive(request: HttpRequest, kind: str, token: str) -> HttpResponse:
    """Note the call and look at its analysis soon. 404 without the secret in the address; 200 for all that knows it.

    Forged, doubled, late and lost calls are all harmless; an unknown id is answered with 200, or it comes for ever.
    """
    if int(request.headers.get("Content-Length") or 0) > MAX_EVENT_BYTES:
        return HttpResponse(status=413)
    with wall.everything("the call names no organisation; organisations that share a key share its secret address"):
        return HttpResponse(status=200 if _take(request.body, kind, token, timezone.now()) else 404)


def _take(body: bytes, kind: str, token: str, now: datetime) -> bool:
    event = parse_event(body)
    noted = intake.note(kind=kind, token=token, event=event, now=now, seen_since=now - SEEN_WITHIN)
    if noted is None:
        return False
    # To within SEEN_WITHIN: calls that come together must not wait for one row.
    if not noted.was_seen:
        same = Q(webhook_token=token) | Q(former_token=token)
        ProviderAccount.objects.filter(same, kind=kind).update(webhook_seen_at=now)
    about = {}
    if noted.asked:
        pk, status, code = noted.asked
        about = {"analysis": str(code)}
        if HINTS.take():
            jobs.hint(Analysis(pk=pk, status=status))
    log.info("webhook", outcome=noted.outcome, kind=event.kind[:40], **about)
    return True
