"""How many requests may be under way at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from providers.base import Kind, ProviderUnavailable

MAX_IN_FLIGHT = 5  # no limit is published; ours, contract §11 no. 13
MAX_WAIT_S = 60.0  # an upload may hold a place for long; beyond this the job had better come back later


class InProcessPacer:
    """Let at most `in_flight` requests of this process out at once."""

    def __init__(self, in_flight: int = MAX_IN_FLIGHT, max_wait_s: float = MAX_WAIT_S) -> None:
        self._places = threading.BoundedSemaphore(in_flight)
        self._max_wait_s = max_wait_s

    @contextmanager
    def acquire(self, kind: Kind) -> Iterator[None]:
        if not self._places.acquire(timeout=self._max_wait_s):
            raise ProviderUnavailable(
                "Too many requests to the measuring service are under way; try again in a minute.",
                code="too_many_in_flight",
                retry_after_s=60.0,
            )
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
