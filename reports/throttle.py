"""How often a public address may be asked for: so many times a minute, counted in Django's cache.

A token has 256 random bits, so guessing is hopeless; this keeps guesses and a film played in a loop from costing
much. Without a shared cache every web process counts for itself, so the true limit is that many times higher.
"""

from __future__ import annotations

import hashlib

from django.core.cache import cache

WITHIN_S = 60


def too_often(what: str, *, most: int) -> bool:
    """Count one more request for `what`; True when there were more than `most` within a minute."""
    key = f"reports.throttle:{hashlib.sha256(what.encode()).hexdigest()}"
    if cache.add(key, 1, WITHIN_S):
        return False
    try:
        return cache.incr(key) > most
    except ValueError:  # the minute ended between the two
        return False
