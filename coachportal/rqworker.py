"""The worker: rq's own, with a lease short enough that a dead worker's job is noticed within half a minute."""

from __future__ import annotations

from typing import Any

from rq import Worker
from rq.job import Job

LEASE_S = 20


class PortalWorker(Worker):
    """rq looks for abandoned jobs every ten minutes; a coach at the track does not wait that long."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("maintenance_interval", 15)
        options.setdefault("job_monitoring_interval", 5)
        super().__init__(*args, **options)

    def get_heartbeat_ttl(self, job: Job, *args: Any, **options: Any) -> int:
        return LEASE_S
