"""The clock: what must happen even if every message and every other process was lost."""

from __future__ import annotations

import logging
import time

from django.db import OperationalError
from redis import RedisError

from engine import queue
from engine.actions import due
from engine.webhooks import Deliverer

log = logging.getLogger(__name__)


class Clock:
    """Deliver due events every turn, and every few seconds wake workers for analyses nobody holds."""

    def __init__(self, ring_every_s: float) -> None:
        self._deliverer = Deliverer()
        self._ring_every_s = ring_every_s
        self._rung_at = 0.0
        self._redis_was_away = False

    def turn(self) -> None:
        """Do what is due now; a database or Redis that is away is tried again on the next turn."""
        try:
            self._deliverer.deliver_due()
            if time.monotonic() - self._rung_at >= self._ring_every_s:
                self._rung_at = time.monotonic()
                self._ring()
        except OperationalError as error:
            log.warning("the database did not answer: %s", error)

    def close(self) -> None:
        """Let the calls under way end."""
        self._deliverer.close()

    def _ring(self) -> None:
        """Send as many messages as analyses are due and not yet announced."""
        wanted = due().count()
        if not wanted:
            return
        try:
            missing = wanted - queue.waiting()
            if missing > 0:
                queue.ring(missing)
            self._redis_was_away = False
        except RedisError as error:
            if not self._redis_was_away:
                log.warning("Redis did not answer, analyses wait: %s", error)
            self._redis_was_away = True
