"""What workers run after a runner was erased: the row knows what is still to do, so a lost job costs a minute."""

from __future__ import annotations

import django_rq
import structlog
from django.db import transaction
from django.utils import timezone
from redis.exceptions import RedisError

from privacy import actions
from privacy.models import Tombstone
from workers.hints import send_hint

log = structlog.get_logger(__name__)

JOB_S = 1700  # shorter than the lease


def finish_erasure(*, tombstone_id: int) -> None:
    actions.finish_erasure(tombstone=Tombstone.objects.select_related("organization").get(pk=tombstone_id))


def hint(tombstone: Tombstone) -> None:
    """Tell the workers after the commit. Best effort: the clock finds what is lost."""
    transaction.on_commit(lambda: _enqueue(tombstone.pk), robust=True)


def hint_due() -> int:
    """Tell the workers about every erasing that is not finished; return how many. For the clock."""
    return sum(_enqueue(pk) for pk in list(Tombstone.objects.due(timezone.now()).values_list("pk", flat=True)))


def _enqueue(pk: int) -> bool:
    return send_hint(finish_erasure, queue="films", job_timeout_s=JOB_S, tombstone_id=pk)


def clean_services() -> int:
    """Tell outside services about consents that ended; return how many were told. For the clock."""
    return actions.clean_services()


def hint_clean_services() -> None:
    """Have the services told soon that a consent ended; the clock does what is lost here."""
    transaction.on_commit(_enqueue_cleaning, robust=True)


def _enqueue_cleaning() -> None:
    try:
        django_rq.get_queue("analyses").enqueue(clean_services, result_ttl=60, failure_ttl=86400)
    except RedisError as error:
        log.warning("hint_lost", job="clean_services", error=type(error).__name__)
