"""Half-written files of processes that were killed: nobody knows of them, so age alone tells them from work."""

from __future__ import annotations

import shutil
import time
from datetime import datetime
from pathlib import Path

import structlog
from django.conf import settings

from clips import storage

log = structlog.get_logger(__name__)

# Ours: whoever works on a film writes every few seconds, and no job may take longer than ten minutes.
LEFT_BEHIND_AFTER_S = 2 * 3600


def remove_leftovers(*, now: datetime) -> int:
    """Remove what nobody has touched for two hours from where films are worked on and stored; return how many."""
    before = now.timestamp() - LEFT_BEHIND_AFTER_S
    found = [*Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir(), *storage.begun_files()]
    left = [path for path in found if _touched_at(path) < before]
    for path in left:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)  # another clock may be at it
        else:
            path.unlink(missing_ok=True)
        log.info("leftover_removed", name=path.name)
    return len(left)


def _touched_at(path: Path) -> float:
    """Return when something in it was written last, as a time stamp; now for what is gone meanwhile."""
    try:
        return max(one.stat().st_mtime for one in (path, *path.rglob("*")))
    except FileNotFoundError:
        return time.time()
