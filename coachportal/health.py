"""Two questions from whoever watches over the portal.

`/healthz`: does this process answer? Ask it before routing people here, and restart the process when it does not.
`/readyz`: does everything the portal leans on work? Ask it to ring somebody; a restart would not help.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import django_rq
import httpx
import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from rq import Queue

log = structlog.get_logger(__name__)

# A job is begun within a second when a worker is free; a queue that makes people wait this long is a fault.
LONGEST_WAIT_S = 120
PROVIDER_TIMEOUT_S = 3.0


class NotWell(Exception):
    """What is wrong, in words that may be shown to anybody."""


def check_database() -> None:
    """Ask for a change of nothing: one that has become a read-only copy answers every other question well."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_content_type SET model = model WHERE id < 0")


def check_redis() -> None:
    """Write a word: one whose memory is full answers every other question well, and takes no job."""
    for name in settings.RQ_QUEUES:
        django_rq.get_connection(name).set("ready?", "", ex=60)


def check_storage() -> None:
    """Write, find and delete a small file: a full disk or a read-only bucket answers every other question well."""
    name = default_storage.save(f"health/{uuid.uuid4().hex}", ContentFile(b"ready?"))
    try:
        if not default_storage.exists(name):
            raise NotWell("a file just written is not there")
    finally:
        default_storage.delete(name)


def check_queues() -> None:
    for name in settings.RQ_QUEUES:
        wait_s = oldest_wait_s(django_rq.get_queue(name))
        if wait_s > LONGEST_WAIT_S:
            raise NotWell(f"a job waits in the queue {name} for {wait_s:.0f} s")


def oldest_wait_s(queue: Queue) -> float:
    """Return for how many seconds the first job of this queue has been waiting; 0 for an empty queue."""
    for job_id in queue.get_job_ids(0, 1):
        job = queue.fetch_job(job_id)
        if job is not None and job.enqueued_at is not None:
            # RQ's times are UTC; older jobs carry no zone.
            enqueued_at = job.enqueued_at if job.enqueued_at.tzinfo else job.enqueued_at.replace(tzinfo=UTC)
            return (datetime.now(UTC) - enqueued_at).total_seconds()
    return 0.0


def check_engine() -> None:
    # trust_env off: a proxy for the outside world knows nothing about a neighbour of ours.
    # To load the world's certificates takes longer than to ask a neighbour who has none.
    secure = settings.ENGINE_URL.startswith("https:")
    response = httpx.get(f"{settings.ENGINE_URL}/healthz", timeout=PROVIDER_TIMEOUT_S, trust_env=False, verify=secure)
    if response.status_code != httpx.codes.OK:
        raise NotWell(f"the engine answers {response.status_code}")


CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "redis": check_redis,
    "storage": check_storage,
    "queue": check_queues,
    "provider": check_engine,
}


@require_safe
@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when every check passes, else 503; which one failed stands in the answer, why stands in the log."""
    answers = {name: ask(name, check) for name, check in CHECKS.items()}
    everything = all(answer["ok"] for answer in answers.values())
    return JsonResponse({"ready": everything, "checks": answers}, status=200 if everything else 503)


def ask(name: str, check: Callable[[], None]) -> dict[str, object]:
    started = time.monotonic()
    try:
        check()
    except NotWell as finding:
        log.error("not_ready", check=name, reason=str(finding))
        return {"ok": False, "reason": str(finding)}
    except Exception as error:
        # Every library has its own word for "not there". The text may name hosts and users: into the log alone.
        log.error("not_ready", check=name, reason=str(error), kind=type(error).__name__)
        return {"ok": False, "reason": "does not answer"}
    return {"ok": True, "ms": round((time.monotonic() - started) * 1000, 1)}


# Named, so that nobody's language is asked for (MannerMiddleware): it stands in the database, which may be away.
app_name = "health"
urlpatterns = [
    path("healthz", alive, name="healthz"),
    path("readyz", ready, name="readyz"),
]
