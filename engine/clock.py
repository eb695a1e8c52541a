"""The clock: what must happen even if every message and every other process was lost."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from django.db import OperationalError
from redis import RedisError

from engine import queue, settings
from engine.actions import due
from engine.models import Analysis
from engine.webhooks import Deliverer

log = logging.getLogger(__name__)

RING_EVERY_S = 2.0
TIDY_EVERY_S = 600.0
LEFT_BEHIND_S = 3600.0  # ours: no upload takes an hour


class Clock:
    """Deliver due events every turn; now and then wake workers for analyses nobody holds, and tidy up."""

    def __init__(self) -> None:
        self._deliverer = Deliverer()
        self._next_at = {self._ring: 0.0, self._tidy: 0.0}
        self._redis_was_away = False

    def turn(self) -> None:
        """Do what is due now; a database or Redis that is away is tried again on the next turn."""
        try:
            self._deliverer.deliver_due()
            for deed, pause_s in ((self._ring, RING_EVERY_S), (self._tidy, TIDY_EVERY_S)):
                if time.monotonic() >= self._next_at[deed]:
                    self._next_at[deed] = time.monotonic() + pause_s
                    deed()
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

    def _tidy(self) -> None:
        """Remove what processes left behind that were killed between two steps: broken uploads, films without a row."""
        left = [path for folder in (settings.INCOMING, settings.FILMS) for path in folder.iterdir() if _is_old(path)]
        known = set(Analysis.objects.filter(pk__in=[path.stem for path in left]).values_list("pk", flat=True))
        for path in left:
            if path.parent == settings.INCOMING or path.stem not in known:
                path.unlink(missing_ok=True)
                log.info("removed %s, which an interrupted upload left behind", path.name)


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > LEFT_BEHIND_S
    except FileNotFoundError:  # an upload that has just ended
        return False
