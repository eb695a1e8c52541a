"""A provider calls in. What it says changes nothing by itself: it is a hint to ask with our own key (contract §7)."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts import wall
from analyses import actions, intake, jobs
from analyses.models import Analysis, ProviderAccount, WebhookCall
from providers.ochy.wire import MAX_EVENT_BYTES, parse_event
from providers.results import Event

Outcome = WebhookCall.Outcome
SEEN_WITHIN = timedelta(seconds=10)
log = structlog.get_logger(__name__)


@csrf_exempt
@require_POST
def receive(request: HttpRequest, kind: str, token: str) -> HttpResponse:
    """Note the call and look at its analysis soon. 404 without the secret in the address; 200 for all that knows it.

    Forged, doubled, late and lost calls are all harmless; an unknown id is answered with 200, or it comes for ever.
    """
    # One commit for a call: on a disk that syncs, each takes milliseconds.
    with (
        wall.everything("the call names no organisation; organisations that share a key share its secret address"),
        transaction.atomic(),
    ):
        return _receive(request, kind, token)


def _receive(request: HttpRequest, kind: str, token: str) -> HttpResponse:
    is_too_big = int(request.headers.get("Content-Length") or 0) > MAX_EVENT_BYTES
    event = Event() if is_too_big else parse_event(request.body)
    now = timezone.now()
    called = intake.find(kind=kind, token=token, remote_id=event.remote_id or "", now=now, seen_since=now - SEEN_WITHIN)
    if not called:
        raise Http404
    if is_too_big:
        return HttpResponse(status=413)
    # Organisations that share a key share its address: the one that has the analysis, if any.
    about = next((one for one in called if one.analysis is not None), called[0])
    outcome = _outcome(event, about.analysis)
    WebhookCall.objects.create(
        organization_id=about.organization,
        account_id=about.account,
        remote_id=(event.remote_id or "")[:64],
        kind=event.kind[:40],
        sequence=event.sequence if event.sequence is not None and abs(event.sequence) < 2**31 else None,
        outcome=outcome,
    )
    # To within SEEN_WITHIN: calls that come together must not wait for one row.
    if unseen := [one.account for one in called if not one.was_seen]:
        ProviderAccount.objects.filter(pk__in=unseen).update(webhook_seen_at=now)
    if about.analysis is not None and outcome == Outcome.ASKED:
        actions.ask_again(analysis=about.analysis)
        jobs.hint(about.analysis)
    log.info("webhook", outcome=outcome, kind=event.kind[:40])
    return HttpResponse(status=200)


def _outcome(event: Event, found: Analysis | None) -> Outcome:
    if event.is_test:
        return Outcome.TEST
    if found is None:
        return Outcome.UNKNOWN
    return Outcome.LATE if found.is_finished else Outcome.ASKED
