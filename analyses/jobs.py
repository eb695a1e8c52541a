"""What workers run: load the row, call the action. Every job may run twice or be lost; the row knows what is due."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import django_rq
import structlog
from django.db import transaction
from django.utils import timezone, translation
from redis.exceptions import RedisError
from rq.exceptions import DuplicateJobError

from accounts import wall
from analyses import actions, breaker
from analyses.languages import settings_language
from analyses.models import Analysis

log = structlog.get_logger(__name__)

AT_ONCE = 200
BUCKET_S = 15


def send_analysis(*, analysis_id: int) -> None:
    _run(actions.send_analysis, analysis_id)


def check_analysis(*, analysis_id: int) -> None:
    _run(actions.check_analysis, analysis_id)


def look_up_start(*, analysis_id: int) -> None:
    _run(actions.look_up_start, analysis_id)


NEXT_STEP = {
    Analysis.Status.QUEUED: send_analysis,
    Analysis.Status.SENDING: send_analysis,
    Analysis.Status.UNSURE: look_up_start,
    Analysis.Status.RUNNING: check_analysis,
    Analysis.Status.STALLED: check_analysis,
}


def hint(analysis: Analysis) -> None:
    """Tell the workers after the commit that this row is due. Best effort: the clock finds what is lost here."""
    transaction.on_commit(lambda: _enqueue(analysis.pk, analysis.status), robust=True)


def hint_due() -> int:
    """Tell the workers about every row that is due and in nobody's hands; return how many."""
    now = timezone.now()
    due = breaker.worth_asking(Analysis.objects.due(now), now).order_by("due_at").values_list("pk", "status")
    return sum(_enqueue(pk, status) for pk, status in list(due[:AT_ONCE]))


def _enqueue(pk: int, status: str) -> bool:
    step: Any = NEXT_STEP[Analysis.Status(status)]
    # One hint for a row and step in each quarter of a minute, else a busy queue would fill with copies. The time in
    # the id matters: the id of a job whose worker died stays taken for as long as its remains are kept.
    job_id = f"{step.__name__}-{pk}-{int(time.time()) // BUCKET_S}"
    queue = django_rq.get_queue("analyses")
    context = structlog.contextvars.get_contextvars()
    try:
        queue.enqueue(
            step,
            analysis_id=pk,
            job_id=job_id,
            unique=True,
            result_ttl=60,
            failure_ttl=86400,
            meta={"request_id": context.get("request_id", "")},
        )
    except DuplicateJobError:
        return False
    except RedisError as error:
        log.warning("hint_lost", analysis_id=pk, error=type(error).__name__)
        return False
    return True


def _run(action: Callable[..., None], analysis_id: int) -> None:
    analysis = Analysis.objects.select_related("organization", "account", "subject", "clip").get(pk=analysis_id)
    # The sentences a coach will read are written here, in the language the order was made in.
    with wall.only(analysis.organization_id), translation.override(settings_language(analysis.language)):
        action(analysis=analysis)
