"""After a machine's clock was set back: what was written before lies in the future, and would hold its row for as long.

So nothing may lie further ahead than the longest its steps ever write: such a lease is none, and such a row is due.
That is harmless where it is wrong, for every step may be taken twice, and whoever holds a row asks whether it still
does before anything leaves the house.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog
from django.db.models import QuerySet
from django.utils import timezone

from analyses import breaker
from analyses.actions import beside, check, fetch, send, unsure
from analyses.models import Analysis, Beside, ProviderAccount
from api.actions import deliver
from api.calling import MAX_RETRY_AFTER_S
from api.models import Delivery, Endpoint
from clips.actions import COPY_LEASE_S
from clips.models import Clip
from credits import telling
from credits.models import LowLevel
from privacy.actions import erase
from privacy.models import Tombstone

log = structlog.get_logger(__name__)

CLOCKS_MAY_DIFFER_BY = timedelta(minutes=5)  # ours: of two machines, or of one that is put right while it runs
AT_ONCE = timedelta()


class Time(NamedTuple):
    """A time of some rows, and how far ahead of now their steps put it at most."""

    rows: QuerySet[Any]
    field: str
    at_most: timedelta


def free_what_lies_ahead() -> int:
    """End leases and pauses that no step of ours can have written by this clock; return how many. For the clock."""
    now = timezone.now()
    freed = 0
    for time in _leases():
        freed += _ahead(time, now).update(**{time.field: None})
    for time in _pauses():
        freed += _ahead(time, now).update(**{time.field: now})
    if freed:
        log.warning("clock_was_set_back", rows=freed)
    return freed


def _ahead(time: Time, now: datetime) -> QuerySet[Any]:
    return time.rows.filter(**{f"{time.field}__gt": now + time.at_most + CLOCKS_MAY_DIFFER_BY})


def _leases() -> Iterator[Time]:
    longest_s = max(send.LEASE_S, unsure.LEASE_S, fetch.LEASE_S)
    yield Time(Analysis.objects.unfinished(), "lease_until", timedelta(seconds=longest_s))
    yield Time(Beside.objects.all(), "lease_until", timedelta(seconds=beside.LEASE_S))
    yield Time(Clip.objects.all(), "copy_lease_until", timedelta(seconds=COPY_LEASE_S))
    yield Time(Tombstone.objects.all(), "lease_until", erase.LEASE)
    yield Time(Endpoint.objects.all(), "lease_until", timedelta(seconds=deliver.LEASE_S))


def _pauses() -> Iterator[Time]:
    hold = timedelta(seconds=breaker.LONGEST_HOLD_S)
    stalled = Analysis.Status.STALLED
    asked_for = Analysis.objects.unfinished().filter(needs_person=False)
    yield Time(asked_for.exclude(status=stalled), "due_at", hold)
    yield Time(asked_for.filter(status=stalled), "due_at", timedelta(seconds=check.STALLED_POLL_S))
    yield Time(ProviderAccount.objects.all(), "ask_again_at", hold)
    yield Time(Tombstone.objects.filter(finished_at=None), "due_at", erase.AGAIN_AFTER)
    waiting = Delivery.objects.filter(status=Delivery.Status.WAITING)
    yield Time(waiting.filter(tries=0), "due_at", AT_ONCE)
    yield Time(waiting, "due_at", timedelta(seconds=MAX_RETRY_AFTER_S))
    yield Time(LowLevel.objects.filter(tries=0), "due_at", AT_ONCE)
    yield Time(LowLevel.objects.all(), "due_at", max(telling.PAUSES))
