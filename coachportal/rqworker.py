"""The worker: rq's own, with a lease short enough that a dead worker's job is noticed within half a minute."""

from __future__ import annotations

from typing import Any

import structlog
from rq import Worker
from rq.executions import Execution
from rq.job import Job
from rq.queue import Queue

# Loaded before the first fork: else the process of each job would load what it runs anew.
import coachportal.cron  # noqa: F401
from accounts import wall

LEASE_S = 20


class PortalWorker(Worker):
    """rq looks for abandoned jobs every ten minutes; a coach at the track does not wait that long."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("maintenance_interval", 15)
        options.setdefault("job_monitoring_interval", 5)
        super().__init__(*args, **options)

    def get_heartbeat_ttl(self, job: Job, *args: Any, **options: Any) -> int:
        return LEASE_S

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """Log under the id of the request that ordered the work, so that one search finds all of it."""
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=job.meta.get("request_id", ""), job_id=job.id)
        with wall.everything("a job finds its row by number, then looks at that row's organisation alone"):
            return super().perform_job(job, queue, execution)
