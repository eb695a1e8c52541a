"""manage.py clock: run what stands in coachportal/cron.py, each in its time, until stopped."""

from __future__ import annotations

import signal
import threading
import time
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import InterfaceError, InternalError, OperationalError, close_old_connections
from redis.exceptions import RedisError

from clips import storage
from coachportal.cron import TURNS, Turn

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "Run what is due, again and again. Any number of clocks may run: every turn may be taken twice."

    def handle(self, *args: Any, **options: Any) -> None:
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        next_at = dict.fromkeys(TURNS, 0.0)
        while not stopped.wait(0.2):
            for turn in TURNS:
                if time.monotonic() >= next_at[turn]:
                    self._take(turn)
                    next_at[turn] = time.monotonic() + turn.every_s

    def _take(self, turn: Turn) -> None:
        try:
            close_old_connections()
            done = turn.do()
        except (OperationalError, InterfaceError, InternalError, RedisError, *storage.TROUBLE) as error:
            # Database, Redis or the store is away or takes nothing: the next turn is soon, nothing is lost meanwhile.
            log.warning("turn_missed", turn=turn.name, error=type(error).__name__)
        else:
            if done:
                log.debug("turn", turn=turn.name, done=done)
