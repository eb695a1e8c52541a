"""Tell the workers that a row is due. The row is the truth: a hint may be lost, doubled or late.

The clock sends the hint again for whatever stays due, so nobody waits for Redis and nothing is lost with it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import django_rq
import structlog
from redis.exceptions import RedisError
from rq import Queue
from rq.exceptions import DuplicateJobError

log = structlog.get_logger(__name__)

# In each quarter of a minute one hint for a row and step at a time, else a busy queue would fill with copies: its id is
# free again when the work is done. The time in the id matters: that of a job which failed, or whose worker died, stays
# taken for as long as its remains are kept.
BUCKET_S = 15


class Ration:
    """So many hints a second from this process, evenly: for what comes in bursts no worker keeps up with.

    More would only pile up in Redis, and each costs as much as all the rest of a call; the clock hints at what is left.
    Were a second's hints all given out at its beginning, every call of that moment would wait for them.
    """

    AT_ONCE = 3

    def __init__(self, a_second: int) -> None:
        self._a_second = a_second
        self._left, self._seen_s = float(min(self.AT_ONCE, a_second)), time.time()
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Take a hint; False when none is left at this moment."""
        with self._lock:
            now = time.time()
            came = max(0.0, now - self._seen_s) * self._a_second  # a clock may be set back
            self._left, self._seen_s = min(self._left + came, self.AT_ONCE), now
            if self._left < 1:
                return False
            self._left -= 1
            return True


@lru_cache(maxsize=8)
def _queue(name: str) -> Queue:
    """The queue with its connections, which are opened anew when they break: making them takes longer than a hint."""
    queue: Queue = django_rq.get_queue(name)
    return queue


def send_hint(step: Callable[..., None], *, queue: str, job_timeout_s: int | None = None, **row: int) -> bool:
    """Have a worker call `step` with the number of one row, `analysis_id=7`; return whether a hint went out.

    Call it after the commit: a worker may be quicker than the transaction.
    """
    ((field, number),) = row.items()
    context: dict[str, Any] = structlog.contextvars.get_contextvars()
    more = {} if job_timeout_s is None else {"job_timeout": job_timeout_s}
    try:
        _queue(queue).enqueue(
            step,
            **row,
            job_id=f"{step.__name__}-{number}-{int(time.time()) // BUCKET_S}",
            unique=True,
            result_ttl=0,
            failure_ttl=86400,
            meta={"request_id": context.get("request_id", "")},
            **more,
        )
    except DuplicateJobError:
        return False
    except RedisError as error:
        log.warning("hint_lost", step=step.__name__, error=type(error).__name__, **{field: number})
        return False
    return True


def waiting_hints(queue: str) -> int:
    """Return how many hints no worker has taken yet; 0 when Redis does not say."""
    try:
        return int(_queue(queue).count)
    except RedisError as error:
        log.warning("queue_not_counted", queue=queue, error=type(error).__name__)
        return 0
