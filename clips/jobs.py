"""What the workers of the `films` queue run. Every job may be lost or run twice; the row knows what is due."""

from __future__ import annotations

import time
from typing import Any

import django_rq
import structlog
from django.db import transaction
from django.utils import timezone
from redis.exceptions import RedisError
from rq.exceptions import DuplicateJobError

from accounts import wall
from clips import actions
from clips.models import Clip

log = structlog.get_logger(__name__)

AT_ONCE = 100
JOB_S = 460  # longer than probe.COPY_S, so that the film's own limit speaks first
BUCKET_S = 30


def make_review_copy(*, clip_id: int) -> None:
    clip = Clip.objects.filter(pk=clip_id).first()
    if clip is not None:  # deleted while the job waited
        with wall.only(clip.organization_id):
            actions.make_review_copy(clip=clip)


def hint(clip: Clip) -> None:
    """Tell the workers after the commit that this film wants its copy. Best effort: the clock finds what is lost."""
    transaction.on_commit(lambda: _enqueue(clip.pk), robust=True)


def hint_due() -> int:
    """Tell the workers about every film whose copy is due; return how many. For the clock."""
    due = Clip.objects.due_for_review_copy(timezone.now()).order_by("created_at").values_list("pk", flat=True)
    return sum(_enqueue(pk) for pk in list(due[:AT_ONCE]))


def forget_abandoned() -> int:
    """Remove uploads that came to nothing; return how many. For the clock."""
    return actions.forget_abandoned(now=timezone.now())


def _enqueue(pk: int) -> bool:
    context: dict[str, Any] = structlog.contextvars.get_contextvars()
    # The time in the id: the id of a job whose worker died stays taken for as long as its remains are kept.
    job_id = f"make_review_copy-{pk}-{int(time.time()) // BUCKET_S}"
    try:
        django_rq.get_queue("films").enqueue(
            make_review_copy,
            clip_id=pk,
            job_id=job_id,
            unique=True,
            job_timeout=JOB_S,
            result_ttl=60,
            failure_ttl=86400,
            meta={"request_id": context.get("request_id", "")},
        )
    except DuplicateJobError:
        return False
    except RedisError as error:
        log.warning("hint_lost", clip_id=pk, error=type(error).__name__)
        return False
    return True
