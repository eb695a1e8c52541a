"""Tell the organisation's systems what happened: written with the change, called later, tried with growing pauses.

So a call is never lost with a process, never about a change that was undone, and never holds a measuring up.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db.models import F
from django.utils import timezone

from accounts.sealed import seal
from analyses.models import Analysis, Move
from api.calling import Silent, call
from api.guard import NotCalled, target_of
from api.models import Delivery, Endpoint, EventType
from subjects.models import Subject

log = structlog.get_logger(__name__)

# As Standard Webhooks proposes: at once, then after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
PAUSES_S = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
DISABLED_AFTER = timedelta(days=5)  # ours: a week-end and three working days to notice it
LEASE_S = 60
AT_ONCE = 20
TURN_S = 25.0  # one endpoint keeps a worker no longer
GONE = 410  # the scheme's word for "never call here again"
TOLD_OF = {
    Analysis.Status.RUNNING: EventType.STARTED,
    Analysis.Status.SUCCEEDED: EventType.SUCCEEDED,
    Analysis.Status.FAILED: EventType.FAILED,
}


def note_move(move: Move) -> None:
    """Write down whom to tell of this step; called inside the transaction that takes it (settings: AFTER_MOVE)."""
    event = TOLD_OF.get(Analysis.Status(move.new))
    if event is None or (event == EventType.STARTED and move.old == Analysis.Status.STALLED):
        return
    _note(move.organization_id, event, analysis_id=move.analysis_id, happened_at=move.at)


def note_erased(subject: Subject) -> None:
    """Write down whom to tell that this runner is no more; called inside the transaction that erases them.

    The rows about them are gone when it is told, so what may be said is kept here.
    """
    code = seal(str(subject.code))
    _note(subject.organization_id, EventType.ERASED, sealed_runner=code, stays_in_house=subject.local_only)


def _note(organization: int, event: EventType, **about: Any) -> None:
    listening = Endpoint.objects.filter(organization=organization).listening()
    Delivery.objects.bulk_create(
        Delivery(organization_id=organization, endpoint=endpoint, event=event, **about)
        for endpoint in listening
        if event in endpoint.events
    )


def deliver_due(*, endpoint: Endpoint) -> int:
    """Tell this endpoint what is due, oldest first; return how many calls were taken.

    Who answers nothing at all is left alone for a minute, so that a dead address holds up nobody else's calls.
    """
    if not endpoint.lease(LEASE_S):
        return 0
    taken, ends = 0, time.monotonic() + TURN_S
    due = Delivery.objects.filter(endpoint=endpoint).due(timezone.now()).select_related("analysis__subject")
    for delivery in due.order_by("happened_at", "pk")[:AT_ONCE]:
        try:
            taken += _deliver(endpoint, delivery)
        except Silent as silence:
            _put_off(endpoint, delivery, silence.word)
            return taken  # with the lease still held
        standing = Endpoint.objects.listening().filter(pk=endpoint.pk).first()
        if standing is None or time.monotonic() > ends:  # switched off or removed meanwhile
            break
        endpoint = standing
    Endpoint.objects.filter(pk=endpoint.pk).update(lease_until=None)
    return taken


def _deliver(endpoint: Endpoint, delivery: Delivery) -> bool:
    """Make one call; True when it was taken. Raises Silent."""
    now = timezone.now()
    # The try is counted before it is made: a call that brings its worker down is not made again at once, for ever.
    delivery.tries, delivery.tried_at = delivery.tries + 1, now
    Delivery.objects.filter(pk=delivery.pk).update(
        tries=F("tries") + 1, tried_at=now, due_at=now + timedelta(seconds=_pause_s(delivery))
    )
    try:
        target = target_of(endpoint.url)
    except NotCalled as refusal:
        _put_off(endpoint, delivery, "not_allowed")
        log.warning("webhook_not_called", endpoint=str(endpoint.code), why=str(refusal))
        return False
    except OSError:
        raise Silent("no_such_host") from None
    if delivery.must_stay and not target.is_in_house:
        _end(delivery, Delivery.Status.WITHHELD, "stays_in_house")
        return False
    status, retry_after_s = call(
        target, message_id=delivery.message_id, body=delivery.body, secrets=endpoint.secrets_now(), now=now
    )
    if 200 <= status < 300:
        _end(delivery, Delivery.Status.DONE, str(status))
        Endpoint.objects.filter(pk=endpoint.pk).update(answered_at=now, failing_since=None)
        return True
    _put_off(endpoint, delivery, str(status), retry_after_s or 0.0)
    if status == GONE:
        _disable(endpoint, Endpoint.Why.GONE)
    return False


def _put_off(endpoint: Endpoint, delivery: Delivery, outcome: str, at_least_s: float = 0.0) -> None:
    """Try again later, or give up after the last pause; give the endpoint up when it has failed for days."""
    now = timezone.now()
    if delivery.tries > len(PAUSES_S):
        _end(delivery, Delivery.Status.GIVEN_UP, outcome)
    else:
        due_at = now + timedelta(seconds=max(_pause_s(delivery), at_least_s))
        Delivery.objects.filter(pk=delivery.pk).update(outcome=outcome, due_at=due_at)
    since: datetime = endpoint.failing_since or now
    Endpoint.objects.filter(pk=endpoint.pk, failing_since=None).update(failing_since=now)
    if now - since > DISABLED_AFTER:
        _disable(endpoint, Endpoint.Why.SILENT)


def _pause_s(delivery: Delivery) -> float:
    return float(PAUSES_S[min(delivery.tries, len(PAUSES_S)) - 1])


def _end(delivery: Delivery, status: Delivery.Status, outcome: str) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(status=status, outcome=outcome)


def _disable(endpoint: Endpoint, why: Endpoint.Why) -> None:
    now = timezone.now()
    if Endpoint.objects.filter(pk=endpoint.pk).listening().update(disabled_at=now, disabled_why=why):
        log.warning("webhook_disabled", endpoint=str(endpoint.code), why=str(why))


def forget_old() -> int:
    """Forget calls that ended long ago; return how many."""
    before = timezone.now() - timedelta(days=settings.WEBHOOK_LOG_DAYS)
    ended = Delivery.objects.filter(happened_at__lt=before).exclude(status=Delivery.Status.WAITING)
    return ended.delete()[0]
