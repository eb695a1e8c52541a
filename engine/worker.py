"""The measuring worker: rq's own, that tells the books at once when a measuring process died."""

from __future__ import annotations

import ctypes
import importlib
import logging
import os
import signal
import sys
import time
from types import FrameType
from typing import Any

from django.db import connections
from redis import RedisError
from rq import Queue, Worker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus

from engine import queue
from engine.actions import process_died

log = logging.getLogger(__name__)

HEARTBEAT_S = 20  # without one for so long, rq takes the worker for dead
TIDY_EVERY_S, LOOK_EVERY_S = 15, 5  # after jobs of the dead, and at the measuring process; rq's own are 600 and 30
PR_SET_PDEATHSIG = 1  # linux/prctl.h
# A process that ends by one of these broke by itself; by any other, something outside ended it.
BROKE = {signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL, signal.SIGSYS, signal.SIGTRAP}


class MeasuringWorker(Worker):
    """Runs each measuring in a process of its own, so that a film which breaks a library breaks nothing else."""

    asked_to_stop = False
    max_connection_wait_time = 5.0  # between two tries to reach Redis, s; rq's own goes up to 60

    def get_heartbeat_ttl(self, job: Job, *args: Any, **options: Any) -> int:
        return HEARTBEAT_S

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        # SQLite forbids carrying an open connection into another process.
        connections.close_all()
        super().fork_work_horse(job, queue)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        _end_with_parent(self.pid)
        super().main_work_horse(job, queue)

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Stop at once: rq would wait for the end of the film, but what was begun is measured again anyway."""
        self.asked_to_stop = True
        if self.horse_pid:
            self.kill_horse()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def heartbeat(self, *args: Any, **options: Any) -> None:
        """Stop here when rq's `StopRequested` was lost: raised while a log is written, logging takes it for its own."""
        if self.asked_to_stop and self.get_state() != WorkerStatus.BUSY:
            raise StopRequested
        super().heartbeat(*args, **options)


def _end_with_parent(parent: int | None) -> None:
    """Let the kernel kill this process when its worker dies; otherwise it would measure on, seen by nobody."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)


def _process_ended(job: Job, pid: int | None, status: int | None, usage: Any) -> None:
    """Tell the books; without a status, rq itself ended a process that overran its time and would not be stopped."""
    if status is None:
        process_died(by=job.id, why="measuring_took_too_long")
    else:
        broke = os.WIFSIGNALED(status) and os.WTERMSIG(status) in BROKE
        process_died(by=job.id, why="measuring_broke_off" if broke else None)


def _load() -> None:
    """Load libraries and weights before the first fork: otherwise each measuring spends its first seconds on them."""
    importlib.import_module("engine.pipeline")
    from engine import pose, weights

    try:
        weights.detector()
        pose.landmark_network()
    except weights.WeightsUnusable as error:
        log.error("No film can be measured here. %s", error)


def work_until_asked_to_stop(pause_s: float) -> None:
    """Work; when Redis goes away, wait for it to come back instead of ending."""
    _load()
    while True:
        worker = None
        try:
            redis = queue.connection()
            worker = MeasuringWorker(
                [queue.measuring_queue(redis)],
                connection=redis,
                serializer=JSONSerializer,
                maintenance_interval=TIDY_EVERY_S,
                job_monitoring_interval=LOOK_EVERY_S,
                work_horse_killed_handler=_process_ended,
            )
            worker.work(logging_level="WARNING")
        except RedisError as error:
            log.warning("Redis does not answer: %s", error)
        if worker is not None and worker.asked_to_stop:
            return
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, _end)
        time.sleep(pause_s)


def _end(signum: int, frame: FrameType | None) -> None:
    """End between two tries, where rq's own way to stop would ask Redis first."""
    sys.exit(0)
