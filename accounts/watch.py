"""Who looked at whom: written once an hour for a person and a runner, however many pages they open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from accounts.actions import record
from accounts.models import AuditEntry, Membership
from accounts.record import pseudonym

ONCE_IN_S = 3600


def note_look(member: Membership, row: Any) -> None:
    """Record that this member opened a row that tells whose it is by `runner_code`; other rows are nobody's.

    The cache only saves asking the database again: what it forgets costs a query, never an entry.
    """
    if not hasattr(type(row), "runner_code"):
        return
    if not cache.add(f"looked:{member.pk}:{pseudonym(row.code)}", True, ONCE_IN_S):
        return
    if (code := row.runner_code) is None:
        return
    key, since = pseudonym(code), timezone.now() - timedelta(seconds=ONCE_IN_S)
    known = AuditEntry.objects.filter(organization=member.organization_id, subject_key=key, at__gt=since)
    if not known.filter(by=member.user_id, action=AuditEntry.Action.VIEWED).exists():
        record(organization=member.organization, by=member.user, action=AuditEntry.Action.VIEWED, runner=code)
