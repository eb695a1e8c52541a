"""What was asked of each service, how it went and how long it took, counted in Redis by all processes together."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import cast

from redis.exceptions import RedisError

from providers.base import Kind
from providers.pacing import client

logger = logging.getLogger(__name__)

CALLS, SECONDS = "meter:calls", "meter:seconds"


@dataclass(frozen=True)
class Count:
    """Requests of one kind with one outcome, a status or an error's code, since Redis began to count."""

    service: str
    kind: str
    outcome: str
    calls: int
    seconds: float


class SharedMeter:
    """Count for one service. Without Redis a request is not counted, and not held up either."""

    def __init__(self, redis_url: str, service: str) -> None:
        self._redis_url = redis_url
        self._service = service

    def note(self, kind: Kind, outcome: str, seconds: float) -> None:
        field = f"{self._service}:{kind}:{outcome}"
        try:
            with client(self._redis_url).pipeline(transaction=False) as counting:
                counting.hincrby(CALLS, field, 1)
                counting.hincrbyfloat(SECONDS, field, seconds)
                counting.execute()
        except RedisError as error:
            logger.warning("a request was not counted: %s", type(error).__name__)


def counts(redis_url: str) -> list[Count]:
    """Return all that was counted. Raises RedisError."""
    redis = client(redis_url)
    calls = cast("dict[bytes, bytes]", redis.hgetall(CALLS))
    seconds = cast("dict[bytes, bytes]", redis.hgetall(SECONDS))
    found = []
    for field, number in sorted(calls.items()):
        service, kind, outcome = field.decode().split(":", 2)
        found.append(Count(service, kind, outcome, int(number), float(seconds.get(field, 0))))
    return found
