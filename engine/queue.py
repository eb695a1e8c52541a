"""The doorbell: a message in Redis says "an analysis may be due", never which; the database knows that.

A lost message costs at most a turn of the clock (clock.py), which rings again for whatever is due.
"""

from __future__ import annotations

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from engine import settings

KEEP_ENDED_S = 60
KEEP_FAILED_S = 3600


def connection() -> Redis:
    """Return a connection to our Redis; time-outs keep a stopped Redis from holding a request up."""
    return Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2)


def measuring_queue(redis: Redis) -> Queue:
    """Return the one queue of the server."""
    # JSON, not pickle: who can write to Redis must not be able to run code.
    return Queue(settings.QUEUE, connection=redis, serializer=JSONSerializer)


def ring(times: int = 1) -> None:
    """Wake up to `times` measuring processes; raise redis.RedisError when Redis is away."""
    with connection() as redis:
        queue = measuring_queue(redis)
        for _ in range(times):
            queue.enqueue(
                "engine.jobs.measure_next",
                job_timeout=settings.MEASURING_LIMIT_S,
                result_ttl=KEEP_ENDED_S,
                failure_ttl=KEEP_FAILED_S,
            )


def waiting() -> int:
    """Return how many messages nobody has taken yet."""
    with connection() as redis:
        return measuring_queue(redis).count
