"""Telling partners: an event is a row written with the change it tells of, and is delivered later by the clock.

So an event is never lost with a process, never told of a change that was rolled back, and never holds a measuring up.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import httpx
from django.db import connection
from django.db.models import F
from django.utils import timezone

from engine.models import Analysis, Event, Partner
from engine.switches import Switches, switches

log = logging.getLogger(__name__)

TIMEOUT_S = 10.0  # ours, as the pauses: none is documented
PAUSES_S = (1, 5, 25)
AT_ONCE = 100  # events taken up in one turn
THREADS = 8


def iso(moment: datetime) -> str:
    """Return the moment as the contract's samples show it: UTC with a Z, whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def record_event(analysis: Analysis, name: str) -> None:
    """Write down that the partner is to be told; call it inside the transaction of the change.

    The sequence starts at 1 and grows by 1.
    """
    if not analysis.notify_via_webhook:
        return
    Analysis.objects.filter(pk=analysis.pk).update(last_sequence=F("last_sequence") + 1)
    analysis.refresh_from_db(fields=["last_sequence"])
    how = switches()
    body: dict[str, Any] = {
        "event": name,
        how.webhook_id_key: analysis.pk,
        "status": analysis.status,
        "percentage": analysis.percentage,
        "sequence": analysis.last_sequence,
        "timestamp": iso(timezone.now()),
    }
    for _ in range(_copies(how)):
        Event.objects.create(
            partner_id=analysis.partner_id,
            analysis=analysis,
            body={"data": body} if how.webhook_nested else body,
            due_at=timezone.now() + timedelta(seconds=how.webhook_delay_s + random.uniform(0, how.webhook_shuffle_s)),  # noqa: S311
        )


def _copies(how: Switches) -> int:
    """None, one or two, as the switches for lost and doubled events say."""
    if random.random() < how.webhook_drop:  # noqa: S311 - disorder for tests, no secret
        return 0
    return 2 if random.random() < how.webhook_duplicate else 1  # noqa: S311


def send_test(partner: Partner) -> tuple[str, int]:
    """Send the test event now, without retry; return the outcome and the time it took in ms."""
    event = Event(partner=partner, body={"event": "webhook.test", "sequence": 0, "timestamp": iso(timezone.now())})
    begun = time.monotonic()
    outcome = _post(event)
    event.state = Event.State.DELIVERED if outcome.startswith("2") else Event.State.DROPPED
    event.tries, event.outcome, event.ended_at = 1, outcome, timezone.now()
    event.save()
    return outcome, round(1000 * (time.monotonic() - begun))


class Deliverer:
    """Delivers what is due with a few threads; the events of one analysis go one after the other, in order."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="webhook")
        self._busy: set[str] = set()  # analyses whose events are on their way

    def deliver_due(self) -> None:
        """Start delivering every event that is due, but for analyses whose earlier events are still on their way."""
        # Asked before the books are: an event that is told while they are read would else be told twice.
        busy = frozenset(self._busy)
        waiting = Event.objects.filter(state=Event.State.WAITING, due_at__lte=timezone.now())
        bundles: dict[str, list[Event]] = {}
        for event in waiting.select_related("partner").order_by("due_at", "pk")[:AT_ONCE]:
            bundles.setdefault(event.analysis_id or "", []).append(event)
        for analysis_id in bundles.keys() - busy:
            self._busy.add(analysis_id)
            self._pool.submit(self._deliver, analysis_id, bundles[analysis_id])

    def close(self) -> None:
        """Wait for the calls under way; what was not begun stays due."""
        self._pool.shutdown(cancel_futures=True)

    def _deliver(self, analysis_id: str, events: Sequence[Event]) -> None:
        try:
            for event in events:
                _deliver_one(event)
        except Exception:
            # The outer edge of a thread: nobody would see the error otherwise. The event stays due.
            log.exception("events of analysis %s could not be delivered", analysis_id)
        finally:
            self._busy.discard(analysis_id)
            connection.close()


def _deliver_one(event: Event) -> None:
    """Post one event; on anything but a 2xx try again after each pause, then drop it."""
    outcome = _post(event) if event.partner.webhook_is_ready else "disabled"
    now = timezone.now()
    tries = event.tries + 1
    values: dict[str, Any] = {"tries": tries, "outcome": outcome}
    if outcome.startswith("2"):
        values |= {"state": Event.State.DELIVERED, "ended_at": now}
    elif outcome == "disabled" or tries > len(PAUSES_S):
        values |= {"state": Event.State.DROPPED, "ended_at": now}
    else:
        values |= {"due_at": now + timedelta(seconds=PAUSES_S[tries - 1] * switches().webhook_pause_factor)}
    Event.objects.filter(pk=event.pk).update(**values)
    log.info("event %s of analysis %s: %s", event.pk, event.analysis_id, outcome)


def _post(event: Event) -> str:
    """Return the HTTP status of one call, or the error's name."""
    name, _, value = switches().webhook_header.partition(":")
    headers = {name.strip(): value.strip()} if name else {}
    try:
        # Streamed: the answer's body says nothing and could be endless.
        with httpx.stream(
            "POST", event.partner.webhook_url, json=event.body, headers=headers, timeout=TIMEOUT_S
        ) as answer:
            return str(answer.status_code)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        return type(error).__name__
