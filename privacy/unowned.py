"""Files no row leads to: their writer was killed after the file and before the row that would name it.

A film's row is there before its files. A report, a logo and the scan of a consent are written before theirs, under
names nobody can guess: without the row nobody finds them again, not even to erase a runner.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from clips import storage
from reports.models import Look, Report
from subjects.models import Consent

log = structlog.get_logger(__name__)

WRITTEN_FIRST = ((Report, "key", "reports/"), (Look, "logo_key", "logos/"), (Consent, "scan_key", "consents/"))
# Ours: whoever restored a database from before the files has a week to find the newer one.
REMOVED_AFTER = timedelta(days=7)


def remove_unowned(*, now: datetime) -> int:
    """Remove the files of which no row has known for a week; return how many. Raises storage.TROUBLE."""
    count = 0
    for model, field, folder in WRITTEN_FIRST:
        stored = set(storage.every_key(folder))
        for key in stored.difference(model._default_manager.values_list(field, flat=True).iterator()):
            if storage.written_at(key) < now - REMOVED_AFTER:
                storage.delete(key)
                log.info("unowned_file_removed", folder=folder)
                count += 1
    return count
