"""Whether the disk has room for one more film: a full disk is no fault of the film, and nothing is lost by waiting."""

from __future__ import annotations

import errno
import shutil

from django.db import OperationalError

from engine import settings

NEEDED_BYTES = 200_000_000  # ours: far above a film, its pictures while it is measured, and its answer
DISK_IS_FULL = {errno.ENOSPC, errno.EDQUOT}


def has_room() -> bool:
    """Say whether one more film may be taken in or measured."""
    return shutil.disk_usage(settings.ENGINE_VAR).free >= NEEDED_BYTES


def is_of_the_machine(error: Exception) -> bool:
    """Say whether the disk or the database broke the work off, and not the film."""
    return isinstance(error, OperationalError) or (isinstance(error, OSError) and error.errno in DISK_IS_FULL)
