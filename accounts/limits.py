"""How often somebody may do something: counted in the cache, in windows of a fixed length.

Sign-in, password reset and reauthentication have allauth's limits, counted in the same cache; these are for the rest.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import cast

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest


@dataclass(frozen=True)
class Limit:
    """At most `amount` times in each window of `window_s` seconds."""

    name: str
    amount: int
    window_s: int

    def passes(self, who: str) -> bool:
        """Count one more try of `who`; False when it is one too many."""
        return self.count(who) <= self.amount

    def count(self, who: str) -> int:
        """Count one more try of `who`; return how many there are in this window."""
        key = self._key(who)
        if cache.add(key, 1, self.window_s):
            return 1
        try:
            return cache.incr(key)
        except ValueError:  # the window ended between the two questions
            return 1

    def _key(self, who: str) -> str:
        # A hash, for what tells people apart (an address, a secret link) has no business in the cache.
        digest = hashlib.sha256(who.encode()).hexdigest()[:32]
        return f"limit:{self.name}:{digest}:{int(time.time()) // self.window_s}"

    @property
    def retry_after_s(self) -> int:
        """When the next window begins."""
        return self.window_s - int(time.time()) % self.window_s


def caller(request: HttpRequest) -> str:
    """The network address of whoever asks, as far as TRUSTED_PROXIES lets it be known."""
    return cast(str, get_adapter().get_client_ip(request))
