"""A provider calls in. What it says changes nothing by itself: it is a hint to ask with our own key (contract §7)."""

from __future__ import annotations

import structlog
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts import wall
from analyses import actions, jobs
from analyses.models import Analysis, ProviderAccount, WebhookCall
from providers.ochy.wire import MAX_EVENT_BYTES, parse_event
from providers.results import Event

Outcome = WebhookCall.Outcome
log = structlog.get_logger(__name__)


@csrf_exempt
@require_POST
def receive(request: HttpRequest, kind: str, token: str) -> HttpResponse:
    """Note the call and look at its analysis soon. 404 without the secret in the address; 200 for all that knows it.

    Forged, doubled, late and lost calls are all harmless; an unknown id is answered with 200, or it comes for ever.
    """
    with wall.everything("the call names no organisation; organisations that share a key share its secret address"):
        return _receive(request, kind, token)


def _receive(request: HttpRequest, kind: str, token: str) -> HttpResponse:
    now = timezone.now()
    former = Q(former_token=token) & (Q(former_token_until=None) | Q(former_token_until__gt=now))
    accounts = list(ProviderAccount.objects.filter(Q(webhook_token=token) | former, kind=kind)) if token else []
    if not accounts:
        raise Http404
    if int(request.headers.get("Content-Length") or 0) > MAX_EVENT_BYTES:
        return HttpResponse(status=413)
    event = parse_event(request.body)
    found = (
        Analysis.objects.filter(account__in=accounts, remote_id=event.remote_id).select_related("account").first()
        if event.remote_id
        else None
    )
    outcome = _outcome(event, found)
    account = found.account if found else accounts[0]
    WebhookCall.objects.create(
        organization_id=account.organization_id,
        account=account,
        remote_id=(event.remote_id or "")[:64],
        kind=event.kind[:40],
        sequence=event.sequence if event.sequence is not None and abs(event.sequence) < 2**31 else None,
        outcome=outcome,
    )
    ProviderAccount.objects.filter(pk__in=[one.pk for one in accounts]).update(webhook_seen_at=now)
    if found is not None and outcome == Outcome.ASKED:
        actions.ask_again(analysis=found)
        jobs.hint(found)
    log.info("webhook", outcome=outcome, kind=event.kind[:40])
    return HttpResponse(status=200)


def _outcome(event: Event, found: Analysis | None) -> Outcome:
    if event.is_test:
        return Outcome.TEST
    if found is None:
        return Outcome.UNKNOWN
    return Outcome.LATE if found.is_finished else Outcome.ASKED
