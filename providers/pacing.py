"""How many requests may be under way at once, and how fast they may follow one another."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from providers.base import Kind, ProviderUnavailable
from providers.words import gettext_noop

logger = logging.getLogger(__name__)

MAX_IN_FLIGHT = 5  # ours: no limit is published
MAX_PER_S = 10.0  # ours: what five requests of half a second each come to
BURST = 10  # so many may follow at once after a pause
MAX_WAIT_S = 60.0  # an upload may hold a place for long; beyond this the job had better come back later
PLACE_S = 20.0  # a process that dies gives its place back after this; a live one renews it every third of it
REDIS_TIMEOUT_S = 2.0

# In: the key of the places, the key of the rate, our name, places, seconds a place lasts, requests a second, burst.
# Out: 0 when the request may go out, else after how many ms to ask again. Redis' clock counts: machines differ.
# What it never writes is of a time before it was set back.
ACQUIRE = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '(' .. now + tonumber(ARGV[3]) * 1000, '+inf')
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 100 end
local gap = 1000 / tonumber(ARGV[4])
local free = math.max(tonumber(redis.call('GET', KEYS[2]) or now), now)
if free > now + gap * (tonumber(ARGV[5]) + 1) then free = now end
local ahead = free - now - gap * (tonumber(ARGV[5]) - 1)
if ahead > 0 then return math.ceil(ahead) end
redis.call('SET', KEYS[2], free + gap, 'PX', math.ceil(free + gap - now) + 1000)
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[3]) * 1000, ARGV[1])
redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[3]) * 1000)
return 0
"""
RENEW = """
local t = redis.call('TIME')
local ends = t[1] * 1000 + math.floor(t[2] / 1000) + tonumber(ARGV[2]) * 1000
redis.call('ZADD', KEYS[1], ends, ARGV[1])
return redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[2]) * 1000)
"""


class InProcessPacer:
    """Let at most `in_flight` requests of this process out at once."""

    def __init__(self, in_flight: int = MAX_IN_FLIGHT, max_wait_s: float = MAX_WAIT_S) -> None:
        self._places = threading.BoundedSemaphore(in_flight)
        self._max_wait_s = max_wait_s

    @contextmanager
    def acquire(self, kind: Kind) -> Iterator[None]:
        if not self._places.acquire(timeout=self._max_wait_s):
            raise too_many()
        try:
            yield
        finally:
            self._places.release()


_shared: dict[str, InProcessPacer] = {}
_shared_lock = threading.Lock()


def shared_pacer(url: str) -> InProcessPacer:
    """Return this process's one pacer for a service: every job connects anew, and they must share the limit."""
    with _shared_lock:
        return _shared.setdefault(url, InProcessPacer())


class SharedPacer:
    """The same for all processes of a portal together, by a count in Redis; this process's own while Redis is away."""

    def __init__(
        self,
        redis_url: str,
        name: str,
        service_url: str,
        *,
        in_flight: int = MAX_IN_FLIGHT,
        per_s: float = MAX_PER_S,
        burst: int = BURST,
        max_wait_s: float = MAX_WAIT_S,
        place_s: float = PLACE_S,
    ) -> None:
        """`name` tells accounts apart; it must not be the key itself."""
        self._redis_url = redis_url
        self._keys = (f"pacing:{name}:places", f"pacing:{name}:rate")
        self._own = shared_pacer(service_url)
        self._in_flight, self._per_s, self._burst = in_flight, per_s, burst
        self._max_wait_s, self._place_s = max_wait_s, place_s

    @contextmanager
    def acquire(self, kind: Kind) -> Iterator[None]:
        try:
            place = self._take()
        except RedisError as error:
            logger.warning("pacing without Redis: %s", type(error).__name__)
            with self._own.acquire(kind):
                yield
            return
        over = threading.Event()
        renewing = threading.Thread(target=self._renew, args=(place, over), name="place", daemon=True)
        renewing.start()
        try:
            yield
        finally:
            over.set()
            renewing.join()
            self._give_back(place)

    def _take(self) -> str:
        """Wait for a place and return its name. Raises ProviderUnavailable, RedisError."""
        place = uuid.uuid4().hex
        deadline = time.monotonic() + self._max_wait_s
        take = client(self._redis_url).register_script(ACQUIRE)
        while True:
            wait_ms = take(self._keys, [place, self._in_flight, self._place_s, self._per_s, self._burst])
            if not wait_ms:
                return place
            if time.monotonic() + int(wait_ms) / 1000 > deadline:
                raise too_many()
            time.sleep(int(wait_ms) / 1000)

    def _renew(self, place: str, over: threading.Event) -> None:
        renew = client(self._redis_url).register_script(RENEW)
        while not over.wait(self._place_s / 3):
            try:
                renew(self._keys[:1], [place, self._place_s])
            except RedisError as error:
                logger.warning("a place could not be renewed: %s", type(error).__name__)

    def _give_back(self, place: str) -> None:
        try:
            client(self._redis_url).zrem(self._keys[0], place)
        except RedisError as error:
            # It frees itself when its time is over.
            logger.warning("a place could not be given back: %s", type(error).__name__)


@lru_cache(maxsize=4)
def client(redis_url: str) -> Redis:
    """Return this process's connections to what all count together; a Redis that stands still holds nobody up."""
    return Redis.from_url(
        redis_url,
        socket_timeout=REDIS_TIMEOUT_S,
        socket_connect_timeout=REDIS_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
    )


def too_many() -> ProviderUnavailable:
    return ProviderUnavailable(
        gettext_noop("Too many requests to the measuring service are under way; try again in a minute."),
        code="too_many_in_flight",
        retry_after_s=60.0,
    )
